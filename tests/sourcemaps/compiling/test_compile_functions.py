"""The second stage: whose functions are known by what, and what may be left out."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import pytest

from headwater.sourcemaps.compiled.cache import Cache
from headwater.sourcemaps.compiled.functions_file import FunctionsFile
from headwater.sourcemaps.compiled.memory import MemoryBytes
from headwater.sourcemaps.compiled.parts import Bytes, CompiledFileDamaged
from headwater.sourcemaps.compiled.read import CompiledMap
from headwater.sourcemaps.compiled.write import TextPlace
from headwater.sourcemaps.compiling import compile_functions as module
from headwater.sourcemaps.compiling.compile import compile_map, nothing_known
from headwater.sourcemaps.compiling.compile_functions import (
    FunctionsSummary,
    Originals,
    compile_functions,
    functions_now,
    table_digest,
)
from headwater.sourcemaps.compiling.stored_texts import Known
from headwater.sourcemaps.in_memory import source_map_in_memory
from headwater.sourcemaps.map_functions import FunctionName, InlinedCall
from headwater.sourcemaps.source_map import SourceMap
from headwater.sourcemaps.stored_functions import StoredFunctions
from tests.sourcemaps.compiled.counted import CountedBytes
from tests.sourcemaps.encode import encode_mappings
from tests.sourcemaps.encode_scopes import Range, Scope, encode_joined

PAY = "function pay() {\n  charge();\n}\n"
LONG = PAY + "// long enough to be looked for elsewhere\n" * 120


def members(**changed: Any) -> dict[str, Any]:
    plain = {"version": 3, "sources": ["pay.js"], "names": [], "mappings": "AAAA"}
    return {**plain, "sourcesContent": [PAY], **changed}


class Compiled:
    """A map that was compiled, and files of its functions."""

    def __init__(self, content: dict[str, Any], files: dict[str, bytes] | None = None) -> None:
        self.json = json.dumps(content).encode()
        self.files = {} if files is None else files
        written: list[bytes] = []
        compile_map(self.json, written.append, "map")
        self.map = CompiledMap(MemoryBytes("map", b"".join(written)), self.file, Cache())
        self.noted: list[str] = []

    def functions(
        self,
        key: str = "functions",
        script: str | None = None,
        known: Known = nothing_known,
        left_out: frozenset[str] = frozenset(),
    ) -> FunctionsSummary:
        written: list[bytes] = []
        originals = Originals(self.json, None if script is None else script.encode())
        summary = compile_functions(
            self.map, originals, written.append, key, known, left_out, self.noted.append
        )
        self.files[key] = b"".join(written)
        return summary

    def opened(self, key: str = "functions") -> SourceMap:
        file = FunctionsFile(self.file(key), self.file, Cache())
        return SourceMap(self.map, [StoredFunctions(file, self.map)])

    def file(self, key: str) -> Bytes:
        return MemoryBytes(key, self.files[key])


def test_functions_are_named_from_the_sources_own_text() -> None:
    compiled = Compiled(members())

    summary = compiled.functions()

    assert summary.size == len(compiled.files["functions"])
    assert summary.named == 1
    assert compiled.noted == [sha256(PAY.encode()).hexdigest()]
    assert compiled.opened().function_at(0, 1, 2) == FunctionName("pay", "original source")
    assert compiled.opened().function_at(0, 3, 0) == FunctionName(None, "original source")


def test_the_names_of_a_stack_trace_that_comes_again_are_not_read_again() -> None:
    compiled = Compiled(members())
    compiled.functions()
    file = CountedBytes("functions", compiled.files["functions"])
    functions = StoredFunctions(FunctionsFile(file, compiled.file, Cache()), compiled.map)
    places = [(0, 1, 2), (0, 3, 0), (0, 1, 2)]
    first = functions.of_places(places)
    reads = file.reads

    again = functions.of_places(places)

    pay, top = FunctionName("pay", "original source"), FunctionName(None, "original source")
    assert again == first == [pay, top, pay]
    assert file.reads == reads


def test_a_table_that_another_file_holds_is_referred_to() -> None:
    files: dict[str, bytes] = {}
    first = Compiled(members(sourcesContent=[LONG]), files).functions("first")
    places = {each.digest: each._replace(holder="first") for each in first.tables}
    compiled = Compiled(members(sourcesContent=[LONG]), files)

    second = compiled.functions("second", known=lambda _: places)

    digest = sha256(LONG.encode()).digest()
    assert [each.digest for each in first.tables] == [table_digest(digest, "pay.js")]
    assert (second.tables, second.holders) == ([], ("first",))
    assert compiled.noted == []
    assert compiled.opened("second").function_at(0, 1, 2) == FunctionName("pay", "original source")


def test_a_text_in_another_language_has_another_table() -> None:
    digest = sha256(PAY.encode()).digest()

    assert table_digest(digest, "src/pay.js?3f9c") == table_digest(digest, "lib/other.js")
    assert table_digest(digest, "pay.ts") != table_digest(digest, "pay.js")


def test_a_text_that_two_sources_share_is_parsed_once() -> None:
    compiled = Compiled(members(sources=["a.js", "b.js"], sourcesContent=[PAY, PAY]))

    summary = compiled.functions()

    assert len(compiled.noted) == 1
    assert summary.named == 2
    assert compiled.opened().function_at(1, 1, 2) == FunctionName("pay", "original source")


def test_what_is_left_out_is_not_parsed_and_the_rest_is() -> None:
    other = PAY.replace("pay", "refund")
    compiled = Compiled(members(sources=["a.js", "b.js"], sourcesContent=[PAY, other]))
    crashing = sha256(PAY.encode()).hexdigest()

    summary = compiled.functions(left_out=frozenset({crashing}))

    assert compiled.noted == [sha256(other.encode()).hexdigest()]
    assert summary.named == 1
    assert compiled.opened().function_at(0, 1, 2) is None
    assert compiled.opened().function_at(1, 1, 2) == FunctionName("refund", "original source")


def test_sources_in_languages_that_nobody_reads_here_are_not_named() -> None:
    compiled = Compiled(members(sources=["pay.css", None], sourcesContent=[PAY, PAY]))

    compiled.functions()

    assert compiled.opened().function_at(0, 1, 2) is None


SCRIPT = "function a(n){return b(n)}"


def with_names(**changed: Any) -> dict[str, Any]:
    mappings = encode_mappings([[(0, 0, 0, 0), (9, 0, 0, 16, 0), (21, 0, 1, 9)]])
    return members(names=["pay"], mappings=mappings, **changed)


def test_without_the_sources_text_the_minified_file_names_functions() -> None:
    compiled = Compiled(with_names(sourcesContent=None))

    compiled.functions(script=SCRIPT)

    assert compiled.noted == ["script"]
    found = compiled.opened()
    assert found.function_at(0, 1, 9) is None
    assert found.generated_function_at(0, 21) == FunctionName("pay", "minified scope")


def test_a_minified_file_is_not_parsed_where_sources_have_all_names() -> None:
    compiled = Compiled(with_names())

    compiled.functions(script=SCRIPT)

    assert "script" not in compiled.noted
    assert compiled.opened().generated_function_at(0, 21) is None


def test_a_minified_file_that_is_left_out_is_not_parsed() -> None:
    compiled = Compiled(with_names(sourcesContent=None))

    compiled.functions(script=SCRIPT, left_out=frozenset({"script"}))

    assert compiled.noted == []


NAMES = ["pay", "charge"]
OUTER = Scope(
    (0, 0),
    (9, 0),
    children=[
        Scope((0, 0), (2, 1), 0, None, is_function=True),
        Scope((3, 0), (9, 0), 1, None, is_function=True),
    ],
)
INLINED = Range(
    (0, 0),
    (0, 50),
    (0, 1),
    is_function=True,
    children=[Range((0, 10), (0, 20), (0, 2), call_site=(0, 1, 2))],
)


def with_scopes(**changed: Any) -> dict[str, Any]:
    mappings = encode_mappings([[(0, 0, 0, 5), (12, 0, 4, 6)]])
    return members(
        names=NAMES, mappings=mappings, scopes=encode_joined([OUTER], [INLINED]), **changed
    )


def test_the_scopes_field_names_the_functions_of_a_source_without_a_text() -> None:
    compiled = Compiled(with_scopes(sourcesContent=None))

    compiled.functions()

    assert compiled.opened().function_at(0, 4, 6) == FunctionName("charge", "scopes field")


def test_the_sources_text_comes_before_what_the_map_says_of_its_functions() -> None:
    compiled = Compiled(with_scopes())

    compiled.functions()

    found = compiled.opened().function_at(0, 4, 6)
    assert found is not None
    assert found.by == "original source"


RUBY = "def pay\n  charge\nend\ndef charge\n  pay\nend\n\n\n\n"


def test_what_a_map_says_is_believed_of_other_languages() -> None:
    compiled = Compiled(with_scopes(sources=["pay.rb"], sourcesContent=[RUBY]))

    compiled.functions()

    assert compiled.opened().function_at(0, 4, 6) == FunctionName("charge", "scopes field")


def test_names_that_are_not_in_the_text_are_not_believed() -> None:
    other = RUBY.replace("pay", "t").replace("charge", "n")
    compiled = Compiled(with_scopes(sources=["pay.rb"], sourcesContent=[other]))

    compiled.functions()

    assert compiled.opened().function_at(0, 4, 6) is None


def inlined_calls(found: SourceMap) -> Sequence[InlinedCall]:
    return found.inlined_at(0, 13)


@pytest.mark.parametrize("stored", [True, False])
def test_one_frame_is_the_calls_that_were_inlined_there(*, stored: bool) -> None:
    compiled = Compiled(with_scopes())
    compiled.functions()
    found = compiled.opened() if stored else source_map_in_memory(compiled.json)

    assert inlined_calls(found) == (InlinedCall("charge", 0, 4, 6), InlinedCall("pay", 0, 1, 2))
    assert found.inlined_at(0, 2) == ()


def test_sections_have_fields_of_their_own() -> None:
    first = members(sources=["first.js"], sourcesContent=None)
    index = {
        "version": 3,
        "sections": [
            {"offset": {"line": 7, "column": 3}, "map": with_scopes(sourcesContent=None)},
            {"offset": {"line": 0, "column": 0}, "map": first},
        ],
    }
    compiled = Compiled(index)

    compiled.functions()

    found = compiled.opened()
    assert found.function_at(0, 4, 6) is None
    assert found.function_at(1, 4, 6) == FunctionName("charge", "scopes field")
    assert found.inlined_at(7, 16) == (
        InlinedCall("charge", 1, 4, 6),
        InlinedCall("pay", 1, 1, 2),
    )


def test_metros_field_names_the_functions_of_a_source_without_a_text() -> None:
    field = [[{"names": ["<global>", "settle"], "mappings": "AAA;ACC"}]]
    compiled = Compiled(members(x_facebook_sources=field, sourcesContent=None))

    compiled.functions()

    found = compiled.opened().function_at(0, 1, 2)
    assert found is not None
    assert found.by == "x_facebook_sources"


def test_tables_are_looked_for_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BATCH", 2)
    asked: list[int] = []

    def known(digests: Sequence[bytes]) -> Mapping[bytes, TextPlace]:
        asked.append(len(digests))
        return {}

    texts = [PAY + "//" * number for number in range(5)]
    compiled = Compiled(members(sources=[f"{each}.js" for each in range(5)], sourcesContent=texts))

    summary = compiled.functions(known=known)

    assert asked == [2, 2, 1]
    assert summary.named == 5


def test_a_table_of_another_text_is_not_believed() -> None:
    files: dict[str, bytes] = {}
    first = Compiled(members(sourcesContent=[LONG]), files).functions("first")
    (place,) = first.tables
    compiled = Compiled(members(), files)
    digest = table_digest(sha256(PAY.encode()).digest(), "pay.js")
    compiled.functions(known=lambda _: {digest: place._replace(holder="first")})

    with pytest.raises(CompiledFileDamaged, match="another text"):
        compiled.opened().function_at(0, 1, 2)


def test_one_source_alone_is_parsed_on_demand() -> None:
    compiled = Compiled(members(sources=["pay.js", "none.js"]))

    table = functions_now(compiled.map, 0)

    assert table is not None
    assert table.at(1, 2) == "pay"
    assert functions_now(compiled.map, 1) is None


def test_what_a_function_without_a_name_was_passed_to_is_kept() -> None:
    compiled = Compiled(members(sourcesContent=["app.get('/',\n  () => {\n    fail();\n  });\n"]))
    compiled.functions()

    found = compiled.opened().function_at(0, 2, 4)

    assert found == FunctionName("<anonymous>", "original source", "app.get")
