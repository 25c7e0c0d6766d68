"""From a queued envelope to what is stored of its events."""

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from headwater.digest.normalize import Arrival, Malformed, normalize
from headwater.digest.trim import MAX_TRIMMED
from headwater.protocol.encoding import UndecodableBody
from headwater.storage.events.user_reports import UserReport
from headwater.storage.projects import Choices
from headwater.storage.queue.queue import QueuedEnvelope
from tests.event_side import envelope

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def _queued(body: bytes, **more: Any) -> QueuedEnvelope:
    return QueuedEnvelope(1, 1, NOON, body, 1, **more)


def _one(body: bytes, choices: Choices = Choices(), **more: Any) -> Arrival:  # noqa: B008
    (found,) = normalize(_queued(body, **more), choices)
    assert isinstance(found, Arrival)
    return found


def test_an_event_with_nothing_to_hide_is_kept_byte_for_byte() -> None:
    odd = b'{ "message" : "caf\\u00e9 \\/ 1e2" , "n": 1E2, "tokens": 12 }'

    assert _one(envelope(odd)).payload == odd


def test_what_was_scrubbed_is_scrubbed_in_the_view_too() -> None:
    found = _one(envelope({"message": "token=abc", "tags": {"password": "hunter2"}}))

    assert json.loads(found.payload) == {
        "message": "token=[Filtered]",
        "tags": {"password": "[Filtered]"},
    }
    assert found.event.message == "token=[Filtered]"
    assert found.event.tags == (("password", "[Filtered]"),)


def test_a_project_may_scrub_nothing_or_more() -> None:
    body = envelope({"extra": {"password": "hunter2", "pin": "1234"}})

    nothing = _one(body, Choices(scrubs_secrets=False))
    more = _one(body, Choices(sensitive_fields=("pin",)))
    pin_alone = _one(body, Choices(scrubs_secrets=False, sensitive_fields=("pin",)))

    assert json.loads(nothing.payload)["extra"] == {"password": "hunter2", "pin": "1234"}
    assert json.loads(more.payload)["extra"] == {"password": "[Filtered]", "pin": "[Filtered]"}
    assert json.loads(pin_alone.payload)["extra"] == {"password": "hunter2", "pin": "[Filtered]"}


def test_what_was_cut_is_noted() -> None:
    found = _one(envelope({"message": "x" * 9000}))

    assert len(json.loads(found.payload)["message"]) == 8192
    assert found.event.extra == ("message was cut; it had a length of 9,000",)


def test_old_forms_are_stored_in_todays() -> None:
    found = _one(envelope({"sentry.interfaces.Message": {"message": "hello"}}))

    assert json.loads(found.payload) == {"logentry": {"message": "hello"}}
    assert found.event.message == "hello"


def test_an_encoded_envelope_is_unpacked() -> None:
    body = gzip.compress(envelope({"message": "a"}))

    assert _one(body, encoding="gzip").event.message == "a"
    with pytest.raises(UndecodableBody):
        normalize(_queued(body[:-4], encoding="gzip"), Choices())


def test_the_id_that_the_client_was_told_is_that_of_an_event_without_one() -> None:
    told = "c" * 32

    assert _one(envelope({"message": "a"}), event_id=told).event.event_id == told
    assert _one(envelope({"event_id": "a" * 32}), event_id=told).event.event_id == "a" * 32
    header = envelope({"message": "a"}, event_id="b" * 32)
    assert _one(header, event_id=told).event.event_id == "b" * 32


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"{nonsense", "not JSON"),
        (b"[1]", "not a JSON object"),
        (b'{"extra":' * 300 + b"1" + b"}" * 300, "levels deep"),
        (b"[" * 100_000, "levels deep"),
    ],
)
def test_a_malformed_event_says_why(payload: bytes, reason: str) -> None:
    malformed, found = normalize(_queued(envelope(payload, {"message": "a"})), Choices())

    assert isinstance(malformed, Malformed)
    assert reason in malformed.reason
    assert isinstance(found, Arrival)


@pytest.mark.parametrize(
    ("payload", "stored"),
    [
        (rb'{"message":"a\ud83d\u0000"}', {"message": "a\ufffd\ufffd"}),
        (b'{"message":"a\xe2"}', {"message": "a\ufffd"}),
        (b'{"message":"a\tb"}', {"message": "a\tb"}),
        (b'{"extra":[NaN,1e999,-Infinity]}', {"extra": [None, None, None]}),
        (b'\xef\xbb\xbf{"extra":{"n":1}}', {"extra": {"n": 1}}),
    ],
)
def test_what_is_not_quite_json_is_stored_mended(payload: bytes, stored: dict[str, Any]) -> None:
    assert json.loads(_one(envelope(payload)).payload) == stored


def test_what_grows_when_it_is_mended_is_within_its_limit_afterwards() -> None:
    many = b",".join(b'"%d":"%b"' % (number, b"\x80" * 5_000) for number in range(40))
    event = b'{"extra":{%b},"contexts":{"a":{%b}},"breadcrumbs":[%b]}' % (
        many,
        many,
        b",".join([b'{"message":"%b"}' % (b"\x01" * 1_000)] * 100),
    )

    found = _one(envelope(event))

    assert len(event) < MAX_TRIMMED
    assert len(found.payload) <= MAX_TRIMMED


@pytest.mark.parametrize(
    ("scrubs", "kept"),
    [
        (True, "it broke, password=[Filtered] card [Filtered]"),
        (False, "it broke, password=hunter2 card 4111111111111111"),
    ],
)
def test_what_users_say_is_scrubbed_as_events_are(scrubs: bool, kept: str) -> None:  # noqa: FBT001
    said = {
        "event_id": "a" * 32,
        "name": "Ada",
        "email": "ada@example.com",
        "comments": "it broke, password=hunter2 card 4111111111111111",
    }

    (found,) = normalize(
        _queued(envelope(said, kind="user_report")), Choices(scrubs_secrets=scrubs)
    )

    assert isinstance(found, UserReport)
    assert (found.name, found.email, found.comments) == ("Ada", "ada@example.com", kept)
