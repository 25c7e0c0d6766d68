"""A compiled map answers as its mappings say, whatever blocks they lie in."""

import weakref
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.sourcemaps.compiled import places
from headwater.sourcemaps.compiled.cache import Cache
from headwater.sourcemaps.compiled.layout import MAX_HOLDERS
from headwater.sourcemaps.compiled.memory import MemoryBytes
from headwater.sourcemaps.compiled.parts import Bytes, CompiledFileDamaged
from headwater.sourcemaps.compiled.read import CompiledMap
from headwater.sourcemaps.compiled.write import MapWriter, TextPlace
from headwater.sourcemaps.mapping import Mapping
from headwater.sourcemaps.reading.mappings import NONE
from tests.sourcemaps.compiled.counted import CountedBytes
from tests.sourcemaps.compiled.example import opened

LARGEST = 2**31 - 1
NAMES = ("", "naïve", "b")
NUMBERS = st.integers(0, 3) | st.just(LARGEST)
Row = tuple[int, int, int, int, int, int, bool]
"""Line, column, source, source line, source column, name, whether it is a range."""


def row(line: int, column: int, source: int, place: tuple[int, int], name: int, kind: int) -> Row:
    """By kind: without source, without name, complete, or a range."""
    if kind == 0:
        return (line, column, NONE, NONE, NONE, NONE, False)
    return (line, column, source, *place, NONE if kind == 1 else name, kind == 3)


ROWS = st.lists(
    st.builds(
        row,
        *(NUMBERS, NUMBERS, st.integers(0, 2)),
        st.tuples(st.integers(0, 9), st.integers(0, 9)),
        *(st.integers(0, len(NAMES) - 1), st.integers(0, 3)),
    ),
    max_size=25,
).map(lambda rows: sorted(rows, key=lambda each: each[:2]))


@pytest.fixture(autouse=True)
def _small_blocks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(places, "ROWS", 4)
        yield


def compiled(rows: list[Row], step: int = 3) -> CompiledMap:
    written: list[bytes] = []
    writer = MapWriter(written.append, "key")
    for start in range(0, len(rows), step):
        *columns, ranges = np.array(rows[start : start + step], dtype=np.int32).T
        writer.add_mappings(columns, ranges)
    writer.add_names(NAMES)
    for number in range(3):
        writer.add_source(f"{number}.js", None, is_ignored=False)
    writer.finish()
    return opened({"key": b"".join(written)}, "key")


def with_text(text: str, rows: list[Row]) -> bytes:
    written: list[bytes] = []
    writer = MapWriter(written.append, "key")
    *columns, ranges = np.array(rows, dtype=np.int32).T
    writer.add_mappings(columns, ranges)
    writer.add_source_with("text.js", [text], is_ignored=False)
    writer.finish()
    return b"".join(written)


def expected(rows: list[Row], line: int, column: int) -> Mapping | None:
    """By the definition: the last mapping at or before the place, on its line or a range."""
    before = [each for each in rows if each[:2] <= (line, column)]
    if not before:
        return None
    *_, (at, begins, source, source_line, source_column, name, is_range) = before
    if is_range:
        source_column = column if line > at else source_column + column - begins
        source_line += line - at
        return Mapping(line, column, source, source_line, source_column, named(name))
    if at != line:
        return None
    return Mapping(
        at, begins, None if source == NONE else source, source_line, source_column, named(name)
    )


def named(name: int) -> int | None:
    return None if name == NONE else name


def told(mapping: Mapping | None) -> object:
    """What a mapping tells: without a source, its original place means nothing."""
    if mapping is None or mapping.source is not None:
        return mapping
    return mapping.line, mapping.column, mapping.name


@given(ROWS, st.integers(1, 9), st.lists(st.tuples(NUMBERS, NUMBERS | st.just(2**40))))
def test_a_look_up_gives_the_mapping_that_the_standard_says(
    rows: list[Row], step: int, asked: list[tuple[int, int]]
) -> None:
    compiled_map = compiled(rows, step)

    for place in asked:
        assert told(compiled_map.lookup(*place)) == told(expected(rows, *place))


@given(ROWS, st.integers(1, 9), NUMBERS)
def test_a_whole_line_comes_from_where_its_mappings_do(
    rows: list[Row], step: int, line: int
) -> None:
    compiled_map = compiled(rows, step)
    on_line = [each for each in rows if each[0] == line]
    mapped = [each for each in on_line if each[2] != NONE]

    origins = compiled_map.origins_of_line(line)

    assert compiled_map.has_mappings_on(line) == bool(on_line)
    assert origins.has_others == (len({each[2:4] for each in mapped}) > 1)
    first = origins.first
    assert (first and (first.column, first.source, first.source_line)) == (
        (mapped[0][1], *mapped[0][2:4]) if mapped else None
    )


def test_an_empty_map_answers_nothing() -> None:
    compiled_map = compiled([])

    assert compiled_map.lookup(0, 0) is None
    assert compiled_map.last_line is None
    assert compiled_map.mappings == 0


def test_the_last_line_and_column_that_there_can_be_are_found() -> None:
    last = (LARGEST, LARGEST, 2, LARGEST, LARGEST, 1, False)

    compiled_map = compiled([(0, 0, 0, 0, 0, 0, False), last])

    assert compiled_map.lookup(LARGEST, LARGEST) == Mapping(
        LARGEST, LARGEST, 2, LARGEST, LARGEST, 1
    )
    assert compiled_map.lookup(LARGEST, LARGEST - 1) is None
    assert compiled_map.has_mappings_on(LARGEST)
    assert compiled_map.last_line == LARGEST


@given(ROWS, st.lists(st.tuples(st.integers(-1, 6), st.integers(-1, 6)), max_size=6))
def test_many_places_are_answered_as_each_of_them(
    rows: list[Row], asked: list[tuple[int, int]]
) -> None:
    compiled_map = compiled(rows)

    for _ in range(2):
        found = compiled_map.ask(asked).origins()
        mappings = [None if each is None else each.mapping for each in found]
        assert mappings == [compiled_map.lookup(*place) for place in asked]
        assert [each for each in found if each is not None] == [
            compiled_map.origin(each) for each in mappings if each is not None
        ]
    assert not compiled_map.ask(asked).announce()


def test_a_stack_trace_that_comes_again_reads_nothing() -> None:
    file = CountedBytes("key", with_text("one\ntwo\nthree", [(0, 0, 0, 1, 2, NONE, False)]))
    compiled_map = CompiledMap(file, lambda _: file, Cache())
    first = compiled_map.ask([(0, 7), (5, 0)]).origins()
    reads = file.reads

    again = compiled_map.ask([(0, 7), (5, 0)])

    assert again.origins() == first
    assert file.reads == reads
    origin, nothing = first
    assert nothing is None
    assert origin is not None
    assert origin.excerpt is not None
    assert (origin.excerpt.lines, origin.excerpt.at) == (["one", "two", "three"], 1)


def test_what_is_kept_of_a_stack_trace_counts_with_its_lines() -> None:
    file = MemoryBytes("key", with_text("x" * 10_000, [(0, 0, 0, 0, 0, NONE, False)]))
    compiled_map = CompiledMap(file, lambda _: file, Cache(30_000))
    file.waits = True
    compiled_map.ask([(0, 0)]).origins()
    assert not compiled_map.ask([(0, 0)]).announce()

    for column in range(1, 4):
        compiled_map.ask([(0, column)]).origins()

    assert compiled_map.ask([(0, 0)]).announce()


def test_an_empty_name_is_none() -> None:
    compiled_map = compiled([(0, 0, 0, 0, 0, 0, False), (0, 5, 0, 0, 0, 1, False)])
    empty, full = compiled_map.lookup(0, 0), compiled_map.lookup(0, 5)

    assert empty is not None
    assert full is not None
    assert compiled_map.name(empty) is None
    assert compiled_map.name(full) == "naïve"


def test_lone_surrogates_in_names_of_all_kinds_become_question_marks() -> None:
    written: list[bytes] = []
    writer = MapWriter(written.append, "key")
    writer.add_names(["a\ud800"])
    writer.add_source_with("b\udfff.js", ["c\ud800"], is_ignored=True)
    writer.finish("d\ud800", ["e\ud800"])

    found = opened({"key": b"".join(written)}, "key")

    text = found.text(0)
    assert text is not None
    assert "".join(text.pieces()) == "c?"
    assert (found.names[0], found.source(0).name) == ("a?", "b?.js")
    assert (found.debug_id, found.faults) == ("d?", ("e?",))


def holding(text: str, key: str) -> tuple[bytes, TextPlace]:
    written: list[bytes] = []
    writer = MapWriter(written.append, key)
    place = writer.add_source_with("held.js", [text], is_ignored=False)
    writer.finish()
    return b"".join(written), TextPlace(place.digest, key, place.ref)


def referring(place: TextPlace) -> bytes:
    written: list[bytes] = []
    writer = MapWriter(written.append, "key")
    writer.add_source("a.js", place, is_ignored=False)
    writer.finish()
    return b"".join(written)


def test_a_text_that_another_file_holds_is_read_there() -> None:
    holder, place = holding("let a", "holder")

    text = opened({"key": referring(place), "holder": holder}, "key").text(0)

    assert text is not None
    assert list(text.pieces()) == ["let a"]


def test_an_open_map_keeps_nothing_of_what_was_read() -> None:
    content, _ = holding("let a\n" * 1000, "key")
    compiled_map = CompiledMap(MemoryBytes("key", content), _no_other, Cache(capacity=0))

    text = compiled_map.text(0)
    assert text is not None
    text.line(0)
    read = weakref.ref(text)
    del text

    assert read() is None


def _no_other(key: str) -> Bytes:
    raise AssertionError(key)


def test_a_holder_that_is_gone_or_holds_another_text_is_damage() -> None:
    _, place = holding("let a", "holder")
    other, _ = holding("let b", "holder")

    for files in ({}, {"holder": other}):
        found = opened({"key": referring(place), **files}, "key")
        with pytest.raises(CompiledFileDamaged):
            found.text(0)


def test_a_text_of_one_holder_too_many_is_left_to_be_stored_again() -> None:
    written: list[bytes] = []
    writer = MapWriter(written.append, "key")
    _, place = holding("let a", "holder")
    taken = [
        writer.add_source("a.js", place._replace(holder=str(number)), is_ignored=False)
        for number in range(MAX_HOLDERS + 1)
    ]

    assert taken == [True] * MAX_HOLDERS + [False]
    assert writer.add_source("b.js", place._replace(holder="0"), is_ignored=False)
    writer.finish()
    assert opened({"key": b"".join(written)}, "key").sources == MAX_HOLDERS + 1


def test_a_mapping_without_a_source_has_nothing_of_the_one_before() -> None:
    written: list[bytes] = []
    writer = MapWriter(written.append, "0" * 64)
    columns = [[0, 0], [0, 5], [0, NONE], [7, NONE], [9, NONE], [0, NONE]]
    writer.add_mappings([np.array(each, dtype=np.int32) for each in columns])
    writer.finish()

    found = opened({"0" * 64: b"".join(written)}, "0" * 64)

    assert found.lookup(0, 6) == Mapping(0, 5, None, 0, 0, None)
