"""Events as they came."""

from datetime import UTC, datetime

import pytest
import zstandard
from msgspec.structs import asdict, replace
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from headwater.storage import schema
from headwater.storage.database import Database
from headwater.storage.events.events import Events, NewEvent, StoredEvent
from headwater.storage.events.retention import Retained
from headwater.storage.issues.issues import Issues
from headwater.storage.issues.sighting import Sighting
from headwater.storage.page import Part
from headwater.storage.projects import Projects
from headwater.storage.schema import resolutions

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
EVENT = StoredEvent(
    id=0,
    project_id=1,
    event_id="a" * 32,
    issue_id=1,
    timestamp=NOON,
    received_at=NOON,
    title="Error: no",
    level="error",
    platform="javascript",
    release="1.0",
    dist=None,
    environment="production",
    provisional_hash="p" * 32,
    final_hash="f" * 32,
    payload=b'{ "as": "it came" }',
    resolution=b'{"version":1}',
)


@pytest.fixture
def events(database: Database) -> Events:
    seen = Sighting("a" * 32, NOON, "Error", "", "error", "javascript", is_settled=True)
    for name in ("Shop", "Blog"):
        project = Projects(database).create(name, None, NOON)
        with database.write() as connection:
            Issues(database).create(connection, project.id, seen)
    return Events(database)


def _add(database: Database, events: Events, **changes: object) -> None:
    with database.write() as connection:
        stored = asdict(replace(EVENT, **changes))
        new = NewEvent(**{**stored, "resolution": events.share(stored["resolution"])})
        events.add_all(connection, [new])


def test_an_event_is_kept_to_the_byte(database: Database, events: Events) -> None:
    _add(database, events)

    stored = events.get(1, "a" * 32)

    assert stored is not None
    assert replace(stored, id=0) == EVENT


def test_an_event_id_is_stored_once_in_a_project(database: Database, events: Events) -> None:
    _add(database, events)
    _add(database, events, project_id=2, issue_id=2)
    with pytest.raises(IntegrityError):
        _add(database, events, payload=b"{}")

    stored = events.get(1, "a" * 32)
    assert stored is not None
    assert stored.payload == EVENT.payload


def test_an_event_is_found_in_its_project_or_in_any(database: Database, events: Events) -> None:
    _add(database, events, project_id=2, issue_id=2)

    assert events.get(1, "a" * 32) is None
    anywhere = events.get(None, "a" * 32)
    assert anywhere is not None
    assert anywhere.project_id == 2
    with database.read() as connection:
        assert events.known(connection, 2, ["a" * 32, "b" * 32]) == {"a" * 32}
        assert events.known(connection, 1, ["a" * 32]) == set()


def test_neighbours_are_those_of_the_same_issue(database: Database, events: Events) -> None:
    for letter in "abc":
        _add(database, events, event_id=letter * 32)
        _add(database, events, event_id=letter * 32, project_id=2, issue_id=2)

    around = [events.get(1, letter * 32) for letter in "abc"]
    found = [events.neighbours(event) for event in around if event]

    assert [(one.older, one.newer) for one in found] == [
        (None, "b" * 32),
        ("a" * 32, "c" * 32),
        ("b" * 32, None),
    ]
    assert {(one.oldest, one.newest) for one in found} == {("a" * 32, "c" * 32)}
    latest = events.latest(1)
    assert latest is not None
    assert latest.event_id == "c" * 32
    assert events.latest(999) is None


def test_an_issue_s_events_come_in_pages_newest_first(database: Database, events: Events) -> None:
    for letter in "abc":
        _add(database, events, event_id=letter * 32)

    first = events.of_issue(1, Part(size=2))
    second = events.of_issue(1, Part(first.items[-1].id, size=2))
    back = events.of_issue(1, Part(second.items[0].id, size=1, is_back=True))

    assert [event.event_id[0] for event in (*first.items, *second.items)] == ["c", "b", "a"]
    assert (first.has_next, second.has_next) == (True, False)
    assert [event.event_id[0] for event in back.items] == ["b"]
    assert back.has_next


def _resolutions(database: Database) -> int:
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(resolutions)).scalar_one()


def test_events_that_threw_in_the_same_place_share_their_resolution(
    database: Database, events: Events
) -> None:
    for letter in "abc":
        _add(database, events, event_id=letter * 32)
    _add(database, events, event_id="d" * 32, resolution=b'{"version":2}')

    assert _resolutions(database) == 2
    found = [events.get(1, letter * 32) for letter in "abcd"]
    assert [each and each.resolution for each in found] == [b'{"version":1}'] * 3 + [
        b'{"version":2}'
    ]


def test_a_shared_resolution_goes_with_the_last_event_that_has_it(
    database: Database, events: Events
) -> None:
    for letter in "ab":
        _add(database, events, event_id=letter * 32)
    first, second = (events.get(1, letter * 32) for letter in "ab")
    assert first
    assert second

    Retained(database).remove([first.id])
    assert _resolutions(database) == 1
    Retained(database).remove([second.id])

    assert _resolutions(database) == 0
    _add(database, events, event_id="c" * 32)
    again = events.get(1, "c" * 32)
    assert again
    assert again.resolution == b'{"version":1}'


def test_a_resolution_that_was_stored_with_its_event_is_read(
    database: Database, events: Events
) -> None:
    _add(database, events)
    packed = zstandard.ZstdCompressor().compress(b'{"version":0}')
    with database.write() as connection:
        connection.execute(schema.events.update().values(resolution=packed, resolution_digest=None))

    stored = events.get(1, "a" * 32)

    assert stored
    assert stored.resolution == b'{"version":0}'
