"""Which forms are ours."""

import pytest
from starlette.requests import Request

from headwater.server.web.cross_site import is_ours

OWN = ("http://errors.example.com", "https://public.example.com:8443")


def _request(**headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "headers": raw})


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "none"},
        {"sec_fetch_site": "same-origin", "origin": "https://whatever.example"},
        {"origin": "http://errors.example.com"},
        {"origin": "https://errors.example.com"},
        {"origin": "http://ERRORS.example.com:80"},
        {"origin": "https://public.example.com:8443"},
    ],
)
def test_forms_of_our_own_pages_are_ours(headers: dict[str, str]) -> None:
    assert is_ours(_request(**headers), OWN)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec_fetch_site": "cross-site", "origin": "http://errors.example.com"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": ""},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://errors.example.com:8080"},
        {"origin": "http://errors.example.com.evil.example"},
        {"origin": "http://evil.example/errors.example.com"},
        {"origin": "http://errors.example.com@evil.example"},
        {"origin": "http://public.example.com"},
        {"origin": "http://[::1"},
        {"origin": "http://x:99999"},
        {"origin": "file://"},
        {"referer": "http://errors.example.com/"},
    ],
)
def test_all_others_are_not(headers: dict[str, str]) -> None:
    assert not is_ours(_request(**headers), OWN)


def test_a_server_that_does_not_know_its_address_takes_no_empty_one_for_its_own() -> None:
    assert not is_ours(_request(origin="null"), ("", ""))
