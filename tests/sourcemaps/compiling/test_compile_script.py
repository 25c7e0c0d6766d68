"""A minified file compiled: its text, its comments, and what its awaits wait for."""

import pytest

from headwater.sourcemaps.compiled.cache import Cache
from headwater.sourcemaps.compiled.memory import MemoryBytes
from headwater.sourcemaps.compiled.script_file import AwaitedFunction, ScriptFile
from headwater.sourcemaps.compiling import compile_script as module
from headwater.sourcemaps.compiling.compile_script import awaited_functions, compile_script
from headwater.sourcemaps.source_map import Script

CALLED = "async function a(){await async function(){b()}(1)}"


def compiled(content: bytes, *, parses: bool = True) -> Script:
    written: list[bytes] = []
    summary = compile_script(content, written.append, "script", parses=parses)
    stored = b"".join(written)
    assert summary.size == len(stored)
    script = Script(ScriptFile(MemoryBytes("script", stored), Cache()))
    assert summary.source_mapping_url == script.source_mapping_url
    assert summary.debug_id == script.debug_id
    return script


def test_bytes_that_are_no_text_are_replaced_wherever_they_are_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "PIECE", 3)
    content = "a\U0001f600b\n\U0001f600\u00e9".encode() + b"\xff\xc3"

    found = compiled(content)

    assert "".join(found.text.pieces()) == content.decode("utf-8", "replace")


def test_an_empty_file_has_one_empty_line() -> None:
    line = compiled(b"").text.line(0)

    assert line is not None
    assert line.text == ""


def test_the_last_comments_count() -> None:
    content = b"//# sourceMappingURL=lib.map\na()\n//@ sourceMappingURL=app.map\n"

    assert compiled(content).source_mapping_url == "app.map"
    assert compiled(content).debug_id is None


def test_of_an_inline_map_only_the_beginning_is_kept() -> None:
    url = b"data:application/json;base64," + b"A" * 20_000

    kept = compiled(b"a()\n//# sourceMappingURL=" + url).source_mapping_url

    assert kept == url.decode()[: module.MAX_REFERENCE]


def test_functions_behind_an_await_are_found_with_their_calls() -> None:
    assert awaited_functions(CALLED) == [AwaitedFunction((0, 25), (0, 46))]
    assert awaited_functions("async function a(){await b(function(){})}") == []
    assert awaited_functions("let awaiting=function(){}") == []


def test_lines_and_characters_of_two_units_count() -> None:
    text = "'\U0001f600';\nasync function a(){'\U0001f600';await function(){}}"

    assert awaited_functions(text) == [AwaitedFunction((1, 30), None)]


def test_a_file_that_is_not_parsed_leads_to_what_follows_the_await() -> None:
    assert compiled(CALLED.encode()).awaited(0, 19) == (0, 46)
    assert compiled(CALLED.encode(), parses=False).awaited(0, 19) == (0, 25)


def test_a_file_over_the_limit_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_MINIFIED", len(CALLED) - 1)

    assert compiled(CALLED.encode()).awaited(0, 19) == (0, 25)
