"""Where SDKs put their key."""

import pytest

from headwater.protocol.auth import public_key


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({"x-sentry-auth": "Sentry sentry_key=abc, sentry_version=7"}, {}),
        ({"x-sentry-auth": "Sentry sentry_version=7,sentry_key=abc,sentry_client=x/1"}, {}),
        ({"x-sentry-auth": 'sentry sentry_version=7 sentry_key = "abc"'}, {}),
        ({"authorization": "Sentry sentry_key=abc"}, {}),
        ({}, {"sentry_key": "abc", "sentry_version": "7"}),
        ({"authorization": "Bearer xyz"}, {"sentry_key": "abc"}),
    ],
)
def test_the_key_is_found_wherever_an_sdk_puts_it(
    headers: dict[str, str], query: dict[str, str]
) -> None:
    assert public_key(headers, query) == "abc"


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({}, {}),
        ({"x-sentry-auth": "Sentry sentry_version=7"}, {}),
        ({"x-sentry-auth": "Sentry"}, {}),
        ({"authorization": "Basic sentry_key=abc"}, {}),
        ({"x-sentry-auth": "Sentry not_sentry_key=abc"}, {}),
        ({}, {"sentry_key": "a" * 65}),
        ({}, {"sentry_key": "a\x00b"}),
    ],
)
def test_what_is_not_a_key_is_none(headers: dict[str, str], query: dict[str, str]) -> None:
    assert public_key(headers, query) is None
