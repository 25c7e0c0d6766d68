"""React's component stacks, as browsers word them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.protocol.component_stack import MAX_COMPONENTS, PATH, parse_component_stack
from headwater.protocol.event import Frame, Stacktrace

APP = "https://shop.example/assets/index-DCrZ1V9u.js"


def _stack(text: object) -> Stacktrace | None:
    return parse_component_stack({"contexts": {"react": {"componentStack": text}}})


def _places(text: str) -> list[tuple[str | None, str | None, int | None, int | None]]:
    found = _stack(text)
    frames: tuple[Frame, ...] = found.frames if found else ()
    return [(each.function, each.abs_path, each.lineno, each.colno) for each in frames]


@pytest.mark.parametrize(
    "text",
    [
        f"\n    at Receipt ({APP}:9:1204)\n    at div\n    at section (<anonymous>)\n    at t ({APP}:9:88)",
        f"\nReceipt@{APP}:9:1204\ndiv@unknown:0:0\nsection\nt@{APP}:9:88",
        f"Receipt@{APP}:9:1204\r\ndiv\r\nt@{APP}:9:88\r\n",
    ],
    ids=["Chrome", "Firefox", "Safari"],
)
def test_components_are_read_outermost_first_as_calls_are(text: str) -> None:
    assert _places(text) == [("t", APP, 9, 88), ("Receipt", APP, 9, 1204)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"    at {APP}:9:1204", (None, APP, 9, 1204)),
        (f"@{APP}:9:1204", (None, APP, 9, 1204)),
        ("    at Cart (address at index.android.bundle:1:23)", ("Cart", "index.android.bundle", 1, 23)),
        ("    at Cart (https://h/react@19/a.js:1:2)", ("Cart", "https://h/react@19/a.js", 1, 2)),
        ("    at Cart (app:///a (copy)/b.js:1:2)", ("Cart", "app:///a (copy)/b.js", 1, 2)),
    ],
)  # fmt: skip
def test_a_line_names_a_component_and_its_place(line: str, expected: tuple[object, ...]) -> None:
    assert _places(line) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n    in Cart (created by App)\n    in div",  # React 16
        "\n    at Cart (at App.js:12)",
        "\n    at div\n    at Suspense\n    at Lazy (<anonymous>)",
        "unknown:0:0\n:1:2\n@@@:::\nat (\nat  (:1:1)",
        17,
        None,
        ["at a:1:2"],
    ],
)
def test_what_has_no_place_is_no_component(text: object) -> None:
    assert _stack(text) is None


def test_of_a_deep_tree_the_innermost_components_are_read() -> None:
    lines = "\n".join(f"    at C{number} ({APP}:1:{number})" for number in range(10_000))

    found = _places(lines)

    assert len(found) == MAX_COMPONENTS
    assert found[-1][0] == "C0"


def test_an_event_may_have_anything_in_its_place() -> None:
    others: tuple[object, ...] = ({}, {"react": None}, {"react": []}, [], "react", None)
    for contexts in others:
        assert parse_component_stack({"contexts": contexts}) is None
    assert PATH == ("contexts", "react", "componentStack")


@given(st.text(alphabet="at @():/.0123456789\n\r<>é\x00", max_size=300))
def test_no_text_is_too_odd_to_be_read(text: str) -> None:
    found = _stack(text)

    for frame in found.frames if found else ():
        assert frame.abs_path
        assert frame.lineno
