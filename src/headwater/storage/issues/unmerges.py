"""What a person merged, taken apart again: each issue gets back what it had, and what came since.

Hashes, and what was counted when they were merged, go back at once; the events by and by. What came
since is counted where it goes as it moves, which the digest does: it knows what an event is counted by.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Row, case, select

from headwater.storage.database import Database
from headwater.storage.issues.activity import Activity, Kind
from headwater.storage.issues.healing_issues import heal_instead
from headwater.storage.issues.hours import first_hour
from headwater.storage.issues.merges import MAX_MERGED, MAX_MOVED
from headwater.storage.issues.moves import IssueMoves
from headwater.storage.issues.rows import Changing, changing, leave, locked, look_again, write_rows
from headwater.storage.issues.tallies import Tallies
from headwater.storage.issues.tombstones import State, tree_of
from headwater.storage.issues.waiting_mutes import WaitingMutes
from headwater.storage.schema import events, issue_hashes, issues, merges


class Leaving(Struct, frozen=True):
    """An issue that is taken out of another. `tree`: itself, and what was merged into it before."""

    origin: int
    target: int
    last_event: int
    tree: tuple[int, ...]


class Unmerges:
    """`unmerge` opens its own connection, and so do `next` and `finish`; the rest is the caller's."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._moves = IssueMoves(database)
        self._tallies = Tallies(database)
        self._activity = Activity(database)

    def unmerge(
        self, target: int, origins: Collection[int] | None, now: datetime, user_id: int | None
    ) -> Sequence[int]:
        """Take those of `origins` (None: all, MAX_MERGED at most) out that a person merged into it;
        their numbers. What is not in it, or was taken out already, is left as it is."""
        with self._database.write() as connection:
            # The issue first: who merges, heals or moves events holds it before what was merged into it.
            rows = locked(connection, [target])
            there = merges.c.target == target, merges.c.at.is_not(None)
            wanted = select(merges).where(*there, merges.c.state != State.LEAVING.value)
            if origins is not None:
                wanted = wanted.where(merges.c.origin.in_(sorted(origins)[:MAX_MERGED]))
            wanted = wanted.order_by(merges.c.at.desc(), merges.c.origin).limit(MAX_MERGED)
            found = connection.execute(wanted.with_for_update()).all()
            if not found or rows[target].merged_into is not None:
                return ()
            rows |= locked(connection, [row.origin for row in found])
            kept = changing(rows[target])
            for row in found:
                self._take_out(connection, row, changing(rows[row.origin]), kept)
            write_rows(connection, [kept])
            gone = [int(row.origin) for row in found]
            said = ", ".join(f"#{origin}" for origin in sorted(gone))
            self._activity.add(connection, [target], Kind.UNMERGED, now, user_id, f"{said} out")
            self._activity.add(
                connection, gone, Kind.UNMERGED, now, user_id, f"it out of #{target}"
            )
        self._tallies.forget()
        for leaving in self._leaving(gone):
            self.bring_back(leaving)
        return gone

    def next(self) -> Leaving | None:
        """One whose events are on their way back."""
        found = self._leaving(None)
        return found[0] if found else None

    def bring_back(self, leaving: Leaving) -> int:
        """Move some of the events that it had when it was merged; how many."""
        with self._database.write() as connection:
            had = select(events.c.id).where(*_marked(leaving), events.c.id <= leaving.last_event)
            ids = connection.execute(had.limit(MAX_MOVED)).scalars().all()
            self.put_back(connection, leaving, ids)
        return len(ids)

    def came_since(self, leaving: Leaving, limit: int) -> Sequence[int]:
        """Some events that came since it was merged and would have been of it."""
        later = select(events.c.id).where(*_marked(leaving), events.c.id > leaving.last_event)
        with self._database.read() as connection:
            return connection.execute(later.order_by(events.c.id).limit(limit)).scalars().all()

    def put_back(
        self, connection: Connection, leaving: Leaving, ids: Sequence[int]
    ) -> Collection[int]:
        """The events alone; what is counted of them is not touched. Those that were still there, and
        that no other process has put back."""
        own = events.c.merged_from == leaving.origin
        these = events.c.id.in_(ids), events.c.issue_id == leaving.target
        whose = case((own, None), else_=events.c.merged_from)
        moved = events.update().where(*these).values(issue_id=leaving.origin, merged_from=whose)
        return set(connection.execute(moved.returning(events.c.id)).scalars())

    def finish(self, leaving: Leaving) -> Sequence[int]:
        """All have moved, and what is counted as removed is yet to fit. Those of the two that are to be
        called anew: the one by an event that has left it, the other by how it was before its map came."""
        with self._database.write() as connection:
            rows = locked(connection, [leaving.origin, leaving.target])
            for row in rows.values():
                changed = changing(row)
                look_again(connection, changed)
                if row.id == leaving.origin:
                    # Retention may have taken what it had at the ends.
                    changed["first_seen"] = min(changed["first_seen"], row.first_seen)
                    changed["last_seen"] = max(changed["last_seen"], row.last_seen)
                write_rows(connection, [changed])
            this = merges.c.origin == leaving.origin, merges.c.state == State.LEAVING.value
            connection.execute(merges.delete().where(*this))
        called = {(row.title, row.culprit, row.shown_at) for row in rows.values()}
        nameless = [leaving.target] if len(rows) > len(called) else []
        own = rows.get(leaving.origin)
        return [*nameless, leaving.origin] if own and own.shown_at is None else nameless

    def _take_out(
        self, connection: Connection, row: Row[Any], own: Changing, kept: Changing
    ) -> None:
        tree = sorted(tree_of(connection, row.origin))
        mutes = WaitingMutes(connection, [kept])
        self._tallies.subtract(connection, row.origin, row.target)
        leave(kept, row.event_count)
        mutes.follow()
        if own["first_seen"] <= kept["first_seen"]:
            kept["first_seen"] = first_hour(connection, row.target) or kept["first_seen"]
        own["event_count"] = row.event_count
        if kept["decided_at"] is not None and kept["decided_at"] > row.at:
            # Who has decided since meant what was in it.
            self._moves.decide_alike(connection, kept, own)
        write_rows(connection, [own])
        into = issues.update().where(issues.c.id.in_(tree))
        connection.execute(into.values(merged_into=row.origin))
        connection.execute(
            issues.update().where(issues.c.id == row.origin).values(merged_into=None)
        )
        whose = case(
            (issue_hashes.c.merged_from == row.origin, None), else_=issue_hashes.c.merged_from
        )
        hashes = issue_hashes.update().where(
            issue_hashes.c.issue_id == row.target, issue_hashes.c.merged_from.in_(tree)
        )
        connection.execute(hashes.values(issue_id=row.origin, merged_from=whose))
        leaving = merges.update().where(merges.c.origin == row.origin)
        connection.execute(leaving.values(state=State.LEAVING.value))
        heal_instead(connection, row.target, row.origin)

    def _leaving(self, origins: Collection[int] | None) -> Sequence[Leaving]:
        wanted = select(merges).where(merges.c.state == State.LEAVING.value)
        if origins is not None:
            wanted = wanted.where(merges.c.origin.in_(origins))
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(merges.c.origin).limit(MAX_MERGED)).all()
            return [
                Leaving(
                    row.origin,
                    row.target,
                    row.last_event,
                    tuple(sorted(tree_of(connection, row.origin))),
                )
                for row in rows
            ]


def _marked(leaving: Leaving) -> tuple[ColumnElement[bool], ...]:
    """Events that have yet to go back."""
    return events.c.merged_from.in_(leaving.tree), events.c.issue_id == leaving.target
