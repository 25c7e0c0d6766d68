"""Exceptions that came before are not read again, and nobody can tell."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from headwater.digest.known_exceptions import KnownExceptions
from headwater.digest.normalize import Arrival, normalize
from headwater.digest.scrub import scrubber
from headwater.protocol.event_parts import take_apart
from headwater.storage.projects import Choices
from headwater.storage.queue.queue import QueuedEnvelope
from tests.event_side import envelope

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
FRAMES = [{"filename": "/srv/app.py", "function": f"f{n}", "lineno": n} for n in range(1, 4)]
THROWN = {"type": "Error", "value": "caf\u00e9 is closed", "stacktrace": {"frames": FRAMES}}
SECRET = {"stacktrace": {"frames": [{**FRAMES[0], "vars": {"password": "hunter2", "pin": "1"}}]}}
LONG = {"type": "Error", "value": "x" * 9_000}
MANY = {"type": "Error", "stacktrace": {"frames": FRAMES * 100}}
EVENTS: dict[str, dict[str, Any]] = {
    "harmless": {"exception": {"values": [THROWN]}},
    "listed": {"exception": [THROWN]},
    "alone": {"exception": THROWN},
    "two": {"exception": {"values": [THROWN, {**THROWN, "type": "Worse"}]}},
    "with a secret": {"exception": {"values": [SECRET]}},
    "too long": {"exception": {"values": [LONG]}},
    "too many frames": {"exception": {"values": [MANY]}},
    "a secret elsewhere": {"exception": {"values": [THROWN]}, "extra": {"password": "hunter2"}},
    "beside threads": {
        "exception": {"values": [{"type": "Crash"}]},
        "threads": {"values": [{"id": 1, "crashed": True, "stacktrace": {"frames": FRAMES}}]},
    },
    "beside a stack trace": {
        "exception": {"values": [{"type": "Crash"}]},
        "stacktrace": {"frames": FRAMES},
    },
    "very large": {
        "exception": {"values": [{**THROWN, "stacktrace": SECRET["stacktrace"]}]},
        "breadcrumbs": [{"message": "x" * 2_000}] * 400,
    },
    "no exceptions": {"exception": "none", "message": "hello"},
}
CHOICES = (
    Choices(),
    Choices(scrubs_secrets=False),
    Choices(sensitive_fields=("pin",)),
    Choices(scrubs_secrets=False, sensitive_fields=("pin",)),
)


def _arrival(event: dict[str, Any], choices: Choices, known: KnownExceptions | None) -> Arrival:
    # Spelled as no encoder of ours would.
    body = envelope(json.dumps({"event_id": "a" * 32, **event}).encode())
    (found,) = normalize(QueuedEnvelope(1, 1, NOON, body, 1), choices, known)
    assert isinstance(found, Arrival)
    return found


def _text(event: dict[str, Any]) -> bytes:
    text = take_apart(json.dumps(event).encode())[2]
    assert text is not None
    return text


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_is_the_same_however_often_its_exceptions_came(name: str) -> None:
    known = KnownExceptions()
    others = [event for other, event in EVENTS.items() if other != name]

    for choices in (*CHOICES, *CHOICES):
        for event in (EVENTS[name], EVENTS[name], *others, EVENTS[name]):
            assert _arrival(event, choices, known) == _arrival(event, choices, None)


def test_they_are_known_from_the_second_time_on() -> None:
    event, known, scrubs = EVENTS["harmless"], KnownExceptions(), scrubber(True, ())

    _arrival(event, Choices(), known)
    after_one = known.get(scrubs, _text(event))
    read = _arrival(event, Choices(), known).event.exceptions

    assert after_one is None
    assert known.get(scrubs, _text(event)) is read
    assert _arrival(event, Choices(), known).event.exceptions is read


@pytest.mark.parametrize("name", ["with a secret", "too long", "too many frames"])
def test_what_is_changed_on_its_way_in_is_never_known(name: str) -> None:
    event, known, scrubs = EVENTS[name], KnownExceptions(), scrubber(True, ())

    for _ in range(3):
        _arrival(event, Choices(), known)

    assert known.get(scrubs, _text(event)) is None
