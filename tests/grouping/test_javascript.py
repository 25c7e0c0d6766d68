"""What is peculiar to errors of browsers and React."""

import pytest
from msgspec.structs import replace

from headwater.protocol.event import ExceptionValue, Stacktrace
from tests.grouping.builders import error, fingerprint, minified

BUNDLE = "https://h/assets/index-DCrZ1V9u.js"


def test_where_a_component_was_rendered_does_not_count_beside_the_error() -> None:
    thrown = error(minified(BUNDLE, "readTotal")).exceptions[0]

    def on(page: str) -> str:
        path = ("exception", "values", 0, "stacktrace")
        components = Stacktrace(path, (minified(BUNDLE, page), minified(BUNDLE, "Layout")))
        boundary = ExceptionValue("React ErrorBoundary TypeError", "x", stacktrace=components)
        trace = thrown.stacktrace
        assert trace is not None
        own = replace(
            thrown, stacktrace=replace(trace, path=("exception", "values", 1, "stacktrace"))
        )
        return fingerprint(replace(error(), exceptions=(boundary, own)), None)

    assert (
        on("CartPage") == on("StartPage") == fingerprint(error(minified(BUNDLE, "readTotal")), None)
    )


def test_a_component_stack_alone_counts() -> None:
    one, other = (
        error(minified(BUNDLE, page), type="React ErrorBoundary Error") for page in ("Cart", "Home")
    )

    assert fingerprint(one, None) != fingerprint(other, None)


def test_a_type_that_only_a_minifier_would_give_does_not_count() -> None:
    one, other = (error(minified(BUNDLE, "readTotal"), type=name) for name in ("t", "Ae"))

    assert fingerprint(one, None) == fingerprint(other, None)
    assert fingerprint(one, None) != fingerprint(error(minified(BUNDLE, "readTotal")), None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Object.t [as openCheckout]", "ie.openCheckout"),
        ("async Promise.all (index 0)", "async Promise.all (index 3)"),
        ("global code", "<anonymous>"),
        ("openCheckout/<", "?anon_0_"),
    ],
)
def test_engines_and_builds_spell_a_function_in_their_ways(one: str, other: str) -> None:
    assert fingerprint(error(minified(BUNDLE, one)), None) == fingerprint(
        error(minified(BUNDLE, other)), None
    )
