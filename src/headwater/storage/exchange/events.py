"""Events that arrive: known ones by their id, others as they were, with what was made of them."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import Connection

from headwater.storage.database import Database
from headwater.storage.events.events import Events, NewEvent, SharedResolution, StoredEvent
from headwater.storage.exchange.issues import ArrivingIssues
from headwater.storage.exchange.records import EventRecord
from headwater.storage.issues.places import IssuePlaces, Place, Stack
from headwater.storage.uploads.needed import note_needed
from headwater.storage.uploads.wants import Want, Wanted, Wants

AT_ONCE: Final = 100
"""Events that are stored in one transaction."""

_BUNDLE: Final = re.compile(rb'"bundle":(\d{1,18})')
"""Of evidence, as msgspec writes it: within a string, its quotes would be escaped."""


class Read(Struct, frozen=True):
    """What is to be known of an event that is stored as it was. `resolution`: JSON, nothing if it can't be
    used; `bundles` that it was made with; where its frames are; and what would resolve them better."""

    resolution: bytes
    bundles: frozenset[int]
    places: frozenset[Place]
    wants: frozenset[Want]


Reading = Callable[[bytes, bytes, datetime, str], Read | None]
"""Of an event's JSON, its resolution's, when it was received, and its id; None: it is no event."""

Arriving = tuple[StoredEvent, Read]


class ArrivingEvents:
    """Of one project."""

    def __init__(
        self,
        database: Database,
        project_id: int,
        issues: ArrivingIssues,
        bundles: Mapping[int, int],
        read: Reading,
    ) -> None:
        """`bundles`: what the archive calls them, and what they are called here."""
        self._database = database
        self._project_id = project_id
        self._issues = issues
        self._bundles = bundles
        self._read = read
        self._events = Events(database)
        self._wants = Wants(database)
        self.made = 0
        self.unread = 0

    def add_all(self, records: Iterable[EventRecord], now: datetime) -> None:
        """In portions, each of them whole or not at all. Raises DatabaseError."""
        portion: list[Arriving] = []
        for record in records:
            arrived = self._arrived(record)
            if arrived is None:
                self.unread += 1
                continue
            portion.append(arrived)
            if len(portion) == AT_ONCE:
                self._store(portion, now)
                portion = []
        self._store(portion, now)

    def _arrived(self, record: EventRecord) -> Arriving | None:
        issue_id = self._issues.id_of(record.issue)
        payload = bytes(record.payload)
        read = self._read(
            payload, self._own_numbers(record.resolution), record.received_at, record.event_id
        )
        if issue_id is None or read is None:
            return None
        given = {name: getattr(record, name) for name in _SAME}
        return StoredEvent(
            id=0,
            project_id=self._project_id,
            issue_id=issue_id,
            payload=payload,
            resolution=read.resolution,
            **given,
        ), read

    def _own_numbers(self, resolution: msgspec.Raw) -> bytes:
        def own(found: re.Match[bytes]) -> bytes:
            number = self._bundles.get(int(found[1]))
            return b'"bundle":' + (b"null" if number is None else b"%d" % number)

        try:
            # Whoever wrote it may have put blanks between its words.
            written = msgspec.json.encode(msgspec.json.decode(resolution))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return b""
        return _BUNDLE.sub(own, written)

    def _store(self, portion: Sequence[Arriving], now: datetime) -> None:
        is_stored = not portion
        while not is_stored:
            with self._database.write() as connection:
                is_stored = self._try(connection, portion, now)

    def _try(self, connection: Connection, portion: Sequence[Arriving], now: datetime) -> bool:
        """False, with nothing written: begin anew."""
        # First and in order, as everybody locks them: docs/decisions/0019.
        ends = self._issues.hold(connection, {event.issue_id for event, _ in portion})
        if ends is None:
            return False
        known = self._events.known(
            connection, self._project_id, [event.event_id for event, _ in portion]
        )
        new = {
            event.event_id: (event, read) for event, read in portion if event.event_id not in known
        }
        shared = {
            each: self._events.share(each) for each in {r.resolution for _, r in new.values()}
        }
        there = [
            (_new(event, ends[event.issue_id], shared[event.resolution]), read)
            for event, read in new.values()
            if event.issue_id in ends
        ]
        self._events.add_all(connection, [event for event, _ in there])
        self._note(connection, there, now)
        self.made += len(there)
        self.unread += len(new) - len(there)
        return True

    def _note(
        self, connection: Connection, new: Sequence[tuple[NewEvent, Read]], now: datetime
    ) -> None:
        came: defaultdict[int, list[datetime]] = defaultdict(list)
        needed: dict[bytes, frozenset[int]] = {}
        stacks: dict[Stack, Callable[[], frozenset[Place]]] = {}
        wanted: set[Wanted] = set()
        for event, read in new:
            digest = event.resolution.digest
            came[event.issue_id].append(event.timestamp)
            needed[digest] = read.bundles
            stacks[Stack(self._project_id, event.issue_id, digest)] = _known(read.places)
            wanted.update((self._project_id, digest, want) for want in read.wants)
        self._issues.count(connection, came)
        note_needed(connection, needed)
        IssuePlaces().add(connection, stacks)
        self._wants.add(connection, wanted, now)


_SAME: Final = tuple(set(EventRecord.__struct_fields__) - {"issue", "payload", "resolution"})


def _known(places: frozenset[Place]) -> Callable[[], frozenset[Place]]:
    return lambda: places


def _new(event: StoredEvent, issue_id: int, shared: SharedResolution) -> NewEvent:
    return NewEvent(**{**asdict(event), "issue_id": issue_id, "resolution": shared})
