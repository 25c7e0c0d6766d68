"""What an installation's database holds, asked beside the running processes."""

import contextlib
import sqlite3
from dataclasses import dataclass
from typing import Any

import psycopg

BUSY_SECONDS = 60

_COUNTS = """
SELECT (SELECT COUNT(*) FROM events),
       (SELECT COUNT(*) FROM (SELECT DISTINCT project_id, event_id FROM events) AS different),
       (SELECT COALESCE(SUM(event_count), 0) FROM issues),
       (SELECT COALESCE(SUM(count), 0) FROM issue_hours),
       (SELECT COALESCE(SUM(count), 0) FROM outcomes WHERE category = 'error' AND reason = 'accepted')
"""
_OUTCOMES = "SELECT reason, SUM(count) FROM outcomes WHERE category = 'error' GROUP BY reason"
_FRAMES = "SELECT COALESCE(SUM(resolved), 0), COALESCE(SUM(failed), 0) FROM project_hours"


@dataclass(frozen=True, slots=True)
class Counts:
    """The same events, counted in each place that counts them, at one moment."""

    events: int
    different: int
    of_issues: int
    of_hours: int
    accepted: int

    def agree(self) -> bool:
        """Whether all of them are one number."""
        return len({self.events, self.different, self.of_issues, self.of_hours, self.accepted}) == 1


class Held:
    """The database at `url`, of any version's schema."""

    def __init__(self, url: str) -> None:
        self.url = url

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the database answers."""
        if not self.url.startswith("sqlite"):
            with psycopg.connect(self.url) as connection:
                return connection.execute(query.encode()).fetchall()
        file = f"file:{self.url.removeprefix('sqlite:///')}?mode=ro"
        with contextlib.closing(sqlite3.connect(file, uri=True, timeout=BUSY_SECONDS)) as database:
            return database.execute(query).fetchall()

    def counts(self) -> Counts:
        """As they are at this moment."""
        return Counts(*self.rows(_COUNTS)[0])

    def stored_in(self, project_id: int) -> set[str]:
        """The ids of a project's events."""
        wanted = f"SELECT event_id FROM events WHERE project_id = {project_id}"  # noqa: S608
        return {event_id for (event_id,) in self.rows(wanted)}

    def outcomes(self) -> dict[str, int]:
        """Reason → how many events came to that end."""
        return dict(self.rows(_OUTCOMES))

    def frames(self) -> tuple[int, int]:
        """How many were resolved, and how many were not."""
        (found,) = self.rows(_FRAMES)
        return int(found[0]), int(found[1])

    def end_claims(self) -> None:
        """On PostgreSQL: what dead workers had claimed may be claimed again, as if five minutes had
        gone by."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("UPDATE queue SET claimed_until = now() WHERE attempts > 0")

    def is_all_digested(self) -> bool:
        """On PostgreSQL: whether nothing is on the queue."""
        return self.rows("SELECT count(*) FROM queue") == [(0,)]
