"""Secrets go, what tells of the error stays."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.digest.scrub import scrubber
from headwater.digest.secret_texts import is_card
from headwater.digest.sensitive_names import MAX_VERDICTS, SensitiveNames

FILTERED = "[Filtered]"
# In two pieces, so that nobody who looks through the code for secrets takes them for some.
GITHUB = "ghp" + "_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789"
STRIPE = "sk" + "_live_51HxAbCdEfGhIjKlMn"
SLACK = "xoxb" + "-123456789012-abcdefGHIJ"
GOOGLE = "AIza" + "SyA1234567890abcdefghijklmnopqrstuv"
CARD = "4111 1111 1111 1111"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nabc\n-----END RSA PRIVATE KEY-----"


def _scrub(event: dict[str, Any], *fields: str, usual: bool = True) -> dict[str, Any]:
    scrubs = scrubber(usual, fields)
    copied: dict[str, Any] = json.loads(json.dumps(event))
    if scrubs is not None:
        changed = scrubs.scrub(copied)
        assert changed == (copied != event)
    return copied


def _text(text: str, **more: Any) -> str:
    found: str = _scrub({"message": text}, **more)["message"]
    return found


@pytest.mark.parametrize(
    "name",
    ["password", "Password", "user_password", "newPassword", "passwd", "secret", "the_secret",
     "clientSecret", "api_key", "apiKey", "API-KEY", "apikey", "X-Api-Key", "auth", "x-auth",
     "Authorization", "HTTP_AUTHORIZATION", "Proxy-Authorization", "credentials", "mysql_pwd",
     "privatekey", "private_key", "privateKey", "token", "access_token", "accessToken",
     "csrfmiddlewaretoken", "X-CSRF-Token", "bearer", "session", "sessionid", "PHPSESSID",
     "JSESSIONID", "csrf", "xsrf", "XSRF-TOKEN", "cookies", "Cookie", "Set-Cookie", "HTTP_COOKIE",
     "access_tokens", "passphrase", "two_factor", "otp", "connect.sid", "--password"],
)  # fmt: skip
def test_fields_of_these_names_hold_secrets(name: str) -> None:
    assert _scrub({"extra": {name: "hunter2"}})["extra"] == {name: FILTERED}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("author", "Jane"),
        ("authority", "example.com"),
        (":authority", "example.com"),
        ("authenticated", "yes"),
        ("authors", ["Jane"]),
        ("sessions", 4),
        ("sessions", "many"),
        ("session_count", 3),
        ("session_timeout", "30m"),
        ("tokens_used", 12),
        ("max_tokens", 4096),
        ("prompt_tokens", 7),
        ("token_type", "invalid"),
        ("tokenizer", "bpe"),
        ("auth_method", "saml"),
        ("secretary", "Jane"),
        ("passenger", "Jane"),
        ("keyboard", "de"),
        ("PWD", "/srv/app"),
        ("key", "cart"),
        ("monkey", "see"),
        ("password", None),
        ("password", ""),
        ("has_password", True),
        ("token", False),
        ("credentials", {}),
    ],
)
def test_what_is_not_secret_survives(name: str, value: Any) -> None:
    event = {"extra": {name: value}, "tags": {"plan": "pro"}}

    assert _scrub(event) == event


def test_a_secret_may_be_a_number_or_a_whole_object() -> None:
    event = {"extra": {"password": 1234, "token": 99, "credentials": {"a": "b"}, "auth": ["x"]}}

    assert set(_scrub(event)["extra"].values()) == {FILTERED}


def _everywhere(secret: Any) -> dict[str, Any]:
    frame = {"function": "f", "vars": {"password": secret, "deep": [{"token": secret}]}}
    trace = {"frames": [frame]}
    return {
        "request": {
            "headers": {"Authorization": secret, "Accept": "text/html"},
            "cookies": {"a": secret},
            "data": {"user": {"password": secret}},
            "env": {"DB_PASSWORD": secret},
            "query_string": [["api_key", secret], ["page", "2"]],
        },
        "extra": {"secret": secret},
        "contexts": {"app": {"api_key": secret}},
        "breadcrumbs": {"values": [{"data": {"token": secret}, "message": "hello"}]},
        "tags": [["token", secret]],
        "user": {"id": "7", "token": secret},
        "exception": {"values": [{"stacktrace": trace, "mechanism": {"data": {"token": secret}}}]},
        "threads": {"values": [{"stacktrace": trace}]},
        "stacktrace": trace,
        "password": secret,
        "unknown": {"password": secret},
        "headers": [{"key": "Cookie", "value": secret}, {"name": "auth", "value": secret}],
    }


def test_secrets_are_found_wherever_the_users_data_may_be() -> None:
    scrubbed = _scrub(_everywhere("hunter2"))

    assert "hunter2" not in json.dumps(scrubbed)
    assert scrubbed["request"]["headers"]["Accept"] == "text/html"
    assert scrubbed["request"]["cookies"] == {"a": FILTERED}
    assert scrubbed["request"]["query_string"][1] == ["page", "2"]
    assert scrubbed["user"]["id"] == "7"
    assert scrubbed == _scrub(scrubbed), "what is scrubbed stays as it is"


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        (f"card {CARD}.", "card [Filtered]."),
        ("card 4111111111111111", "card [Filtered]"),
        ("amex 378282246310005", "amex [Filtered]"),
        ("amex 3782-822463-10005", "amex [Filtered]"),
        ("ssn 078-05-1120", "ssn [Filtered]"),
        ("get https://jane:pa55@h.example/x", "get https://jane:[Filtered]@h.example/x"),
        ("postgres://app:s3cret@db:5432/shop", "postgres://app:[Filtered]@db:5432/shop"),
        ("redis://:s3cret@cache/0", "redis://:[Filtered]@cache/0"),
        (f"cloned with {GITHUB}.", "cloned with [Filtered]."),
        (f"charge by {STRIPE} failed", "charge by [Filtered] failed"),
        (f"posted as {SLACK}", "posted as [Filtered]"),
        (f"maps: {GOOGLE}", "maps: [Filtered]"),
        (
            "user eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVPmB92K27uhbUJU1p1r",
            "user [Filtered]",
        ),
        ("npm_config_registry, eyJ alone and sk_live_ stay", "npm_config_registry, eyJ alone and sk_live_ stay"),
        ("sent Bearer eyJhbGciOi.J9 there", "sent Bearer [Filtered] there"),
        ("BEARER abcdef", "BEARER [Filtered]"),
        ("Basic amFuZTpodW50ZXIy", "Basic [Filtered]"),
        (f"key: {PEM} end", "key: -----BEGIN RSA PRIVATE KEY-----[Filtered]-----END RSA PRIVATE KEY----- end"),
        ("-----BEGIN PRIVATE KEY-----\ncut off", "-----BEGIN PRIVATE KEY-----[Filtered]"),
        ("GET /pay?token=abc&page=2", "GET /pay?token=[Filtered]&page=2"),
        ("host=db password=hunter2 port=1", "host=db password=[Filtered] port=1"),
        ("host=db password='hunter 2' port=1", "host=db password='[Filtered]' port=1"),
        ("{'user': 'jane', 'password': 'hunter2'}", "{'user': 'jane', 'password': '[Filtered]'}"),
        ("{'a': {'api_key': b'x\\'y', 'n': 1}}", "{'a': {'api_key': b'[Filtered]', 'n': 1}}"),
        ('Login(name="jane", password="hunter2")', 'Login(name="jane", password="[Filtered]")'),
        ('%{"password" => "hunter2"}', '%{"password" => "[Filtered]"}'),
        ('sent "{\\"token\\": \\"abc\\"}"', 'sent "{\\"token\\": \\"[Filtered]"}"'),
    ],
)  # fmt: skip
def test_secrets_in_the_middle_of_a_text(text: str, scrubbed: str) -> None:
    assert _text(text) == scrubbed
    assert (
        _scrub({"exception": [{"type": "E", "value": text}]})["exception"][0]["value"] == scrubbed
    )
    crumb = _scrub({"breadcrumbs": [{"message": text}]})["breadcrumbs"][0]
    assert crumb == {"message": scrubbed}
    assert _text(text, usual=False) == text


@pytest.mark.parametrize(
    "text",
    [
        "Unexpected token: punc (;)",
        "Unexpected token < in JSON at position 0",
        "if (token == null) throw",
        "session: expired",
        "password must have 8 characters",
        "Basic authentication failed",
        "Bearer token is missing",
        'Bearer realm="shop"',
        "mail jane@example.com about https://shop.example.com/a:b",
        "at 2026-11-22 10:46:57.123456 and 1795344416123",
        "order 4111111111111112",
        "id 9a00dac2cd571ff910f2694180a6fdc4",
        "id 41111111111111114111111111111111",
        "id 41111111-1111-1111-4111-111111111111",
        "commit 4111111111111111a",
        "pi 3.4111111111111111",
        "phone 078-05-11200",
        "author=Jane&page=2",
        "token=&page=2",
        "token=None",
    ],
)
def test_prose_and_numbers_that_are_none_survive(text: str) -> None:
    assert _text(text) == text


def test_a_body_in_json_stays_json() -> None:
    body = json.dumps({"user": "jane", "credentials": {"pin": [1, 2]}, "note": CARD})

    scrubbed = _scrub({"request": {"data": body}})["request"]["data"]

    assert json.loads(scrubbed) == {"user": "jane", "credentials": FILTERED, "note": FILTERED}


def test_a_form_and_a_query_lose_the_values_of_sensitive_names_alone() -> None:
    request = {"data": "user=jane&password=a%20b&x=1", "query_string": "token=abc&page=2"}

    scrubbed = _scrub({"request": request})["request"]

    assert scrubbed == {
        "data": "user=jane&password=[Filtered]&x=1",
        "query_string": "token=[Filtered]&page=2",
    }


def test_card_numbers_may_be_numbers_and_ids_never_are() -> None:
    number = 4111111111111111
    event = {
        "event_id": "41111111111111114111111111111111",
        "contexts": {"trace": {"span_id": str(number), "trace_id": str(number) * 2}},
        "debug_meta": {"images": [{"debug_id": str(number)}]},
        "extra": {"card": number, "cards": [number], "at": 1795344416123, "big": 10**30},
    }

    scrubbed = _scrub(event)

    assert scrubbed["extra"] == {**event["extra"], "card": FILTERED, "cards": [FILTERED]}  # type: ignore[dict-item]
    assert {**scrubbed, "extra": event["extra"]} == event


@pytest.mark.parametrize(
    "event",
    [
        {"platform": {"password": "hunter2"}},
        {"release": [["token", "hunter2"]]},
        {"message": {"message": "no", "password": "hunter2"}},
        {"message": [{"password": "hunter2"}]},
        {"fingerprint": {"password": "hunter2"}},
        {"contexts": {"trace": {"trace_id": [{"password": "hunter2"}]}}},
        {"fingerprint": ["{{ default }}", {"password": "hunter2"}]},
        {"exception": {"values": {"password": "hunter2"}}},
        {"exception": {"values": [[{"password": "hunter2"}]]}},
        {"threads": [{"stacktrace": [{"vars": {"password": "hunter2"}}]}]},
        {"stacktrace": {"frames": {"0": {"vars": {"password": "hunter2"}}}}},
        {"stacktrace": {"frames": [[{"vars": {"password": "hunter2"}}]]}},
        {"exception": [{"raw_stacktrace": {"frames": [{"vars": {"password": "hunter2"}}]}}]},
    ],
)
def test_what_is_not_of_the_expected_shape_is_scrubbed_all_the_same(event: dict[str, Any]) -> None:
    assert "hunter2" not in json.dumps(_scrub(event))


def test_frames_and_what_they_show_of_the_source_stay_as_they_are() -> None:
    frame = {
        "function": "check_password",
        "filename": "auth/token.py",
        "context_line": "    password = 'hunter2'",
        "pre_context": ["token = 'abc'"],
        "post_context": [f"card = '{CARD}'"],
        "lineno": 3,
    }
    event = {"exception": {"values": [{"type": "AuthError", "stacktrace": {"frames": [frame]}}]}}

    assert _scrub(event) == event


def test_a_project_adds_names_and_they_count_without_the_usual_ones() -> None:
    event = {"extra": {"customerNo": 7, "password": "p", "note": "customer-no=12 Bearer abc"}}

    both = _scrub(event, "customer_no", " ")["extra"]
    alone = _scrub(event, "customer_no", usual=False)["extra"]
    none = _scrub(event, usual=False)

    assert both["customerNo"] == both["password"] == FILTERED
    assert both["note"] == "customer-no=[Filtered] Bearer [Filtered]"
    assert alone == {
        "customerNo": FILTERED,
        "password": "p",
        "note": "customer-no=[Filtered] Bearer abc",
    }
    assert none == event


def test_names_outside_ascii_may_be_added() -> None:
    assert _scrub({"extra": {"Пароль_1": "x"}}, "пароль")["extra"] == {"Пароль_1": FILTERED}


@pytest.mark.parametrize(
    ("digits", "is_one"),
    [("4111111111111111", True), ("5555555555554444", True), ("378282246310005", True),
     ("6011111111111117", True), ("4111111111111112", False), ("1795344416123456", False)],
)  # fmt: skip
def test_a_card_has_a_brand_and_a_right_check_digit(digits: str, is_one: bool) -> None:  # noqa: FBT001
    assert is_card(digits) is is_one


def test_names_that_somebody_makes_up_do_not_fill_the_memory() -> None:
    names = SensitiveNames()

    for number in range(MAX_VERDICTS + 10):
        names.verdict(f"field{number}")
    names.verdict("x" * 1_000_000)

    assert len(names.known) <= MAX_VERDICTS
    assert all(len(name) <= 200 for name in names.known)


HOSTILE = [
    "a=" * 500_000,
    "password=" * 120_000,
    '"password":"' * 90_000,
    "token='" + "x\\'" * 300_000,
    "x" * 1_000_000 + "=password=",
    "a." * 500_000 + "secret=",
    "//a:" * 250_000 + "@",
    "//" + "a:" * 500_000 + "@",
    "4" * 1_000_000,
    "4111 " * 200_000,
    "1-" * 500_000 + "078-05-1120",
    "Bearer " * 140_000,
    "Basic " + "A" * 1_000_000,
    "Basic AAAA" * 100_000,
    "-----BEGIN " + " PRIVATE KEY-----" * 60_000,
    "-----BEGIN PRIVATE KEY-----" * 38_000,
    "secret" + "\\" * 1_000_000 + "=",
    "token" + " " * 1_000_000 + "=",
    '{"a":' * 100_000,
    "{" + " " * 1_000_000 + "}",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12])
@pytest.mark.timeout(60)
def test_a_megabyte_of_the_worst_is_scrubbed_in_linear_time(text: str) -> None:
    # Quadratic work on a megabyte takes minutes, and is ended by the limit of every test.
    assert len(_text(text)) <= len(text) * len(FILTERED)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text() | st.just(CARD),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["password", "a", "key", "value", "cookies"]), inner)
    ),
    max_leaves=30,
)


@given(st.dictionaries(st.sampled_from([*_everywhere(""), "message", "logentry"]), _JSON))
def test_any_shape_is_scrubbed(event: dict[str, Any]) -> None:
    scrubs = scrubber(True, ())
    assert scrubs is not None

    scrubs.scrub(event)

    assert not scrubs.scrub(event)
    assert msgspec.json.encode(event)
