"""The origin that a client used, behind proxies of all kinds."""

import pytest
from starlette.requests import Request

from headwater.server.origin import TrustedProxies, UnreadableProxies, origin

PROXY = "127.0.0.1"


def asked(
    host: str | None,
    *,
    client: str | None = PROXY,
    scheme: str = "http",
    proto: str = "",
    forwarded_host: str = "",
) -> Request:
    headers = [] if host is None else [(b"host", host.encode())]
    headers += [(b"x-forwarded-proto", proto.encode())] if proto else []
    headers += [(b"x-forwarded-host", forwarded_host.encode())] if forwarded_host else []
    return Request(
        {
            "type": "http",
            "scheme": scheme,
            "server": ("10.0.0.5", 8080),
            "client": None if client is None else (client, 5000),
            "headers": headers,
        }
    )


TRUSTED = TrustedProxies.parse("127.0.0.1, ::1")


def test_the_host_header_is_the_origin() -> None:
    assert origin(asked("errors.example.com:8443"), "", TRUSTED) == "http://errors.example.com:8443"


def test_a_trusted_proxy_tells_scheme_and_host() -> None:
    request = asked("internal:8080", proto="https", forwarded_host="errors.example.com")

    assert origin(request, "", TRUSTED) == "https://errors.example.com"


def test_of_proxies_in_a_row_the_first_talked_to_the_client() -> None:
    request = asked("internal", proto="HTTPS, http", forwarded_host="a.example.com, b.internal")

    assert origin(request, "", TRUSTED) == "https://a.example.com"


def test_nobody_else_is_believed() -> None:
    request = asked(
        "real:8080", client="203.0.113.9", proto="https", forwarded_host="evil.example.com"
    )

    assert origin(request, "", TRUSTED) == "http://real:8080"
    assert origin(request, "", TrustedProxies.parse("*")) == "https://evil.example.com"
    assert origin(request, "", TrustedProxies.parse("203.0.113.0/24")) == "https://evil.example.com"


def test_an_ipv4_proxy_is_known_on_a_socket_for_both_families() -> None:
    request = asked(
        "internal", client="::ffff:10.1.2.3", proto="https", forwarded_host="a.example.com"
    )

    assert origin(request, "", TrustedProxies.parse("10.0.0.0/8")) == "https://a.example.com"


@pytest.mark.parametrize("client", [None, "not an address"])
def test_a_client_without_an_address_is_not_trusted(client: str | None) -> None:
    request = asked("internal", client=client, proto="https")

    assert origin(request, "", TRUSTED) == "http://internal"


@pytest.mark.parametrize(
    ("host", "public_url", "expected"),
    [
        ("errors.example.com", "https://errors.example.com", "https://errors.example.com"),
        ("errors.example.com", "https://errors.example.com:443/", "https://errors.example.com"),
        ("ERRORS.example.com", "https://errors.example.com", "https://ERRORS.example.com"),
        ("localhost:8080", "https://errors.example.com", "http://localhost:8080"),
        ("errors.example.com:8080", "https://errors.example.com", "http://errors.example.com:8080"),
    ],
)
def test_the_public_url_decides_the_scheme_of_its_own_host_only(
    host: str, public_url: str, expected: str
) -> None:
    assert origin(asked(host), public_url, TRUSTED) == expected


def test_without_a_host_the_public_url_or_the_socket_is_used() -> None:
    assert origin(asked(None), "https://e.example.com/", TRUSTED) == "https://e.example.com"
    assert origin(asked(None), "", TRUSTED) == "http://10.0.0.5:8080"


def test_a_list_that_can_not_be_read_is_refused() -> None:
    with pytest.raises(UnreadableProxies, match="TRUSTED_PROXIES"):
        TrustedProxies.parse("127.0.0.1, my-proxy")


@pytest.mark.parametrize(
    ("proto", "forwarded_host"),
    [
        ("javascript", "evil.example.com/path"),
        ("ftp", 'a"onload=x'),
        ("", "user@evil"),
        ("", "a b"),
    ],
)
def test_what_is_no_scheme_and_no_host_is_passed_over(proto: str, forwarded_host: str) -> None:
    request = asked("real:8080", proto=proto, forwarded_host=forwarded_host)

    assert origin(request, "", TRUSTED) == "http://real:8080"


def test_an_address_of_ipv6_is_a_host() -> None:
    assert origin(asked("[::1]:8080"), "", TRUSTED) == "http://[::1]:8080"
