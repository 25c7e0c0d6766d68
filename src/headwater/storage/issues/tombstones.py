"""What is left of an issue that became another: its number, which leads there."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, func, or_, select

from headwater.storage.database import Database
from headwater.storage.issues.rows import absorb, changing, locked, write_rows
from headwater.storage.issues.tallies import Tallies
from headwater.storage.issues.waiting_mutes import WaitingMutes
from headwater.storage.schema import events, issue_hashes, issues, merges, removed_events


class State(StrEnum):
    """How far it is with a merge."""

    MOVING = "moving"
    """Its events are on their way."""
    MERGED = "merged"
    LEAVING = "leaving"
    """A person takes it apart, and its events are on their way back."""


class Decided(Struct, frozen=True):
    """That a person merged issues: when and, if they are still here, who."""

    at: datetime
    user_id: int | None


class Tombstones:
    """Takes part in the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._tallies = Tallies(database)

    def forget(self) -> None:
        """A transaction was undone: what was remembered with it is not so."""
        self._tallies.forget()

    def leave(
        self, connection: Connection, origin: int, target: int, decided: Decided | None = None
    ) -> None:
        """Make one issue the tombstone of another, to which everything goes that is counted of it, and
        its hashes; its events, if it has any, are the caller's to move.

        If a person `decided` so, what it had is kept with the tombstone, to be had again.
        """
        rows = locked(connection, (origin, target))
        gone, kept = rows[origin], changing(rows[target])
        mutes = WaitingMutes(connection, [kept])
        if gone.event_count > 0:
            absorb(kept, gone)
        self._tallies.add(connection, origin, target)
        mutes.follow()
        write_rows(connection, [kept])
        if decided is None:
            self._for_good(connection, origin, target)
        else:
            self._for_now(connection, origin, target, gone.event_count, decided)
        inherit_removed(connection, origin, target)
        # Tombstones always lead to the end of the chain.
        these = (issues.c.id == origin) | (issues.c.merged_into == origin)
        connection.execute(issues.update().where(these).values(merged_into=target))
        nothing = {"event_count": 0, "latest_event_id": None}
        connection.execute(issues.update().where(issues.c.id == origin).values(nothing))

    def _for_good(self, connection: Connection, origin: int, target: int) -> None:
        self._tallies.clear(connection, origin)
        # What had been merged into this one is merged into the other now.
        of_gone = merges.update().where(merges.c.target == origin)
        connection.execute(of_gone.values(target=target))
        hashes = issue_hashes.update().where(issue_hashes.c.issue_id == origin)
        connection.execute(hashes.values(issue_id=target))
        row = {"origin": origin, "target": target, "state": State.MERGED.value}
        connection.execute(merges.insert().values(row))

    def _for_now(
        self, connection: Connection, origin: int, target: int, count: int, decided: Decided
    ) -> None:
        hashes = issue_hashes.update().where(issue_hashes.c.issue_id == origin)
        whose = func.coalesce(issue_hashes.c.merged_from, origin)
        connection.execute(hashes.values(issue_id=target, merged_from=whose))
        last_event = connection.execute(select(func.max(events.c.id))).scalar() or 0
        row = {
            "origin": origin,
            "target": target,
            "state": State.MOVING.value,
            "at": decided.at,
            "user_id": decided.user_id,
            "event_count": count,
            "last_event": last_event,
        }
        connection.execute(merges.insert().values(row))


def inherit_removed(connection: Connection, origin: int, target: int) -> None:
    """How many events retention took from one issue becomes the other's."""
    gone = removed_events.delete().where(removed_events.c.issue_id == origin)
    count = connection.execute(gone.returning(removed_events.c.count)).scalar() or 0
    if count:
        there = connection.execute(
            removed_events.update()
            .where(removed_events.c.issue_id == target)
            .values(count=removed_events.c.count + count)
        )
        if not there.rowcount:
            row = {"issue_id": target, "count": count}
            connection.execute(removed_events.insert().values(row))


def events_are_gone(connection: Connection, ids: Collection[int]) -> None:
    """SQLite gives the numbers of the last events again when these are gone: to events that come since
    the merges that were made before."""
    if connection.dialect.name != "sqlite" or not ids:
        return
    last = connection.execute(select(func.max(events.c.id))).scalar() or 0
    if max(ids) > last:
        later = merges.update().where(merges.c.last_event > last)
        connection.execute(later.values(last_event=last))


def tree_of(connection: Connection, issue_id: int) -> Collection[int]:
    """An issue, and all that was merged into it, and into those."""
    found = {issue_id}
    newest: Collection[int] = found
    while newest:
        into = select(merges.c.origin).where(merges.c.target.in_(sorted(newest)))
        newest = set(connection.execute(into).scalars()) - found
        found |= set(newest)
    return found


def is_leaving() -> ColumnElement[bool]:
    """Of an issue: whether events are on their way out of it, or back to it."""
    either = or_(merges.c.origin == issues.c.id, merges.c.target == issues.c.id)
    return select(merges.c.origin).where(either, merges.c.state == State.LEAVING.value).exists()
