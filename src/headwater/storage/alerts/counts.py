"""What rules with a threshold are measured by: events and users of each issue, by the minute.

Written by the digest with the events, in the same transaction, while there is such a rule; read by
whoever evaluates the rules. Minutes are those of receiving, since clients' clocks may be wrong.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from msgspec import Struct
from sqlalchemy import Connection, func, select

from headwater.storage.alerts.rules import RuleKind
from headwater.storage.database import Database
from headwater.storage.many_rows import execute_rows
from headwater.storage.schema import alert_marks, alert_minutes, alert_rules, alert_users

KNOWN_SECONDS: Final = 5.0
"""How long it is remembered whether there are rules that need counts."""

MAX_MARKS: Final = 200
"""Issues that are looked at in one go."""

MAX_REMOVED: Final = 5_000
"""Rows that one transaction removes: some 10 ms."""

SPARE_MINUTES: Final = 60
"""Counts outlive the longest window by so much, for what waited that long to be digested."""


class Counted(NamedTuple):
    """One event, as it is counted."""

    issue_id: int
    received_at: datetime
    environment: str
    user: str | None


class Mark(Struct, frozen=True):
    """An issue whose counts have changed from minute `since` on."""

    issue_id: int
    since: int
    stamp: datetime


def minute_of(moment: datetime) -> int:
    """Minutes since 1970."""
    return int(moment.timestamp()) // 60


class AlertCounts:
    """Reads open their own connection; `add` takes part in the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._wanted: Collection[str] = ()
        self._asked_at: float | None = None

    def add(self, connection: Connection, counted: Sequence[Counted], now: datetime) -> None:
        """Count events; nothing, if no rule asks for it."""
        wanted = self._kinds(connection)
        if not counted or not wanted:
            return
        if RuleKind.EVENTS in wanted:
            minutes = Counter(
                (each.issue_id, minute_of(each.received_at), each.environment) for each in counted
            )
            execute_rows(connection, _COUNT, [(*key, minutes[key]) for key in sorted(minutes)])
        if RuleKind.USERS in wanted:
            users = {
                (each.issue_id, each.environment, _hashed(each.user)): minute_of(each.received_at)
                for each in counted
                if each.user
            }
            execute_rows(connection, _SEE, [(*key, users[key]) for key in sorted(users)])
        marks: dict[int, int] = {}
        for each in counted:
            minute = minute_of(each.received_at)
            marks[each.issue_id] = min(minute, marks.get(each.issue_id, minute))
        execute_rows(connection, _MARK, [(issue, marks[issue], now) for issue in sorted(marks)])

    def marks(self) -> Sequence[Mark]:
        """At most MAX_MARKS issues that are to be looked at, those first that wait for longest."""
        wanted = select(alert_marks).order_by(alert_marks.c.stamp).limit(MAX_MARKS)
        with self._database.read() as connection:
            return [Mark(*row) for row in connection.execute(wanted)]

    def unmark(self, marks: Sequence[Mark]) -> None:
        """They were looked at; those that have changed meanwhile stay marked."""
        with self._database.write() as connection:
            for mark in marks:
                connection.execute(
                    alert_marks.delete().where(
                        alert_marks.c.issue_id == mark.issue_id, alert_marks.c.stamp == mark.stamp
                    )
                )

    def minutes(self, issue_id: int, environment: str, after: int) -> Mapping[int, int]:
        """Minute → events of an issue, later than a minute; an empty environment is any."""
        wanted = select(alert_minutes.c.minute, func.sum(alert_minutes.c.count)).where(
            alert_minutes.c.issue_id == issue_id, alert_minutes.c.minute > after
        )
        if environment:
            wanted = wanted.where(alert_minutes.c.environment == environment)
        with self._database.read() as connection:
            rows = connection.execute(wanted.group_by(alert_minutes.c.minute))
            return {minute: int(count) for minute, count in rows}

    def users(self, issue_id: int, environment: str, after: int) -> int:
        """Different users of an issue's events, later than a minute."""
        wanted = select(func.count(alert_users.c.user_hash.distinct())).where(
            alert_users.c.issue_id == issue_id, alert_users.c.minute > after
        )
        if environment:
            wanted = wanted.where(alert_users.c.environment == environment)
        with self._database.read() as connection:
            return connection.execute(wanted).scalar_one()

    def last_minute(self, issue_id: int) -> int | None:
        """When a user was seen last."""
        wanted = select(func.max(alert_users.c.minute)).where(alert_users.c.issue_id == issue_id)
        with self._database.read() as connection:
            return connection.execute(wanted).scalar()

    def tidy(self, window: int, now: datetime) -> int:
        """Remove what is older than the longest window of a rule, in minutes; how many rows."""
        before = minute_of(now) - window - SPARE_MINUTES
        return sum(self._drop(table, before) for table in (alert_minutes, alert_users))

    def _drop(self, table: Any, before: int) -> int:
        with self._database.read() as connection:
            old = select(*table.primary_key).where(table.c.minute < before).limit(MAX_REMOVED)
            keys = connection.execute(old).all()
        if keys:
            names = [column.name for column in table.primary_key]
            statement = f"DELETE FROM {table.name} WHERE {' AND '.join(f'{n} = %s' for n in names)}"  # noqa: S608 # names of ours
            with self._database.write() as connection:
                execute_rows(connection, statement, [tuple(key) for key in keys])
        return len(keys)

    def _kinds(self, connection: Connection) -> Collection[str]:
        now = time.monotonic()
        if self._asked_at is None or now - self._asked_at > KNOWN_SECONDS:
            counting = [RuleKind.EVENTS.value, RuleKind.USERS.value]
            asked = select(alert_rules.c.kind).where(
                alert_rules.c.kind.in_(counting), alert_rules.c.is_on
            )
            self._wanted = set(connection.execute(asked.distinct()).scalars())
            self._asked_at = now
        return self._wanted


def _hashed(user: str) -> bytes:
    return hashlib.blake2b(user.encode("utf-8", "surrogatepass"), digest_size=8).digest()


_COUNT: Final = """
INSERT INTO alert_minutes (issue_id, minute, environment, count) VALUES (%s, %s, %s, %s)
ON CONFLICT (issue_id, minute, environment) DO UPDATE SET
  count = alert_minutes.count + excluded.count
"""
_SEE: Final = """
INSERT INTO alert_users (issue_id, environment, user_hash, minute) VALUES (%s, %s, %s, %s)
ON CONFLICT (issue_id, environment, user_hash) DO UPDATE SET
  minute = greatest(alert_users.minute, excluded.minute)
"""
_MARK: Final = """
INSERT INTO alert_marks (issue_id, since, stamp) VALUES (%s, %s, %s)
ON CONFLICT (issue_id) DO UPDATE SET
  since = least(alert_marks.since, excluded.since), stamp = excluded.stamp
"""
