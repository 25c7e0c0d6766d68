"""`headwater resolve`: the resolver without a server."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import headwater.cli
from headwater.cli import program
from headwater.cli.pasted import read_pasted, traces
from tests.symbolicate.world import SCRIPT, THROWN_COLUMN, map_of

DEMO = Path(headwater.cli.__file__).parent / "demo_bundle" / "bundle.zip"
PROMISE = """\
Error: Invoice not found
  04  ?                                   app:///_next/server/chunks/ssr/_0rdysi~._.js:3:1039
  03  ?                                   app:///_next/server/chunks/ssr/[root-of-the-server]__0yln~1v._.js:2:619
  02  process.processTicksAndRejections   node:internal/process/task_queues:103:5
  01  Module.k [as generateMetadata]      app:///_next/server/chunks/ssr/[root-of-the-server]__0yln~1v._.js:2:295
"""


def run(*arguments: str | Path, text: str | None = None) -> Result:
    return CliRunner().invoke(program, ["resolve", *map(str, arguments)], input=text)


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    folder = tmp_path / "dist" / "static" / "js"
    folder.mkdir(parents=True)
    (folder / "app.js").write_text(SCRIPT + "//# sourceMappingURL=maps/app-1a2b.map\n")
    (folder / "maps").mkdir()
    (folder / "maps" / "app-1a2b.map").write_text(map_of())
    return tmp_path / "dist"


@pytest.mark.parametrize(
    ("line", "function", "path", "lineno", "colno"),
    [
        ("    at pay (https://h/a.js:1:20)", "pay", "https://h/a.js", 1, 20),
        ("    at async Cart.pay (/srv/a b.js:1:20)", "Cart.pay", "/srv/a b.js", 1, 20),
        ("    at new Cart (file:///srv/a.mjs:1:20)", "new Cart", "file:///srv/a.mjs", 1, 20),
        ("    at Module.k [as go] (app:///x.js:2:5)", "Module.k [as go]", "app:///x.js", 2, 5),
        ("    at https://h/a.js?v=1:1:20", "?", "https://h/a.js?v=1", 1, 20),
        ("    at async C:\\srv\\a.js:1:20", "?", "C:\\srv\\a.js", 1, 20),
        ("    at Array.map (<anonymous>)", "Array.map", "<anonymous>", None, None),
        ("    at async Promise.all (index 0)", "Promise.all", "index 0", None, None),
        ("pay@https://h/a.js:1:20", "pay", "https://h/a.js", 1, 20),
        ("async*pay/<@https://h/a.js:1:20", "pay/<", "https://h/a.js", 1, 20),
        ("@https://h/a.js:1:20", "?", "https://h/a.js", 1, 20),
        ("global code@https://h/a.js:1:20", "global code", "https://h/a.js", 1, 20),
        ("forEach@[native code]", "forEach", "[native code]", None, None),
        ("https://h/a.js:1:20", "?", "https://h/a.js", 1, 20),
        ("  04  ?      app:///ssr/[root-of-the-server]__0fitma~._.js:2:5672", "?", "app:///ssr/[root-of-the-server]__0fitma~._.js", 2, 5672),
        ("  01  Module.k [as go]   app:///x.js:2:5", "Module.k [as go]", "app:///x.js", 2, 5),
    ],
)  # fmt: skip
def test_frames_are_read_as_every_engine_writes_them(
    line: str, function: str, path: str, lineno: int | None, colno: int | None
) -> None:
    (read,) = read_pasted(line)

    assert read.frame is not None
    found = (read.frame.function, read.frame.abs_path, read.frame.lineno, read.frame.colno)
    assert found == (function, path, lineno, colno)


@pytest.mark.parametrize(
    "line",
    ["Error: Invoice not found", "", "Caused by: TypeError: x at y", "  digest: '3539677936'", "}"],
)
def test_messages_are_no_frames(line: str) -> None:
    assert all(read.frame is None for read in read_pasted(line))


def test_frames_that_follow_one_another_are_one_stack_trace() -> None:
    lines = read_pasted(
        "E: a\n at a (/a.js:1:1)\n at b (/a.js:1:2)\nCaused by: b\n at c (/a.js:1:3)"
    )

    assert list(traces(lines)) == [(1, 2), (4,)]


def test_the_promised_trace_comes_out_as_promised(tmp_path: Path) -> None:
    stack = tmp_path / "stack.txt"
    stack.write_text(PROMISE)

    result = run(stack, "--maps", DEMO)

    words = [line.split() for line in result.output.splitlines()]
    assert result.exit_code == 0
    assert ["getPostedInvoice", "src/lib/actions/invoices.ts:84:15"] in words
    assert ["fetchInvoiceData", "src/app/invoices/[id]/page.tsx:31:41"] in words
    assert ["generateMetadata", "src/app/invoices/[id]/page.tsx:12:19"] in words
    assert ["process.processTicksAndRejections", "node:internal/process/task_queues:103:5"] in words
    assert "3 of 3 minified frames resolved." in result.output


def test_a_folder_of_a_build_is_searched_by_file_name_and_reference(dist: Path) -> None:
    stack = f"Error: nothing to pay\n    at t (https://shop.example/static/js/app.js:1:{THROWN_COLUMN})\n"

    result = run("-", "--maps", dist, text=stack)

    assert "src/pay.ts:5:5" in result.output
    assert "throw new Error('nothing to pay');" in result.output


def test_a_function_without_a_name_says_what_it_was_passed_to(dist: Path) -> None:
    source = (
        "app.get('/',\n  () => {\n    //\n    //\n    throw new Error('nothing to pay');\n  });"
    )
    (dist / "static/js/maps/app-1a2b.map").write_text(map_of(contents=[source]))
    stack = f"    at t (https://shop.example/static/js/app.js:1:{THROWN_COLUMN})\n"

    result = run("-", "--maps", dist, text=stack)

    assert "<anonymous> passed to app.get" in result.output


def test_json_holds_verdict_and_evidence(dist: Path) -> None:
    stack = f"t@https://shop.example/static/js/app.js:1:{THROWN_COLUMN}\n"

    result = run("-", "--maps", dist, "--json", text=stack)

    (frame,) = json.loads(result.output)
    assert frame["verdict"] == "resolved"
    assert frame["resolution"]["original"]["function"] == "pay"
    assert frame["resolution"]["evidence"]["source_map"] == "~/static/js/maps/app-1a2b.map"


def test_a_frame_that_stays_has_its_reason_and_remedy_below(dist: Path) -> None:
    result = run("-", "--maps", dist, text="    at t (https://shop.example/other.js:1:1)\n")

    assert result.exit_code == 1
    assert "0 of 1 minified frames resolved." in result.output
    assert "no file of this frame's name" in result.output
    assert "→" in result.output


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("hello\n", "", "there is no stack trace"),
        (PROMISE, "missing", "neither a folder nor an artifact bundle"),
        (PROMISE, "broken.zip", "broken.zip"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_sentence(
    tmp_path: Path, text: str, place: str, words: str
) -> None:
    (tmp_path / "broken.zip").write_bytes(b"no zip")

    result = run("-", "--maps", tmp_path / place, text=text)

    assert result.exit_code == 2
    assert words in result.output.replace("\n", " ")


def test_a_broken_map_is_named_and_nothing_else_is_lost(dist: Path) -> None:
    (dist / "static" / "js" / "bad.js").write_text("t();\n//# sourceMappingURL=bad.js.map\n")
    (dist / "static" / "js" / "bad.js.map").write_text("<!doctype html>")
    stack = f"    at t (/static/js/app.js:1:{THROWN_COLUMN})\n    at u (/static/js/bad.js:1:1)\n"

    result = run("-", "--maps", dist, text=stack)

    assert "src/pay.ts:5:5" in result.output
    assert "malformed_map" in result.output
    assert "1 of 2 minified frames resolved." in result.output
