"""Where forms lead."""

import pytest

from headwater.server.web.next_page import HOME, MAX_ADDRESS, safe_next


@pytest.mark.parametrize("wanted", ["/issues/3", "/issues?state=all&q=a%20b", "/a/b#c", "/ü"])
def test_an_address_on_this_server_is_gone_to(wanted: str) -> None:
    assert safe_next(wanted) == wanted


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "issues",
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "/a\\b",
        "/\tevil",
        "/\n/evil.example",
        " /issues",
        "/is sues",
        "javascript:alert(1)",
        "/sign-in",
        "/sign-out?x",
        "/" + "x" * MAX_ADDRESS,
    ],
)
def test_any_other_becomes_the_start_page(wanted: str) -> None:
    assert safe_next(wanted) == HOME
