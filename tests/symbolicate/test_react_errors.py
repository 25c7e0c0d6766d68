"""React's numbers in the place of messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.symbolicate.react_errors import MAX_REACT_MESSAGE, in_full, react_error

TAIL = (
    " for the full message or use the non-minified dev environment for full errors and additional"
    " helpful warnings."
)
CHILD = (
    "Objects are not valid as a React child (found: object with keys {a, b}). If you meant to render"
    " a collection of children, use an array instead."
)
ARGUMENT = "object%20with%20keys%20%7Ba%2C%20b%7D"


@pytest.mark.parametrize(
    "said",
    [
        f"Minified React error #31; visit https://react.dev/errors/31?args[]={ARGUMENT}{TAIL}",
        f"Minified React error #31; visit https://reactjs.org/docs/error-decoder.html?invariant=31&args[]={ARGUMENT}{TAIL}",
        f"Minified React error #31; visit http://facebook.github.io/react/docs/error-decoder.html?invariant=31&args[]={ARGUMENT}&args[]={TAIL}",
        f"Minified React error #31; visit https://react.dev/errors/31?args%5B%5D={ARGUMENT}",
    ],
    ids=["19", "16 to 18", "15", "with the address encoded once more"],
)
def test_a_number_of_every_react_is_its_message_with_the_arguments_filled_in(said: str) -> None:
    assert in_full(said) == CHILD
    assert react_error(said) == "Minified React error #31"


def test_what_stands_around_it_stays() -> None:
    said = f"Uncaught Error: Minified React error #418; visit https://react.dev/errors/418{TAIL} Thanks."

    full = in_full(said)

    assert full is not None
    assert full.startswith("Uncaught Error: Hydration failed because the server rendered ")
    assert full.endswith(" Thanks.")


def test_arguments_that_were_cut_off_are_marked() -> None:
    said = "Minified React error #130; visit https://react.dev/errors/130?args[]=unde"

    assert in_full(said) == (
        "Element type is invalid: expected a string (for built-in components) or a class/function"
        " (for composite components) but got: unde.…"
    )
    assert "(found: …)" in str(in_full("Minified React error #31"))


def test_an_argument_says_nothing_that_a_database_or_a_terminal_would_stumble_on() -> None:
    said = "Minified React error #31; visit https://react.dev/errors/31?args[]=a%00%1Bb%FF%s%s"

    assert "(found: a  b\ufffd%s%s)" in str(in_full(said))


@pytest.mark.parametrize(
    "said",
    [
        None,
        "",
        "Cannot read properties of undefined (reading 'x')",
        "Minified React error #99999; visit https://react.dev/errors/99999",
        "Minified React error #",
        "x" * MAX_REACT_MESSAGE + "Minified React error #31",
    ],
)
def test_anything_else_is_no_message_of_reacts(said: str | None) -> None:
    assert in_full(said) is None


@given(st.text(max_size=200), st.integers(0, 700), st.text(max_size=200))
def test_whatever_stands_around_a_number_costs_no_event(
    before: str, number: int, after: str
) -> None:
    said = f"{before}Minified React error #{number}; visit https://react.dev/?args[]={after}"

    full = in_full(said)

    assert full is None or full.startswith(before)
