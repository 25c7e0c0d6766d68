"""Passwords and codes that were tried in vain, counted for all web processes, and over their restarts.

PostgreSQL alone has several such processes. No clock of theirs takes part, so that none that is ahead
forgives what was tried at all of them.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, case, delete, func, or_, select, update

from headwater.storage.database import Database
from headwater.storage.many_rows import insert_into
from headwater.storage.schema import failed_attempts

MAX_FORGOTTEN: Final = 1_000
"""Counters that one attempt removes, whose time is over; it makes three."""


class _TooMany(Exception):
    """Undoes what was counted."""


class CountedAttempts:
    """Of one `kind`, such as passwords. Failures are forgotten `window` after the first of them."""

    def __init__(self, database: Database, kind: str, window: timedelta) -> None:
        self._database = database
        self._kind = kind
        self._is_over = failed_attempts.c.since <= func.now() - window

    def count(self, limits: Mapping[tuple[str, str], int]) -> bool:
        """One failure more of each; False, and nothing is counted, if one of them has so many.

        In one transaction that holds them all: of several who try at once each is counted. Whoever is
        refused writes nothing, however often they try.
        """
        limit_of = {self._key(key): limit for key, limit in limits.items()}
        try:
            with self._database.write() as connection:
                if _has_room(self._counted(connection, limit_of), limit_of):
                    _check(self._add(connection, limit_of), limit_of)
                    self._forget(connection)
                    return True
        except _TooMany:  # others were counted since we looked
            pass
        return False

    def forgive(self, slips: tuple[str, str], others: Sequence[tuple[str, str]]) -> None:
        """The slips are forgotten, and one failure of each of the others."""
        forgotten = self._key(slips)
        of_row = failed_attempts.c.key
        with self._database.write() as connection:
            # In the order in which they are counted.
            for key in sorted([forgotten, *map(self._key, others)]):
                if key == forgotten:
                    connection.execute(delete(failed_attempts).where(of_row == key))
                else:
                    some = of_row == key, failed_attempts.c.failures > 0
                    less = {"failures": failed_attempts.c.failures - 1}
                    connection.execute(update(failed_attempts).where(*some).values(less))

    def _counted(self, connection: Connection, keys: Collection[str]) -> Mapping[str, int]:
        """Key → failures until now, of those that have any."""
        columns = failed_attempts.c
        counted = select(columns.key, columns.failures).where(columns.key.in_(keys), ~self._is_over)
        return {key: failures for key, failures in connection.execute(counted)}  # noqa: C416 # rows

    def _add(self, connection: Connection, keys: Collection[str]) -> Mapping[str, int]:
        """Key → failures, this one included."""
        # Always in the order of the keys, so that no two wait for one another in a ring.
        rows = [{"key": key, "failures": 1, "since": func.now()} for key in sorted(keys)]
        columns = failed_attempts.c
        begins = or_(self._is_over, columns.failures < 1)
        counted = (
            insert_into(connection, failed_attempts)
            .values(rows)
            .on_conflict_do_update(
                index_elements=["key"],
                set_={
                    "failures": case((begins, 1), else_=columns.failures + 1),
                    "since": case((begins, func.now()), else_=columns.since),
                },
            )
            .returning(columns.key, columns.failures)
        )
        return {key: failures for key, failures in connection.execute(counted)}  # noqa: C416 # rows

    def _forget(self, connection: Connection) -> None:
        # Those that somebody else counts at this moment are not waited for.
        old = (
            select(failed_attempts.c.key)
            .where(self._is_over)
            .limit(MAX_FORGOTTEN)
            .with_for_update(skip_locked=True)
        )
        connection.execute(delete(failed_attempts).where(failed_attempts.c.key.in_(old)))

    def _key(self, key: tuple[str, str]) -> str:
        # Addresses of people and machines are no business of a backup's reader.
        return hashlib.sha256("\0".join((self._kind, *key)).encode("utf-8", "replace")).hexdigest()


def _has_room(found: Mapping[str, int], limit_of: Mapping[str, int]) -> bool:
    return all(found.get(key, 0) < limit for key, limit in limit_of.items())


def _check(found: Mapping[str, int], limit_of: Mapping[str, int]) -> None:
    if any(found[key] > limit for key, limit in limit_of.items()):
        raise _TooMany
