"""Who is really asking, behind proxies."""

import pytest
from starlette.requests import Request

from headwater.server.client_address import client_address
from headwater.server.origin import TrustedProxies


def _request(peer: str, forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    return Request({"type": "http", "client": (peer, 1), "headers": headers})


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "made up, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.2", "10.0.0.1"),
        ("10.0.0.1", " , ,", "10.0.0.1"),
    ],
)
def test_the_nearest_hop_that_is_no_proxy_of_ours(peer: str, forwarded: str, expected: str) -> None:
    found = client_address(_request(peer, forwarded), TrustedProxies.parse("10.0.0.0/8"))

    assert found == expected


def test_where_anyone_is_believed_the_last_proxy_is_believed_most() -> None:
    found = client_address(_request("10.0.0.1", "made up, 198.51.100.1"), TrustedProxies.parse("*"))

    assert found == "198.51.100.1"
