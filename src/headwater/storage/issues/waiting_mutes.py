"""Mutes that wait for users: as many more are waited for after events have moved as before."""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Connection, func, select

from headwater.storage.batches import batches
from headwater.storage.issues.decisions import USER
from headwater.storage.issues.rows import Changing
from headwater.storage.issues.tag_counts import MAX_VALUES
from headwater.storage.schema import issue_tags


class WaitingMutes:
    """Made before what is counted of some issues moves; asks nothing, if none of them waits."""

    def __init__(self, connection: Connection, rows: Iterable[Changing]) -> None:
        self._connection = connection
        self._waiting = [row for row in rows if row["muted_users"] is not None]
        self._before = self._users()

    def follow(self) -> None:
        """What is counted has moved: change the rows."""
        after = self._users()
        for row in self._waiting:
            more = row["muted_users"] - self._before[row["id"]]
            row["muted_users"] = after[row["id"]] + more
            if row["muted_users"] > MAX_VALUES:
                # Users are not told apart so far; no event brings more than one.
                row["muted_users"], row["muted_events"] = None, row["event_count"] + more

    def _users(self) -> Mapping[int, int]:
        return users_of(self._connection, [row["id"] for row in self._waiting])


def users_of(connection: Connection, issue_ids: Collection[int]) -> Mapping[int, int]:
    """How many met each of them, of those that are told apart."""
    found = dict.fromkeys(issue_ids, 0)
    for some in batches(sorted(found)):
        counted = (
            select(issue_tags.c.issue_id, func.count())
            .where(issue_tags.c.issue_id.in_(some), issue_tags.c.key == USER)
            .group_by(issue_tags.c.issue_id)
        )
        found.update((row[0], row[1]) for row in connection.execute(counted))
    return found
