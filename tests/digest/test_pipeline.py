"""From an envelope to all that is known of its events."""

import json
from datetime import UTC, datetime

from headwater.digest.choices import KnownChoices
from headwater.digest.digested import Digested
from headwater.digest.normalize import Malformed
from headwater.digest.pipeline import Pipeline, Resolve
from headwater.protocol.bundle import ArtifactType
from headwater.storage.projects import Choices
from headwater.storage.queue.queue import QueuedEnvelope
from headwater.symbolicate.stacktrace import symbolicate
from tests.event_side import DEBUG_ID, envelope, minified_event, source_map
from tests.symbolicate.dictionary import DictionarySourceMaps

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def _queued(body: bytes) -> QueuedEnvelope:
    return QueuedEnvelope(1, 1, NOON, body, 1)


def _resolve_by(maps: DictionarySourceMaps) -> Resolve:
    return lambda _project_id, event: symbolicate(event, maps)


class _Choices(KnownChoices):
    """Every project is there, and has decided the same."""

    def __init__(self, choices: Choices) -> None:
        self._choices = choices

    def of(self, _project_id: int) -> Choices:
        return self._choices


def _pipeline(maps: DictionarySourceMaps, choices: Choices = Choices()) -> Pipeline:  # noqa: B008 # frozen
    return Pipeline(_resolve_by(maps), _Choices(choices))


def _one(
    body: bytes,
    maps: DictionarySourceMaps | None = None,
    choices: Choices = Choices(),  # noqa: B008 # frozen
) -> Digested:
    (found,) = _pipeline(maps or DictionarySourceMaps(), choices).digest(_queued(body))
    assert isinstance(found, Digested)
    return found


def test_a_minified_event_becomes_what_the_user_wrote() -> None:
    maps = DictionarySourceMaps()
    maps.add(ArtifactType.SOURCE_MAP, "~/app.js.map", source_map(), DEBUG_ID)

    found = _one(envelope(minified_event("a" * 32)), maps)

    assert found.title == "Error: no money"
    assert found.culprit == "pay · src/cart.ts:2"
    assert found.hashes.is_final
    assert found.hashes.provisional != found.hashes.final


def test_without_its_map_an_event_is_digested_all_the_same() -> None:
    found = _one(envelope(minified_event("a" * 32)))

    assert found.culprit == "t · https://h/app-5f3c9a1b.js:1:10"
    assert not found.hashes.is_final


def test_the_envelope_s_id_and_clock_are_the_event_s() -> None:
    body = envelope(
        {"timestamp": "2026-11-01T09:59:00Z"}, event_id="b" * 32, sent_at="2026-11-01T10:00:00Z"
    )

    event = _one(body).event

    assert event.event_id == "b" * 32
    assert event.timestamp == datetime(2026, 11, 1, 11, 59, tzinfo=UTC)


def test_a_malformed_event_does_not_cost_the_others() -> None:
    body = envelope(b"{nonsense", {"message": "a"}, event_id="b" * 32)

    malformed, found = _pipeline(DictionarySourceMaps()).digest(_queued(body))

    assert isinstance(malformed, Malformed)
    assert "not JSON" in malformed.reason
    assert isinstance(found, Digested)
    assert found.event.message == "a"


def test_two_events_of_one_envelope_don_t_share_its_id() -> None:
    body = envelope({"message": "a"}, {"message": "b"}, event_id="b" * 32)

    found = _pipeline(DictionarySourceMaps()).digest(_queued(body))

    assert len({one.event.event_id for one in found if isinstance(one, Digested)}) == 2


def test_what_a_project_decides_about_secrets_is_obeyed() -> None:
    body = envelope({"extra": {"password": "hunter2", "pin": "1234"}})

    usual = _one(body)
    more = _one(body, choices=Choices(sensitive_fields=("pin",)))
    nothing = _one(body, choices=Choices(scrubs_secrets=False))

    assert json.loads(usual.payload)["extra"] == {"password": "[Filtered]", "pin": "1234"}
    assert json.loads(more.payload)["extra"] == {"password": "[Filtered]", "pin": "[Filtered]"}
    assert nothing.payload in body
