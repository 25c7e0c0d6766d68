"""A look at an event's JSON never takes a secret for harmless, and parts that stay closed are as good
as decoded ones."""

import copy
import json
import re
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.digest.glance import Glance
from headwater.digest.scrub import Scrubber
from headwater.digest.sensitive_names import SensitiveNames
from headwater.digest.trim import trim
from headwater.protocol.event_json import read_event
from headwater.protocol.event_parts import take_apart
from headwater.protocol.json_text import decode_json

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)

_NAMES = st.sampled_from(
    ["password", "api_key", "X-Auth-Token", "userToken", "session", "tokens", "cookies", "CSRF", "jwt",
     "value", "key", "name", "url", "data", "author", "a", "", 'a"b', "secret\\", "Paß", "connect.sid"]
)  # fmt: skip
_TEXTS = st.sampled_from(
    ["x", "", "[Filtered]", "password=hunter2", "the 'token': 'abc'", "Bearer abc.def", "basic dTpw",
     "4111111111111111", "4111 1111 1111 1111", "5500-0000-0000-0004", "1700000000000", "078-05-1120",
     "https://u:p@example.com/", "a@b", "-----BEGIN PRIVATE KEY-----\nMIIE", 'say "token"=1', "session",
     '[ "password", 1]', '{"password" : "x"}', 'no\\"secret\\": y', "to\n4111111111111111",
     "at\t4111 1111 1111 1111\n", "https://rené:p@example.com/", r'{"p\u0061ssword":"x"}', r"C:\users"]
)  # fmt: skip
_LEAVES = _TEXTS | _NAMES | st.none() | st.booleans() | st.sampled_from([4111111111111111, 12, 0.5])


def _nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    whole = st.dictionaries(_NAMES, inner, max_size=3) | st.lists(inner, max_size=3)
    pair = st.tuples(_NAMES, inner).map(list) | st.fixed_dictionaries(
        {"key": _NAMES, "value": inner}
    )
    as_text = st.builds(json.dumps, whole | pair, indent=st.sampled_from([None, 2]))
    return whole | pair | as_text


_JSON = st.recursive(_LEAVES, _nested, max_leaves=12)
_EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "breadcrumbs": st.lists(st.dictionaries(_NAMES, _JSON, max_size=3), max_size=3),
        "contexts": _JSON,
        "extra": _JSON,
        "request": _JSON,
        "password": _JSON,
        "user": st.dictionaries(_NAMES, _JSON),
        "message": _TEXTS,
        "transaction": _JSON,
        "exception": st.fixed_dictionaries(
            {"value": _TEXTS, "stacktrace": st.just({"frames": [{"function": "f"}]})}
        )
        | st.builds(
            lambda found: {"stacktrace": {"frames": [{"vars": found}]}},
            st.dictionaries(_NAMES, _JSON),
        ),
    },
)


class _Everywhere(Glance):
    """Has everything walked."""

    def may_hold_secrets(self, part: bytes) -> bool:
        return bool(part)


@given(_EVENTS, st.sampled_from([(), ("author",)]), st.booleans())
def test_a_look_spares_a_walk_only_where_nothing_would_be_changed(
    event: dict[str, Any],
    fields: tuple[str, ...],
    usual: bool,  # noqa: FBT001
) -> None:
    usual = usual or not fields
    walked, looked_at = copy.deepcopy(event), copy.deepcopy(event)
    walks = Scrubber(fields, usual=usual)
    walks.glance = _Everywhere(SensitiveNames(fields, usual=usual))

    changed = walks.scrub(walked)

    assert Scrubber(fields, usual=usual).scrub(looked_at) == changed
    assert looked_at == walked


def _escaped(payload: str, letters: str) -> bytes:
    """JSON that says the same with these letters escaped, as PHP, .NET and others do."""
    in_texts = re.compile(r'"(?:[^"\\]|\\.)*"')
    of_one = {letter: rf"\u{ord(letter):04x}" for letter in letters} | {"/": r"\/"}

    def again(text: re.Match[str]) -> str:
        escaped = re.sub(
            r"\\(u[0-9a-f]{4}|.)|(.)",
            lambda each: of_one.get(each[2] or "", each[0]),
            text[0][1:-1],
            flags=re.DOTALL,
        )
        return '"' + escaped.replace(r"\"", r"\u0022" if '"' in letters else r"\"") + '"'

    return in_texts.sub(again, payload).encode()


@given(
    _EVENTS,
    st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : ")]),
    st.sampled_from([None, 1]),
    st.sampled_from(["", "/", "/\"'<>&+=`", "aeiou/:", "/1-"]),
)
def test_closed_parts_end_as_decoded_ones_do(
    event: dict[str, Any], separators: tuple[str, str], indent: int | None, letters: str
) -> None:
    payload = json.dumps(event, separators=separators, indent=indent).encode()
    if letters:
        payload = _escaped(payload.decode(), letters)
    assert json.loads(payload) == event
    decoded = json.loads(payload)
    closed, *_ = take_apart(payload)
    scrubs = Scrubber((), usual=True)

    changed = [trim(decoded, len(payload)), scrubs.scrub(decoded)]

    assert [trim(closed, len(payload)), scrubs.scrub(closed)] == changed
    assert json.loads(msgspec.json.encode(closed)) == decoded
    assert read_event(closed, NOON, event_id="a" * 32) == read_event(
        decoded, NOON, event_id="a" * 32
    )


@pytest.mark.parametrize(
    "extra",
    [
        r'{"url":"https:\/\/bob:hunter2@shop.example\/a"}',
        r'{"url":"https://ren\u00e9:hunter2@shop.example/a"}',
        r'{"body":"{\u0022password\u0022:\u0022hunter2\u0022}"}',
        r'{"query":"password\u003dhunter2"}',
        r'{"p\u0061ssword":"hunter2"}',
        r'{"note":"a line\nBearer\u0020hunter2"}',
    ],
)
def test_a_secret_is_none_the_less_one_for_being_escaped(extra: str) -> None:
    event, *_ = take_apart(f'{{"extra":{extra}}}'.encode())
    assert isinstance(event, dict)

    assert Scrubber((), usual=True).scrub(event)
    assert b"hunter2" not in msgspec.json.encode(event)


@pytest.mark.parametrize("before", ["\n", "\t", "\r\n", " ", "é "])
def test_a_card_at_the_beginning_of_a_line_is_scrubbed(before: str) -> None:
    event = {"message": f"Card:{before}4111111111111111 was declined"}

    assert Scrubber((), usual=True).scrub(event)
    assert event["message"] == f"Card:{before}[Filtered] was declined"


@pytest.mark.parametrize(
    "payload",
    [
        {"breadcrumbs": [{"message": f"step {n}", "data": {"url": "/a"}} for n in range(100)]},
        {"extra": {"visits": 1700000000000, "note": "a session of 3"}},
        {
            "request": {
                "url": "https://shop.example/cart?id=3",
                "headers": {"Host": "a", "Accept": "*/*"},
            }
        },
    ],
)
def test_what_is_plainly_harmless_is_not_walked(payload: dict[str, Any]) -> None:
    look = Glance(SensitiveNames())

    assert not look.may_hold_secrets(msgspec.json.encode(payload))


@pytest.mark.parametrize("number", ["1e999", "-1E+400", "9" * 5_000])
@pytest.mark.parametrize("part", ["breadcrumbs", "extra", "level", "exception"])
def test_a_number_too_large_for_any_type_costs_nothing_else(part: str, number: str) -> None:
    payload = f'{{"message":"here","{part}":{{"values":[{{"a":[{number}],"b":[{"[0]," * 200}1]}}]}}}}'.encode()
    event, *_ = take_apart(payload)

    trim(event, len(payload))

    assert read_event(event, NOON).message == "here"
    kept: Any = decode_json(msgspec.json.encode(event))
    assert kept[part]["values"][0]["a"][0] in (None, float("inf"), float("-inf"))
