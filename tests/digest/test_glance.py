"""A look at an event's JSON never takes a secret for harmless, and parts that stay closed are as good
as decoded ones."""

import copy
import json
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
     '[ "password", 1]', '{"password" : "x"}', 'no\\"secret\\": y']
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


@given(
    _EVENTS, st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : ")]), st.sampled_from([None, 1])
)
def test_closed_parts_end_as_decoded_ones_do(
    event: dict[str, Any], separators: tuple[str, str], indent: int | None
) -> None:
    payload = json.dumps(event, separators=separators, indent=indent).encode()
    decoded = json.loads(payload)
    closed, _ = take_apart(payload)
    scrubs = Scrubber((), usual=True)

    changed = [trim(decoded, len(payload)), scrubs.scrub(decoded)]

    assert [trim(closed, len(payload)), scrubs.scrub(closed)] == changed
    assert json.loads(msgspec.json.encode(closed)) == decoded
    assert read_event(closed, NOON, event_id="a" * 32) == read_event(
        decoded, NOON, event_id="a" * 32
    )


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
    event, _ = take_apart(payload)

    trim(event, len(payload))

    assert read_event(event, NOON).message == "here"
    kept: Any = decode_json(msgspec.json.encode(event))
    assert kept[part]["values"][0]["a"][0] in (None, float("inf"), float("-inf"))
