"""Stored events that are resolved again: read in small portions, written with what came of it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Select, select

from headwater.storage.batches import batches
from headwater.storage.database import Database
from headwater.storage.events.healings import Healing, Kind, Step
from headwater.storage.events.payloads import Payloads
from headwater.storage.events.retention import remove_resolutions
from headwater.storage.issues.hashes import Home
from headwater.storage.issues.search import is_deleted
from headwater.storage.many_rows import insert_all_new, update_all
from headwater.storage.schema import events, resolutions

MAX_SCANNED: Final = 1_000
"""Events of a project that are looked at for those of one release, at a time."""


class Draft(Struct, frozen=True):
    """A stored event, as it is before it is resolved again.

    `packed`: its JSON, as it is stored, since many are held at a time. `resolution_digest`: None of
    one that was stored before resolutions were shared; then `resolution` is its own, packed.
    """

    id: int
    project_id: int
    event_id: str
    issue_id: int
    timestamp: datetime
    received_at: datetime
    title: str
    provisional_hash: str
    final_hash: str
    release: str | None
    packed: bytes
    resolution: bytes
    resolution_digest: bytes | None
    merged_from: int | None


class Revision(Struct, frozen=True):
    """What became of it. `resolution`: JSON, `digest`: of that."""

    draft: Draft
    title: str
    provisional_hash: str
    final_hash: str
    resolution: bytes
    digest: bytes


class Revisions:
    """Reads open their own connection; the rest is in the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._payloads = Payloads(database, learns=False)

    def next(self, healing: Healing, limit: int) -> tuple[Sequence[Draft], Step]:
        """The newest events of a healing that are yet to do, and how far it is after them."""
        with self._database.read() as connection:
            found = connection.execute(_ids(healing, limit)).all()
            ids = [row.id for row in found if row.is_wanted]
            wanted, is_cut = ids[:limit], len(ids) > limit
            seen = [row.id for row in found if not is_cut or row.id >= wanted[-1]]
            drafts = self._drafts(connection, wanted)
        is_last = not is_cut and len(found) < _window(healing, limit)
        is_last |= healing.kind is Kind.TRIAL
        cursor = seen[-1] if seen else healing.cursor
        return drafts, Step(healing, cursor, len(seen), tuple(wanted), is_last)

    def some(self, ids: Sequence[int]) -> Sequence[Draft]:
        """Those of these events that there are, the newest first."""
        with self._database.read() as connection:
            return self._drafts(connection, ids)

    def latest(self, connection: Connection, issue_id: int) -> Draft | None:
        """The last stored event of an issue."""
        of_issue = select(*_COLUMNS).where(events.c.issue_id == issue_id)
        row = connection.execute(of_issue.order_by(events.c.id.desc()).limit(1)).first()
        return None if row is None else Draft(*row)

    def payload_of(self, draft: Draft) -> bytes:
        """Its JSON."""
        return self._payloads.unpack(draft.packed)

    def resolution_of(self, draft: Draft, connection: Connection | None = None) -> bytes:
        """JSON; nothing, if there is none any more. In a transaction what that has written, too."""
        packed: bytes | None = draft.resolution
        if draft.resolution_digest is not None:
            of_digest = resolutions.c.digest == draft.resolution_digest
            wanted = select(resolutions.c.content).where(of_digest)
            with nullcontext(connection) if connection else self._database.read() as own:
                packed = own.execute(wanted).scalar()
        return self._payloads.unpack(packed) if packed else b""

    def resolutions(self, connection: Connection, digests: Sequence[bytes]) -> Iterator[bytes]:
        """JSON of those that there are, in no order."""
        for some in batches(digests):
            wanted = select(resolutions.c.content).where(resolutions.c.digest.in_(some))
            yield from map(self._payloads.unpack, connection.execute(wanted).scalars())

    def unchanged(self, connection: Connection, drafts: Sequence[Draft]) -> set[int]:
        """Ids of those that are still as they were read. They stay so until the transaction ends.

        Those of deleted issues are on their way out, and left alone.
        """
        read = {draft.id: draft for draft in drafts}
        found = set()
        for some in batches(sorted(read)):
            now = select(events.c.id, events.c.issue_id, events.c.resolution_digest).where(
                events.c.id.in_(some), ~is_deleted(events.c.issue_id)
            )
            for row in connection.execute(now.order_by(events.c.id).with_for_update()):
                draft = read[row.id]
                if (row.issue_id, row.resolution_digest) == (
                    draft.issue_id,
                    draft.resolution_digest,
                ):
                    found.add(row.id)
        return found

    def write(
        self, connection: Connection, revised: Sequence[Revision], homes: Mapping[int, Home]
    ) -> None:
        """Store what became of them. `homes`: by the event's id, the issue that it belongs to now."""
        texts = {one.digest: one.resolution for one in revised}
        rows = [{"digest": each, "content": texts[each]} for each in sorted(texts)]
        for row in rows:
            row["content"] = self._payloads.pack(row["content"])
        insert_all_new(connection, resolutions, rows)
        update_all(connection, events, [_row(one, homes[one.draft.id]) for one in revised], "id")
        former = {one.draft.resolution_digest for one in revised}
        remove_resolutions(connection, {each for each in former if each is not None})

    def _drafts(self, connection: Connection, ids: Sequence[int]) -> Sequence[Draft]:
        # Not read in the order of ids alone: SQLite would then go through all of them.
        rows = [row for some in batches(ids) for row in connection.execute(_drafts(some))]
        return sorted((Draft(*row) for row in rows), key=lambda draft: -draft.id)


_COLUMNS: Final = tuple(
    events.c["payload" if name == "packed" else name] for name in Draft.__struct_fields__
)


def _row(one: Revision, home: Home) -> dict[str, Any]:
    return {
        "id": one.draft.id,
        "issue_id": home.issue_id,
        "merged_from": home.merged_from,
        "title": one.title,
        "provisional_hash": one.provisional_hash,
        "final_hash": one.final_hash,
        "resolution": b"",
        "resolution_digest": one.digest,
    }


def _drafts(ids: Sequence[int]) -> Select[Any]:
    return select(*_COLUMNS).where(events.c.id.in_(ids))


def _window(healing: Healing, limit: int) -> int:
    return MAX_SCANNED if healing.kind is Kind.RELEASE else limit + 1


def _ids(healing: Healing, limit: int) -> Select[Any]:
    """One more than wanted, so that the last portion is known as such."""
    wanted: ColumnElement[bool] = events.c.id.is_not(None)
    if healing.kind is Kind.RELEASE:
        wanted = events.c.release == healing.subject
    found = select(events.c.id, wanted.label("is_wanted")).where(
        *_where(healing), events.c.id < healing.cursor
    )
    return found.order_by(events.c.id.desc()).limit(_window(healing, limit))


def _where(healing: Healing) -> tuple[ColumnElement[bool], ...]:
    of_project = events.c.project_id == healing.project_id
    match healing.kind:
        case Kind.RESOLUTION | Kind.TRIAL:
            digest = bytes.fromhex(healing.subject)
            # Not the project first: its index is in the order of ids as well, and far longer.
            return (events.c.resolution_digest == digest,)
        case Kind.EVENT:
            return of_project, events.c.event_id == healing.subject
        case Kind.ISSUE:
            return (events.c.issue_id == int(healing.subject),)
        case _:
            return (of_project,)
