"""From the JSON of a source map to a compiled one, however large and however odd."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.sourcemaps.compiled.cache import Cache
from headwater.sourcemaps.compiled.memory import MemoryBytes
from headwater.sourcemaps.compiled.parts import Bytes
from headwater.sourcemaps.compiled.read import CompiledMap
from headwater.sourcemaps.compiled.write import TextPlace
from headwater.sourcemaps.compiling import compile as module
from headwater.sourcemaps.compiling import stored_texts
from headwater.sourcemaps.compiling.compile import CompiledSummary, compile_map, nothing_known
from headwater.sourcemaps.compiling.stored_texts import Known
from headwater.sourcemaps.reading import entries, literals, order, piece
from headwater.sourcemaps.reading.document import (
    HalfSurrogates,
    MalformedSourceMap,
    SourceMapTooLarge,
)
from headwater.sourcemaps.reading.literals import without_half_surrogates
from tests.sourcemaps.encode import Segment, encode_mappings

LONG = "// a comment of some length that is no secret\n" * 40


def members(**changed: Any) -> dict[str, Any]:
    plain = {"version": 3, "sources": ["a.js"], "names": [], "mappings": "AAAA"}
    return {**plain, **changed}


class Files(dict[str, bytes]):
    """Compiled files by their keys, compiled from JSON and opened."""

    def compile(
        self, content: dict[str, Any] | bytes, key: str = "map", known: Known = nothing_known
    ) -> CompiledSummary:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        written: list[bytes] = []
        summary = compile_map(memoryview(data), written.append, key, known)
        self[key] = b"".join(written)
        return summary

    def open(self, key: str = "map") -> CompiledMap:
        return CompiledMap(self.file(key), self.file, Cache())

    def file(self, key: str) -> Bytes:
        return MemoryBytes(key, self[key])


def compiled(content: dict[str, Any] | bytes) -> CompiledMap:
    files = Files()
    files.compile(content)
    return files.open()


def text_of(found: CompiledMap, source: int) -> str | None:
    text = found.text(source)
    return None if text is None else "".join(text.pieces())


def names_of(found: CompiledMap) -> list[str]:
    return [found.names[index] for index in range(len(found.names))]


def test_the_summary_tells_what_was_written() -> None:
    files = Files()

    summary = files.compile(members(sourcesContent=[LONG], debugId="an id", version=4))

    assert summary.size == len(files["map"])
    assert summary.debug_id == "an id"
    assert summary.faults == ("`version` must be 3, there is 4",)
    assert (summary.mappings, summary.sources, summary.holders) == (1, 1, ())
    assert [each.digest for each in summary.texts] == [sha256(LONG.encode()).digest()]


def test_a_text_that_another_file_holds_is_not_stored_again() -> None:
    files = Files()
    first = files.compile(members(sourcesContent=[LONG]), "first")
    places = {each.digest: each._replace(holder="first") for each in first.texts}

    second = files.compile(members(sourcesContent=[LONG]), "second", lambda _: places)

    assert second.texts == []
    assert second.holders == ("first",)
    assert second.size < first.size
    assert text_of(files.open("second"), 0) == LONG


def test_a_text_that_two_sources_have_is_stored_once() -> None:
    files = Files()

    summary = files.compile(members(sources=["a.js", "b.js"], sourcesContent=[LONG, LONG]))

    assert len(summary.texts) == 1
    assert text_of(files.open(), 1) == LONG


def test_short_texts_are_not_looked_for_elsewhere() -> None:
    asked: list[bytes] = []

    def known(digests: Sequence[bytes]) -> Mapping[bytes, TextPlace]:
        asked.extend(digests)
        return {}

    summary = Files().compile(
        members(sources=["a.js", "b.js"], sourcesContent=["short", LONG]), known=known
    )

    assert asked == [sha256(LONG.encode()).digest()]
    assert len(summary.texts) == 1


def test_a_text_in_one_file_too_many_is_stored_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headwater.sourcemaps.compiled.write.MAX_HOLDERS", 1)
    files, texts = Files(), [LONG + "1", LONG + "2"]
    places: dict[bytes, TextPlace] = {}
    for number, text in enumerate(texts):
        key = f"holder {number}"
        held = files.compile(members(sourcesContent=[text]), key).texts
        places.update((each.digest, each._replace(holder=key)) for each in held)

    summary = files.compile(
        members(sources=["a", "b"], sourcesContent=texts), known=lambda _: places
    )

    assert summary.holders == ("holder 0",)
    assert [text_of(files.open(), source) for source in (0, 1)] == texts


def test_sources_are_looked_for_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_texts, "_BATCH", 2)
    asked: list[int] = []

    def known(digests: Sequence[bytes]) -> Mapping[bytes, TextPlace]:
        asked.append(len(digests))
        return {}

    texts = [LONG + str(number) for number in range(5)]
    files = Files()

    files.compile(members(sources=list("abcde"), sourcesContent=texts), known=known)

    assert asked == [2, 2, 1]
    assert [text_of(files.open(), source) for source in range(5)] == texts


TEXTS = st.text(st.characters(codec="utf-8"), max_size=300)


@given(TEXTS, st.integers(13, 90), st.sampled_from([True, False]))
def test_a_text_is_the_same_however_it_is_cut(text: str, window: int, escaped: Any) -> None:
    data = json.dumps(members(sourcesContent=[text]), ensure_ascii=escaped).encode()
    files = Files()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(literals, "PIECE", window)
        patch.setattr(stored_texts, "PIECE", window)
        files.compile(data)

    assert text_of(files.open(), 0) == text


ENTRIES = st.lists(st.text(max_size=20) | st.none() | st.integers() | st.just(["a", {"b": "]"}]))


@given(ENTRIES, st.integers(100, 150))
def test_a_list_is_the_same_however_it_is_cut(values: list[Any], window: int) -> None:
    raw = json.dumps(values, ensure_ascii=False).encode("utf-8", "replace")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(entries, "WINDOW", window)
        found = [each for batch in entries.batches(memoryview(raw)) for each in batch]

    shown = [None if isinstance(each, entries.Entry) else each for each in found]
    plain = [None if isinstance(each, list) else each for each in json.loads(raw)]
    assert shown == plain


def test_a_number_longer_than_a_window_costs_only_itself() -> None:
    data = json.dumps(members(names=["a", 0, "b"])).replace(" 0,", " " + "1" * 300_000 + ",")

    found = compiled(data.encode())

    assert names_of(found) == ["a", "", "b"]


def test_names_and_sources_over_the_limit_are_cut_and_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(piece, "MAX_ENTRY", 4)
    monkeypatch.setattr(piece, "MAX_SOURCE", 4)

    found = compiled(members(sources=["a.js", "longer.js"], names=["pay", "payment"]))

    assert [found.source(index).name for index in (0, 1)] == ["a.js", "long"]
    assert names_of(found) == ["pay", "paym"]
    assert found.faults == (
        "`sources` has entries over 4 characters; they were cut",
        "`names` has entries over 4 characters; they were cut",
    )


def test_a_very_long_source_root_does_not_make_every_source_as_long() -> None:
    found = compiled(members(sources=["a.js", "b.js"], sourceRoot="r" * 1_000_000))

    assert [found.source(index).name for index in (0, 1)] == ["r" * piece.MAX_SOURCE] * 2
    assert found.faults == ("`sources` has entries over 4,096 characters; they were cut",)


def test_a_debug_id_that_is_far_too_long_is_left_out_and_named() -> None:
    found = compiled(members(debugId="d" * 1_000_000))

    assert found.debug_id is None
    assert found.faults == ("`debugId` has more than 64 characters; it was left out",)


def test_of_very_many_faults_the_first_are_kept_and_how_many_more() -> None:
    wrong = {"offset": {"line": 0, "column": 0}, "map": members(version=2)}

    found = compiled({"version": 3, "sections": [wrong] * (module.MAX_FAULTS + 5)})

    assert len(found.faults) == module.MAX_FAULTS + 1
    assert found.faults[-1].startswith("and ")


@pytest.mark.parametrize(("what", "limit"), [("names", "MAX_ENTRIES"), ("sources", "MAX_SOURCES")])
def test_more_entries_than_the_limit_are_refused(
    what: str, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, limit, 3)

    with pytest.raises(SourceMapTooLarge, match=f"more than 3 entries in `{what}`"):
        compiled(members(**{what: list("abcd")}))


def test_more_mappings_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_MAPPINGS", 3)

    with pytest.raises(SourceMapTooLarge, match="more than 3 mappings"):
        compiled(members(mappings="A,A,A,A"))


def segments_of(found: CompiledMap, places: Sequence[tuple[int, int]]) -> list[int]:
    looked_up = (found.lookup(line, column) for line, column in places)
    return [each.source_line for each in looked_up if each is not None]


COLUMNS = st.lists(st.integers(0, 50), min_size=1, max_size=60)


@given(COLUMNS)
def test_mappings_in_any_order_are_found(columns: list[int]) -> None:
    line: list[Segment] = [(column, 0, number, 0) for number, column in enumerate(columns)]
    last = {column: number for number, column in enumerate(columns)}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(order, "MAX_DISORDER", 60)
        patch.setattr("headwater.sourcemaps.reading.mappings.WINDOW", 30)
        found = compiled(members(mappings=encode_mappings([line])))

    assert segments_of(found, [(0, column) for column in last]) == list(last.values())


def test_a_mapping_that_comes_far_too_late_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order, "MAX_DISORDER", 4)
    monkeypatch.setattr("headwater.sourcemaps.reading.mappings.WINDOW", 12)
    line: list[Segment] = [(column, 0, 0, 0) for column in (*range(1, 30), 0)]

    with pytest.raises(SourceMapTooLarge, match="more than 4 mappings too late"):
        compiled(members(mappings=encode_mappings([line])))


def test_slashes_that_are_escaped_in_mappings_are_read() -> None:
    written = encode_mappings([[(0, 0, 40, 0), (31, 0, 9, 2)]])
    data = json.dumps(members(mappings=written)).replace("/", "\\/").encode()

    found = compiled(data)

    assert "/" in written
    assert segments_of(found, [(0, 31)]) == [9]
    assert found.faults == ()


def test_half_surrogates_are_mended_in_place() -> None:
    data = b'{"version":3,"sources":["a\\ud83d"],"names":["\\ud83d\\ude00\\\\ud83d"],"mappings":""}'
    with pytest.raises(HalfSurrogates):
        compiled(data)
    files = Files()
    written: list[bytes] = []

    mended = b"".join(without_half_surrogates(memoryview(data)))
    compile_map(mended, written.append, "map", is_repaired=True)

    files["map"] = b"".join(written)
    assert len(mended) == len(data)
    assert files.open().source(0).name == "a\ufffd"
    assert names_of(files.open()) == ["\U0001f600\\ud83d"]
    assert files.open().faults == ("half surrogate pairs in strings were replaced",)


def test_what_is_no_json_is_malformed_though_it_has_half_surrogates() -> None:
    mended = b"".join(without_half_surrogates(memoryview(b'{"version":"\\ud83d"')))

    with pytest.raises(MalformedSourceMap, match="not JSON"):
        compile_map(mended, lambda _: None, "map", is_repaired=True)


def section(line: int, column: int, **changed: Any) -> dict[str, Any]:
    return {"offset": {"line": line, "column": column}, "map": members(**changed)}


def test_sections_in_any_order_answer_by_their_offsets() -> None:
    index = {
        "version": 3,
        "sections": [
            section(0, 20, sources=["second.js"], names=["b"], mappings="AAAAA"),
            section(0, 0, sources=["first.js"], names=["a"], mappings="AAAAA"),
        ],
    }

    found = compiled(index)

    answers = [found.lookup(0, column) for column in (5, 25)]
    assert all(each is not None and each.source is not None for each in answers)
    names = [found.name(each) for each in answers if each is not None]
    assert names == ["a", "b"]
    assert [found.source(index).name for index in (0, 1)] == ["first.js", "second.js"]
    assert found.faults == ("sections must be in the order of their offsets",)


def test_faults_of_sections_are_in_the_order_of_the_file() -> None:
    index = {
        "version": 3,
        "sections": [
            section(5, 0, names=1),
            {"offset": None},
            section(0, 0, sources=2, mappings="A"),
            {"offset": {"line": 9, "column": 0}, "map": {}},
        ],
    }

    found = compiled(index)

    assert [each.split(": ")[0] for each in found.faults] == [
        "a section without a usable `offset` was left out",
        "section at line 6, column 0",
        "section at line 1, column 0",
        "a section without a usable `map` was left out",
        "sections must be in the order of their offsets",
    ]


def test_empty_sections_without_end_are_refused_while_they_are_read() -> None:
    data = b'{"version":3,"sections":[' + b"{}," * 20_000 + b"{}]}"

    with pytest.raises(SourceMapTooLarge, match="more than 10,000 sections"):
        compiled(data)


def test_nothing_is_asked_of_a_map_that_holds_no_texts() -> None:
    def known(_digests: Sequence[bytes]) -> Mapping[bytes, TextPlace]:
        raise AssertionError

    summary = Files().compile(members(), known=known)

    assert summary.texts == []


@pytest.mark.parametrize("member", ["names", "sources", "ignoreList", "sourcesContent"])
@pytest.mark.parametrize("inner", ['[[["]"]]]', '{"a":{"b":"}"}}', "1e3", "-0.5", "true"])
def test_entries_of_other_types_cost_only_themselves(member: str, inner: str) -> None:
    data = json.dumps(members()).encode()[:-1] + f',"{member}":[{inner},{inner}]}}'.encode()

    found = compiled(data)

    assert found.faults or member == "sourcesContent"
    assert found.mappings <= 1
