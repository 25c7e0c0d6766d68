"""Events that move from one issue to another, with everything that is counted of them."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from sqlalchemy import Connection, select

from headwater.storage.batches import batches
from headwater.storage.database import Database
from headwater.storage.issues.decisions import DECIDED, UNDECIDED
from headwater.storage.issues.hashes import HashTaken
from headwater.storage.issues.issues import Issues
from headwater.storage.issues.resolved import ReleaseDates, Resolved, release_dates
from headwater.storage.issues.rows import (
    Changing,
    arrive,
    changing,
    leave,
    locked,
    look_again,
    show,
    write_rows,
)
from headwater.storage.issues.search import Status
from headwater.storage.issues.sighting import Sighting, is_gone
from headwater.storage.issues.tallies import Move, Tallies
from headwater.storage.issues.waiting_mutes import WaitingMutes, users_of
from headwater.storage.schema import events, issues


class Moved(Struct, frozen=True):
    """What moving events did to issues, by their ids.

    `nameless`: those whose title was that of an event that left them. `back`: those that had been
    resolved before an event came that has turned out to be of them.
    """

    nameless: Sequence[int]
    back: Sequence[int]


class IssueMoves:
    """All of it takes part in the caller's transaction, after the events themselves have moved."""

    def __init__(self, database: Database) -> None:
        self._issues = Issues(database)
        self._tallies = Tallies(database)

    def forget(self) -> None:
        """A transaction was undone: what was remembered with it is not so."""
        self._tallies.forget()

    def move(
        self, connection: Connection, moves: Sequence[Move], *, are_there: bool = True
    ) -> Moved:
        """Count them where they are now, and no more where they were.

        Raises HashTaken if one that they leave or move to was merged or deleted meanwhile: what is
        counted of it is not its own any more. Unless that makes no difference (not `are_there`).
        """
        rows = locked(connection, sorted({issue for each in moves for issue in _both(each)}))
        if are_there and any(is_gone(row) for row in rows.values()):
            raise HashTaken
        leaving = [each for each in moves if each.origin != each.target]
        changed = {issue_id: changing(row) for issue_id, row in rows.items()}
        mutes = WaitingMutes(connection, changed.values())
        self._tallies.move(connection, leaving)
        nameless, back = set(), set()
        dates = _dates(connection, changed, leaving)
        for each in leaving:
            if changed[each.origin]["shown_at"] == each.sighting.timestamp:
                nameless.add(each.origin)
            leave(changed[each.origin])
            if _reopens(changed[each.target], each, dates):
                back.add(each.target)
        for each in moves:
            if each.origin == each.target:
                show(changed[each.target], each.sighting)
        for issue_id in {each.origin for each in leaving}:
            look_again(connection, changed[issue_id])
        mutes.follow()
        write_rows(connection, changed.values())
        return Moved(sorted(nameless), sorted(back))

    def split(self, connection: Connection, project_id: int, origin: int, one: Sighting) -> int:
        """A new issue for events of another, for which a person's decision was meant as well."""
        issue_id = self._issues.create(connection, project_id, one)
        rows = locked(connection, [origin, issue_id])
        new = changing(rows[issue_id])
        self.decide_alike(connection, changing(rows[origin]), new)
        write_rows(connection, [new])
        return issue_id

    def decide_alike(self, connection: Connection, origin: Changing, target: Changing) -> None:
        """Do to one row what a person decided about another; a mute waits for as much as the other."""
        target.update({name: origin[name] for name in (*DECIDED, "decided_at")})
        if target["muted_events"] is not None:
            more = max(1, origin["muted_events"] - origin["event_count"])
            target["muted_events"] = target["event_count"] + more
        if target["muted_users"] is not None:
            users = users_of(connection, [origin["id"], target["id"]])
            more = max(1, origin["muted_users"] - users[origin["id"]])
            target["muted_users"] = users[target["id"]] + more

    def name(self, connection: Connection, issue_id: int, one: Sighting) -> None:
        """Show a title and culprit whatever was shown before."""
        shown = {"title": one.title, "culprit": one.culprit, "platform": one.platform}
        shown_at = one.timestamp if one.is_settled else None
        this = issues.update().where(issues.c.id == issue_id)
        connection.execute(this.values(shown_at=shown_at, **shown))

    def left_empty(self, connection: Connection, moves: Iterable[Move]) -> dict[int, int]:
        """Issues that none of the stored events is of any more, each with that where its last one went."""
        last = {each.origin: each.target for each in moves}
        there = select(events.c.id).where(events.c.issue_id == issues.c.id).exists()
        found: set[int] = set()
        for some in batches(sorted(last)):
            empty = select(issues.c.id).where(issues.c.id.in_(some), ~there)
            found.update(connection.execute(empty).scalars())
        # Where one went may be left empty as well.
        return {
            each: _end_of(each, last, found) for each in found if _end_of(each, last, found) != each
        }


def _both(move: Move) -> tuple[int, int]:
    return move.origin, move.target


def _dates(
    connection: Connection, rows: Mapping[int, Changing], moves: Sequence[Move]
) -> ReleaseDates:
    resolved = [
        Resolved.of(row)
        for row in (rows[each] for each in sorted({move.target for move in moves}))
        if row["status"] == Status.RESOLVED
    ]
    return release_dates(connection, resolved, {each.sighting.release for each in moves})


def _reopens(target: Changing, move: Move, dates: ReleaseDates) -> bool:
    """The event has moved there; whether it came after a person had resolved that."""
    arrive(target, move.sighting)
    if target["status"] != Status.RESOLVED:
        return False
    resolved = Resolved.of(target)
    if not resolved.is_undone_by(move.sighting.release, move.received_at, dates):
        return False
    target.update(UNDECIDED)
    return True


def _end_of(issue_id: int, last: Mapping[int, int], empty: set[int]) -> int:
    seen = {issue_id}
    target = last[issue_id]
    while target in empty and target in last and target not in seen:
        seen.add(target)
        target = last[target]
    return target
