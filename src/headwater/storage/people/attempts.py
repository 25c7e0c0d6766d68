"""Passwords and codes that were tried in vain, counted for all web processes, and over their restarts."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, case, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from headwater.storage.database import Database
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
        self._window = window

    def count(self, limits: Mapping[tuple[str, str], int], now: datetime) -> bool:
        """One failure more of each; False, and nothing is counted, if one of them has so many.

        In one transaction that holds them all: of several who try at once each is counted.
        """
        limit_of = {self._key(key): limit for key, limit in limits.items()}
        try:
            with self._database.write() as connection:
                _check(self._add(connection, list(limit_of), now), limit_of)
                self._forget(connection, now)
        except _TooMany:
            return False
        return True

    def forgive(self, slips: tuple[str, str], others: Sequence[tuple[str, str]]) -> None:
        """The slips are forgotten, and one failure of each of the others."""
        forgotten = self._key(slips)
        of_row = failed_attempts.c.key
        with self._database.write() as connection:
            # Always in the order of the keys, so that no two wait for one another in a ring.
            for key in sorted([forgotten, *map(self._key, others)]):
                if key == forgotten:
                    connection.execute(delete(failed_attempts).where(of_row == key))
                else:
                    some = of_row == key, failed_attempts.c.failures > 0
                    less = {"failures": failed_attempts.c.failures - 1}
                    connection.execute(update(failed_attempts).where(*some).values(less))

    def _add(self, connection: Connection, keys: Sequence[str], now: datetime) -> Mapping[str, int]:
        """Key → failures, this one included."""
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        rows = [{"key": key, "failures": 1, "since": now} for key in sorted(keys)]
        columns = failed_attempts.c
        is_over = or_(columns.since <= now - self._window, columns.failures < 1)
        counted = (
            dialect.insert(failed_attempts)
            .values(rows)
            .on_conflict_do_update(
                index_elements=["key"],
                set_={
                    "failures": case((is_over, 1), else_=columns.failures + 1),
                    "since": case((is_over, now), else_=columns.since),
                },
            )
            .returning(columns.key, columns.failures)
        )
        return {key: failures for key, failures in connection.execute(counted)}  # noqa: C416 # rows

    def _forget(self, connection: Connection, now: datetime) -> None:
        # Those that somebody else counts at this moment are not waited for.
        old = (
            select(failed_attempts.c.key)
            .where(failed_attempts.c.since <= now - self._window)
            .limit(MAX_FORGOTTEN)
            .with_for_update(skip_locked=True)
        )
        connection.execute(delete(failed_attempts).where(failed_attempts.c.key.in_(old)))

    def _key(self, key: tuple[str, str]) -> str:
        # Addresses of people and machines are no business of a backup's reader.
        return hashlib.sha256("\0".join((self._kind, *key)).encode("utf-8", "replace")).hexdigest()


def _check(found: Mapping[str, int], limit_of: Mapping[str, int]) -> None:
    if any(found[key] > limit for key, limit in limit_of.items()):
        raise _TooMany
