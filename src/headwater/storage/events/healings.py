"""Stored events that are to be resolved again: asked for by anybody, done by the digest process.

Each healing goes through its events from the newest to the oldest. How far it is stands in its row,
written with what it changed: a process that dies in between loses nothing and does nothing twice.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Connection, Row, func, or_, select, tuple_

from headwater.storage.database import Database
from headwater.storage.events.retention import STORED
from headwater.storage.many_rows import upsert_all
from headwater.storage.schema import events, healings, issues, removed_events

CLAIM: Final = timedelta(minutes=2)
"""How long a process that has died holds a healing (PostgreSQL). Should a step take longer, another
process does the same, and the second of them changes nothing."""

KEPT: Final = timedelta(days=1)
"""How long it is told that somebody's 'resolve again' is done."""

MAX_SUBJECT: Final = 250
"""Characters of a release's name: the column's width."""

_ROWS: Final = 200
"""Healings that one statement asks for."""


class Kind(StrEnum):
    """Which events."""

    RESOLUTION = "resolution"
    """Those that share one; subject: its digest in hexadecimal digits."""
    TRIAL = "trial"
    """The newest of those, and the rest only if these came out better: they share its cause."""
    EVENT = "event"
    ISSUE = "issue"
    RELEASE = "release"
    PROJECT = "project"


class Healing(Struct, frozen=True):
    """`cursor`: events with lower ids are yet to come. `done` of `total` were looked at."""

    id: int
    project_id: int
    kind: Kind
    subject: str
    cursor: int
    total: int
    done: int
    changed: int
    asked_at: datetime
    finished_at: datetime | None

    @property
    def at_least(self) -> int:
        """Of how many events it is, as far as is known: some may have come since it was asked for."""
        return max(self.total, self.done)


class Step(Struct, frozen=True):
    """What is done of a healing: `seen` events looked at down to `cursor`, and these resolved again."""

    healing: Healing
    cursor: int
    seen: int
    ids: tuple[int, ...]
    is_last: bool


class Healings:
    """Reads open their own connection, and so does `ask`; the rest is in the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ask(self, project_id: int, kind: Kind, subject: str, now: datetime) -> None:
        """Resolve these again, from the newest on, even if it is being done already."""
        with self._database.write() as connection:
            cursor, total = _extent(connection, project_id, kind, subject)
            row = _row(project_id, kind, subject, now) | {"cursor": cursor, "total": total}
            upsert_all(connection, healings, [row], _UNIQUE)

    def ask_resolutions(
        self,
        connection: Connection,
        wanted: Iterable[tuple[int, bytes]],
        now: datetime,
        kind: Kind = Kind.RESOLUTION,
    ) -> None:
        """Resolve again what shares these resolutions, by project and digest; or try to (TRIAL)."""
        rows = []
        for project_id, digest in sorted(set(wanted)):
            latest = select(func.max(events.c.id)).where(events.c.resolution_digest == digest)
            cursor = (connection.execute(latest).scalar() or 0) + 1
            row = _row(project_id, kind, digest.hex(), now)
            rows.append(row | {"cursor": cursor, "total": 0})
        for start in range(0, len(rows), _ROWS):
            upsert_all(connection, healings, rows[start : start + _ROWS], _UNIQUE)

    def of(self, project_id: int, kind: Kind, subject: str) -> Healing | None:
        """That which was asked for last, done or not."""
        wanted = _HEALINGS.where(
            healings.c.project_id == project_id,
            healings.c.kind == kind.value,
            healings.c.subject == subject,
        )
        with self._database.read() as connection:
            row = connection.execute(wanted).first()
        return None if row is None else _healing(row)

    def several(
        self, project_id: int, subjects: Collection[tuple[Kind, str]]
    ) -> Mapping[tuple[Kind, str], Healing]:
        """Those of these that were ever asked for."""
        named = tuple_(healings.c.kind, healings.c.subject)
        those = named.in_([(kind.value, subject) for kind, subject in subjects])
        wanted = _HEALINGS.where(healings.c.project_id == project_id, those)
        with self._database.read() as connection:
            found = [_healing(row) for row in connection.execute(wanted)]
        return {(each.kind, each.subject): each for each in found}

    def waiting(self) -> int:
        """How many are not done."""
        wanted = select(func.count()).where(healings.c.finished_at.is_(None))
        with self._database.read() as connection:
            return connection.execute(wanted).scalar_one()

    def claim(self, limit: int, now: datetime) -> Sequence[Healing]:
        """Those that have the newest events to do. On PostgreSQL nobody else gets them for CLAIM."""
        free = or_(healings.c.claimed_until.is_(None), healings.c.claimed_until < now)
        wanted = _HEALINGS.where(healings.c.finished_at.is_(None))
        wanted = wanted.order_by(healings.c.cursor.desc(), healings.c.id).limit(limit)
        if self._database.is_sqlite:  # one data folder has one digest process
            with self._database.read() as connection:
                return [_healing(row) for row in connection.execute(wanted)]
        with self._database.write() as connection:
            rows = connection.execute(wanted.where(free).with_for_update(skip_locked=True)).all()
            these = healings.c.id.in_([row.id for row in rows])
            connection.execute(healings.update().where(these).values(claimed_until=now + CLAIM))
            return [_healing(row) for row in rows]

    def give_back(self, claimed: Sequence[Healing]) -> None:
        """They were not, or not all, worked at."""
        if claimed and not self._database.is_sqlite:
            with self._database.write() as connection:
                these = healings.c.id.in_([each.id for each in claimed])
                connection.execute(healings.update().where(these).values(claimed_until=None))

    def advance(self, connection: Connection, step: Step, changed: int, now: datetime) -> None:
        """Note what was done; nothing, where it was asked for again meanwhile."""
        healing = step.healing
        # As it was when the step began: who asked again since wants it from the newest on.
        this = (
            healings.c.id == healing.id,
            healings.c.cursor == healing.cursor,
            healings.c.asked_at == healing.asked_at,
        )
        if step.is_last and healing.kind in (Kind.RESOLUTION, Kind.TRIAL):
            connection.execute(healings.delete().where(*this))
            if changed and healing.kind is Kind.TRIAL:
                rest = healing.project_id, bytes.fromhex(healing.subject)
                self.ask_resolutions(connection, [rest], now)
            return
        connection.execute(
            healings.update()
            .where(*this)
            .values(
                cursor=step.cursor,
                done=healing.done + step.seen,
                changed=healing.changed + changed,
                claimed_until=None,
                finished_at=now if step.is_last else None,
            )
        )

    def tidy(self, now: datetime) -> None:
        """Forget what was done long ago."""
        old = healings.c.finished_at < now - KEPT
        with self._database.read() as connection:
            if connection.execute(select(healings.c.id).where(old).limit(1)).first() is None:
                return
        with self._database.write() as connection:
            connection.execute(healings.delete().where(old))


_COLUMNS: Final = Healing.__struct_fields__
_HEALINGS: Final = select(*(healings.c[name] for name in _COLUMNS))


def _row(project_id: int, kind: Kind, subject: str, now: datetime) -> dict[str, Any]:
    return {
        "project_id": project_id,
        "kind": kind.value,
        "subject": subject,
        "done": 0,
        "changed": 0,
        "asked_at": now,
        "claimed_until": None,
        "finished_at": None,
    }


def _extent(connection: Connection, project_id: int, kind: Kind, subject: str) -> tuple[int, int]:
    """Behind which event it begins, and of how many it is; of a release, all the project's are looked at."""
    of_project = events.c.project_id == project_id
    if kind is Kind.EVENT:
        this = select(events.c.id).where(of_project, events.c.event_id == subject)
        found = connection.execute(this).scalar()
        return (0, 0) if found is None else (found + 1, 1)
    counted = select(func.coalesce(func.sum(STORED), 0))
    counted = counted.select_from(issues.outerjoin(removed_events))
    latest = select(func.max(events.c.id)).where(of_project)
    if kind is Kind.ISSUE:
        counted = counted.where(issues.c.id == int(subject))
        latest = latest.where(events.c.issue_id == int(subject))
    else:
        counted = counted.where(issues.c.project_id == project_id)
    cursor = (connection.execute(latest).scalar() or 0) + 1
    return cursor, int(connection.execute(counted).scalar_one())


_UNIQUE: Final = ("project_id", "kind", "subject")


def _healing(row: Row[Any]) -> Healing:
    columns = {name: getattr(row, name) for name in _COLUMNS}
    return Healing(**(columns | {"kind": Kind(row.kind)}))
