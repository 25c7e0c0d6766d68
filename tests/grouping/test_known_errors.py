"""Errors that are one issue in whatever words a browser or a framework reports them."""

import pytest

from headwater.grouping.known_errors import known_error
from tests.grouping.builders import error, fingerprint, minified

LOST_CHUNK = [
    ("ChunkLoadError", "Loading chunk 915 failed.\n(error: https://h/static/js/915.0a1b2c3d.js)"),
    ("ChunkLoadError", "Loading chunk app/page failed.\n(timeout: https://h/_next/static/chunks/app/page-1.js)"),
    ("Error", "Uncaught (in promise): ChunkLoadError: Loading chunk 5 failed."),
    ("Error", "Loading CSS chunk 3 failed.\n(/static/css/3.css)"),
    ("Error", "Loading hot update chunk main failed."),
    ("ChunkLoadError", "Failed to load chunk /_next/static/chunks/0reyq3apo19g9.js from module 1234"),
    ("TypeError", "Failed to fetch dynamically imported module: https://h/assets/a-DCrZ1V9u.js"),
    ("TypeError", "error loading dynamically imported module: https://h/assets/a-DCrZ1V9u.js"),
    ("TypeError", "Importing a module script failed."),
    ("Error", "Unable to preload CSS for /assets/index-DCrZ1V9u.css"),
    ("TypeError", "'text/html' is not a valid JavaScript MIME type."),
    ("TypeError", 'Failed to load module script: Expected a JavaScript module script but the server responded with a MIME type of "text/html".'),
    ("Error", "Loading module from “https://h/a.js” was blocked because of a disallowed MIME type (“text/html”)."),
    ("Error", "Failed to load script: /_next/static/chunks/pages/a-1.js"),
]  # fmt: skip

HYDRATION = {
    "text": [
        "Text content does not match server-rendered HTML.",
        'Warning: Text content did not match. Server: "12:01" Client: "12:02"',
        "Minified React error #425; visit https://reactjs.org/docs/error-decoder.html?invariant=425",
        "Minified React error #418; visit https://react.dev/errors/418?args[]=text&args[]= for the full message",
        "Hydration failed because the server rendered text didn't match the client. As a result this tree will be regenerated on the client.",
        "Hydration text content mismatch on <p>",
    ],
    "attribute": [
        'Warning: Prop `className` did not match. Server: "a" Client: "b"',
        "A tree hydrated but some attributes of the server rendered HTML didn't match the client properties.",
        "Hydration attribute mismatch on <a>",
        "Hydration class mismatch on <a>",
    ],
    "nesting": [
        "Warning: validateDOMNesting(...): <div> cannot appear as a descendant of <p>.",
        "In HTML, <div> cannot be a descendant of <p>.\nThis will cause a hydration error.",
        "<p> cannot contain a nested <div>.",
    ],
    "markup": [
        "Hydration failed because the initial UI does not match what was rendered on the server.",
        "Hydration failed because the server rendered HTML didn't match the client.",
        "Minified React error #418; visit https://reactjs.org/docs/error-decoder.html?invariant=418",
        "Minified React error #418; visit https://react.dev/errors/418?args[]=HTML&args[]=",
        "Warning: Expected server HTML to contain a matching <div> in <p>.",
        "Warning: Did not expect server HTML to contain a <div> in <p>.",
        "Hydration completed but contains mismatches.",
        "Hydration node mismatch: rendered on server: <div>",
        "https://svelte.dev/e/hydration_mismatch",
        "Hydration Mismatch. Unable to find DOM nodes for hydration key: 0-0",
        "NG0500: During hydration Angular expected <div> but found <p>.",
    ],
    "recovered": [
        "There was an error while hydrating. Because the error happened outside of a Suspense boundary, the entire root will switch to client rendering.",
        "Minified React error #423; visit https://react.dev/errors/423",
        "There was an error while hydrating this Suspense boundary. Switched to client rendering.",
        "This Suspense boundary received an update before it finished hydrating.",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("type_", "value"), LOST_CHUNK)
def test_a_chunk_that_is_gone_after_a_deploy(type_: str, value: str) -> None:
    assert known_error(type_, value) == ("lost chunk",)


@pytest.mark.parametrize(
    ("kind", "value"), [(kind, value) for kind, values in HYDRATION.items() for value in values]
)
def test_hydration_errors_are_told_apart_by_what_differs(kind: str, value: str) -> None:
    assert known_error("Error", value) == ("hydration", kind)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Minified React error #31; visit https://react.dev/errors/31?args[]=object", ("react", "31")),
        ("Minified React error #310; visit https://react.dev/errors/310", ("react", "310")),
        ("ResizeObserver loop limit exceeded", ("resize observer",)),
        ("ResizeObserver loop completed with undelivered notifications.", ("resize observer",)),
        ("Script error.", ("script error",)),
        ("Script error", ("script error",)),
        ("Cannot read properties of undefined (reading 'chunk')", None),
        ("No module named 'shop'", None),
        ("passwords did not match", None),
        ("the script failed to hydrate 3 beans", None),
        ("", None),
    ],
)  # fmt: skip
def test_other_known_errors(value: str, expected: tuple[str, ...] | None) -> None:
    assert known_error("Error", value) == expected


def test_a_known_error_is_one_issue_whatever_its_type_and_frames() -> None:
    frame = minified("https://h/assets/index-DCrZ1V9u.js", "render")
    one = error(frame, type="Error", value="Minified React error #31; visit https://a?args[]=1")
    same = error(type="Invariant Violation", value="Minified React error #31; visit https://b")
    other = error(frame, type="Error", value="Minified React error #32; visit https://a")

    assert fingerprint(one, None) == fingerprint(same, None) != fingerprint(other, None)


def test_the_same_words_of_another_platform_are_another_error() -> None:
    frame = minified("/app/shop/disk.py", "read_chunk")
    one, other = (
        error(frame, type=name, value="Failed to load chunk 7", platform="python")
        for name in ("IOError", "ValueError")
    )

    assert fingerprint(one, None) != fingerprint(other, None)


@pytest.mark.parametrize(
    "values",
    [
        ["Failed to fetch", "Failed to fetch (api.example.com)", "Load failed", "Network request failed", "NetworkError when attempting to fetch resource.", "Load failed (api.example.com)"],
        ["The user aborted a request.", "signal is aborted without reason", "Fetch is aborted"],
    ],
)  # fmt: skip
def test_what_engines_say_in_their_own_words_is_one_issue(values: list[str]) -> None:
    assert len({fingerprint(error(value=value), None) for value in values}) == 1
