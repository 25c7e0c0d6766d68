"""Events as they came, and beside each what symbolication made of it."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Connection, Row, select

from headwater.storage.batches import among, batches
from headwater.storage.database import Database
from headwater.storage.events.payloads import Payloads
from headwater.storage.hidden_projects import NOT_DELETED
from headwater.storage.issues.search import is_deleted
from headwater.storage.many_rows import insert_all_new, insert_rows
from headwater.storage.page import Page, Part
from headwater.storage.schema import events, projects, resolutions


class EventSummary(Struct, frozen=True, kw_only=True):
    """An event without its weight. `id` grows in the order of storing."""

    id: int
    project_id: int
    event_id: str
    issue_id: int
    timestamp: datetime
    received_at: datetime
    title: str
    level: str
    platform: str
    release: str | None
    dist: str | None
    environment: str | None
    provisional_hash: str
    final_hash: str
    merged_from: int | None = None
    """The issue that it would belong to, had a person not merged that into its own."""


class StoredEvent(EventSummary, frozen=True, kw_only=True):
    """`payload`: the event's JSON, as it came. `resolution`: JSON of symbolicate's Resolution."""

    payload: bytes
    resolution: bytes


class SharedResolution(Struct, frozen=True):
    """A resolution as it is stored, once for all events that have the same. `content` is packed."""

    digest: bytes
    content: bytes


class NewEvent(EventSummary, frozen=True, kw_only=True):
    """One that is to be stored: its `id` is ignored."""

    payload: bytes
    resolution: SharedResolution


class Neighbours(Struct, frozen=True):
    """Ids of the events stored just before and after one, and of the ends of the issue's list."""

    oldest: str | None
    older: str | None
    newer: str | None
    newest: str | None


def resolution_digest(resolution: bytes) -> bytes:
    """What events share a resolution by, of its JSON."""
    return hashlib.blake2b(resolution, digest_size=16).digest()


class Events:
    """Reads open their own connection; `add_all` and `known` take part in the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._payloads = Payloads(database)

    def share(self, resolution: bytes) -> SharedResolution:
        """JSON as it is to be stored. Raises DatabaseError, at the first call only."""
        packed = self._payloads.pack(resolution, is_typical=False)
        return SharedResolution(resolution_digest(resolution), packed)

    def add_all(self, connection: Connection, new: Sequence[NewEvent]) -> None:
        """Store them. Raises IntegrityError if one's event id is taken meanwhile."""
        if not new:
            return
        shared = {event.resolution.digest: event.resolution.content for event in new}
        # Always, not only what seems to be new: what retention deletes meanwhile is there again.
        rows = [{"digest": digest, "content": shared[digest]} for digest in sorted(shared)]
        insert_all_new(connection, resolutions, rows)
        inserted = [
            (
                *_AS_IT_IS(event),
                self._payloads.pack(event.payload),
                _SHARED,
                event.resolution.digest,
            )
            for event in new
        ]
        insert_rows(connection, events, _INSERTED, inserted)

    def known(self, connection: Connection, project_id: int, event_ids: Sequence[str]) -> set[str]:
        """Those of the event ids that the project has an event of."""
        found: set[str] = set()
        for some in batches(event_ids):
            wanted = select(events.c.event_id).where(
                events.c.project_id == project_id, among(connection, events.c.event_id, some)
            )
            found.update(connection.execute(wanted).scalars())
        return found

    def get(self, project_id: int | frozenset[int] | None, event_id: str) -> StoredEvent | None:
        """The event of one project, of some, or (None) of any: the last stored one of that id, unless
        its issue was deleted."""
        # The index begins with the project, so that "any" is spelled as each of them.
        of_project: Any = select(projects.c.id).where(NOT_DELETED)
        if project_id is not None:
            of_project = sorted(project_id) if isinstance(project_id, frozenset) else [project_id]
        wanted = _EVENTS.where(events.c.project_id.in_(of_project), events.c.event_id == event_id)
        # Or else it is on its way out.
        wanted = wanted.where(~is_deleted(events.c.issue_id))
        return self._first(wanted.order_by(events.c.id.desc()))

    def latest(self, issue_id: int) -> StoredEvent | None:
        """The last stored event of an issue."""
        return self._first(
            _EVENTS.where(events.c.issue_id == issue_id).order_by(events.c.id.desc())
        )

    def of_issue(
        self,
        issue_id: int,
        part: Part = Part(),  # noqa: B008 # frozen
    ) -> Page[EventSummary]:
        """An issue's events, last stored first; parts go by their ids."""
        wanted = part.asked_of(_SUMMARIES.where(events.c.issue_id == issue_id), events.c.id)
        with self._database.read() as connection:
            rows = connection.execute(wanted).all()
        return part.page(_summaries(rows))

    def neighbours(self, event: EventSummary) -> Neighbours:
        """The events around this one in its issue."""
        same = select(events.c.event_id).where(events.c.issue_id == event.issue_id).limit(1)
        up, down = events.c.id, events.c.id.desc()
        wanted = select(
            same.order_by(up).scalar_subquery().label("oldest"),
            same.where(events.c.id < event.id).order_by(down).scalar_subquery().label("older"),
            same.where(events.c.id > event.id).order_by(up).scalar_subquery().label("newer"),
            same.order_by(down).scalar_subquery().label("newest"),
        )
        with self._database.read() as connection:
            return Neighbours(**connection.execute(wanted).mappings().one())

    def _first(self, wanted: Any) -> StoredEvent | None:
        with self._database.read() as connection:
            row = connection.execute(wanted.limit(1)).first()
        return None if row is None else self._stored(row)

    def _stored(self, row: Row[Any]) -> StoredEvent:
        found = dict(row._mapping)  # noqa: SLF001 # public in SQLAlchemy
        shared = found.pop("shared")
        found["resolution"] = found["resolution"] if shared is None else shared
        for name in _HEAVY:
            found[name] = self._payloads.unpack(found[name])
        return StoredEvent(**found)


_COLUMNS: Final = StoredEvent.__struct_fields__
_HEAVY: Final = ("payload", "resolution")
_SAME: Final = [name for name in _COLUMNS if name not in ("id", *_HEAVY)]
_AS_IT_IS: Final = attrgetter(*_SAME)
_INSERTED: Final = (*_SAME, *_HEAVY, "resolution_digest")
_SHARED: Final = b""
"""In place of a resolution that is among the shared ones."""
_EVENTS: Final = select(
    *(events.c[name] for name in _COLUMNS), resolutions.c.content.label("shared")
).select_from(events.outerjoin(resolutions))
_SUMMARIES: Final = select(*(events.c[name] for name in _COLUMNS if name not in _HEAVY))


def _summaries(rows: Sequence[Row[Any]]) -> Sequence[EventSummary]:
    return [EventSummary(**row._mapping) for row in rows]  # noqa: SLF001 # public in SQLAlchemy
