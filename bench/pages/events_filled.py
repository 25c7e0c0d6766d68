"""A million events in 5,000 issues: a few of those have most of them, most have a few."""

from array import array
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from sqlalchemy import select

from bench.ingest.words import ERRORS, NOUNS, VERBS, camel
from bench.pages.rows import highest, put
from headwater.storage.database import Database
from headwater.storage.issues.hours import hour_of
from headwater.storage.issues.tag_counts import MAX_VALUES, OTHER
from headwater.storage.schema import (
    events,
    issue_activity,
    issue_hashes,
    issue_hours,
    issue_tags,
    issues,
    removed_events,
)

DAYS = 90
RELEASES = 25
"""Of each project."""
SAMPLES = 250
STEEPNESS = 1.25
POOLS = {
    "user": 40_000,
    "url": 8_000,
    "tenant": 400,
    "browser": 60,
    "os": 14,
    "device": 12,
    "transaction": 4,
    "environment": 2,
    "level": 1,
    "plan": 6,
    "region": 4,
    "build": 3,
}
"""How many values a tag has."""


def versions(project: int) -> list[str]:
    """A project's releases, the oldest first."""
    return [f"app-{project}@4.{n // 5}.{n % 5}" for n in range(RELEASES)]


class Filled:
    """Issues and all that hangs on them. The first one is the largest."""

    def __init__(self, database: Database, count: int, issue_count: int, seed: int = 6) -> None:
        self._database = database
        self._random = Random(seed)  # noqa: S311
        self._first = highest(database, issues) + 1
        weights = [(n + 1.5) ** -STEEPNESS for n in range(issue_count)]
        scale = count / sum(weights)
        self.counts = [max(1, round(weight * scale)) for weight in weights]
        self._now = datetime.now(UTC).replace(microsecond=0)
        self._began = self._now - timedelta(days=DAYS)

    @property
    def largest(self) -> int:
        """Its id."""
        return self._first

    def fill(self, projects: Sequence[int]) -> None:
        """In these projects, in turn."""
        self._projects = projects
        self._samples = self._sampled()
        put(
            self._database,
            issues,
            "id project_id title culprit level platform status assignee_id event_count first_seen"
            " last_seen latest_event_id shown_at resolved_at",
            self._issues(),
        )
        put(self._database, issue_hashes, "project_id hash issue_id is_final", self._hashes())
        put(self._database, issue_tags, "issue_id key value count last_seen", self._tags())
        put(self._database, issue_hours, "issue_id hour count", self._hours())
        put(self._database, issue_activity, "issue_id at user_id kind said", self._activity())
        put(self._database, removed_events, "issue_id count", [(self._first + 1, 1_000)])
        put(
            self._database,
            events,
            "project_id event_id issue_id timestamp received_at title level platform release dist"
            " environment provisional_hash final_hash payload resolution resolution_digest",
            self._events(),
        )

    def _sampled(self) -> list[tuple[str, bytes, bytes, bytes | None]]:
        wanted = select(
            events.c.platform, events.c.payload, events.c.resolution, events.c.resolution_digest
        )
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(events.c.id.desc()).limit(SAMPLES))
            return [tuple(row) for row in rows]

    def _issues(self) -> Iterator[Sequence[object]]:
        random = self._random
        for n, count in enumerate(self.counts):
            status = random.choices(("unresolved", "resolved", "ignored"), (7, 2, 1))[0]
            seen = self._now - timedelta(
                seconds=random.randrange(1, DAYS * 80_000 // (1 + count // 50))
            )
            yield (
                self._first + n,
                self._projects[n % len(self._projects)],
                f"{random.choice(ERRORS)}: {random.choice(NOUNS)} {n} could not {random.choice(VERBS)}",
                f"{camel(random)} · src/{random.choice(NOUNS)}/{random.choice(NOUNS)}.ts:{random.randrange(900)}",
                random.choice(("error", "error", "error", "warning", "fatal")),
                "javascript",
                status,
                1 if n % 5 == 0 else None,
                count,
                min(seen, self._began + timedelta(seconds=random.randrange(DAYS * 80_000))),
                seen,
                None,
                self._now,
                self._now if status == "resolved" else None,
            )

    def _hashes(self) -> Iterator[Sequence[object]]:
        for n, _ in enumerate(self.counts):
            home = self._projects[n % len(self._projects)]
            for each in range(2):
                yield home, f"{n:016x}{each:016x}", self._first + n, True

    def _tags(self) -> Iterator[Sequence[object]]:
        for n, count in enumerate(self.counts):
            issue = self._first + n
            pools = POOLS | {"release": RELEASES}
            for key, pool in pools.items():
                different = min(count, pool)
                each = count // different
                for place in range(min(different, MAX_VALUES)):
                    value = self._value(key, n, n * 7 + place)
                    seen = self._now - timedelta(minutes=place * 13 % (DAYS * 1440))
                    yield issue, key, value, each + (place < count % different), seen
                if different > MAX_VALUES:
                    yield issue, key, OTHER, count - each * MAX_VALUES, self._now

    def _value(self, key: str, issue: int, number: int) -> str:
        number %= POOLS.get(key, RELEASES)
        if key == "release":
            return versions(issue % len(self._projects))[number]
        if key == "browser":
            return f"{('Chrome', 'Firefox', 'Safari', 'Edge')[number % 4]} {100 + number}"
        if key == "url":
            return f"https://shop.example.com/{NOUNS[number % len(NOUNS)]}/{number}?ref={number:x}"
        if key == "user":
            return f"{NOUNS[number % len(NOUNS)]}.{number}@example.com"
        if key == "environment":
            return ("production", "staging")[number]
        return f"{NOUNS[number % len(NOUNS)]} {number}"

    def _hours(self) -> Iterator[Sequence[object]]:
        last = hour_of(self._now)
        for n, count in enumerate(self.counts):
            hours = self._random.sample(range(DAYS * 24), min(count, DAYS * 24))
            for place in hours:
                yield self._first + n, last - timedelta(hours=place), max(1, count // len(hours))

    def _activity(self) -> Iterator[Sequence[object]]:
        for n in range(2_000):
            issue = self._first + (0 if n < 300 else n % len(self.counts))
            at = self._now - timedelta(minutes=2_000 - n)
            yield issue, at, 1, "comment", f"Looked at it again, number {n}: not ours."

    def _events(self) -> Iterator[Sequence[object]]:
        order = array("i", (n for n, count in enumerate(self.counts) for _ in range(count)))
        self._random.shuffle(order)
        step = timedelta(days=DAYS) / len(order)
        homes = len(self._projects)
        names = [versions(each) for each in range(homes)]
        for place, n in enumerate(order):
            moment = self._began + place * step
            platform, *packed = self._samples[(n + place % 3) % len(self._samples)]
            release = names[n % homes][place * RELEASES // len(order)]
            yield (
                self._projects[n % homes],
                f"{self._random.getrandbits(128):032x}",
                self._first + n,
                moment,
                moment,
                f"Error: {NOUNS[n % len(NOUNS)]} {n} could not be",
                "error",
                platform,
                release,
                None,
                "production",
                f"{n:032x}",
                f"{n:032x}",
                *packed,
            )
