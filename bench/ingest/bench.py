"""What all measures start from: prepared bodies, an instance with maps, a folder to work in."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path

import psycopg

from bench.ingest.bodies import Bodies, Mix, bodies
from bench.ingest.load import Outcome, Task, load
from bench.ingest.servers import Instance, headwater, nginx
from bench.ingest.uploads import Upload
from bench.ingest.watched import Watched

LOOK_SECONDS = 0.1
STALL_SECONDS = 300.0
"""After that long without a single event the digest is taken to have failed."""


class Stalled(Exception):
    """Events that were accepted do not become visible."""


@dataclass(slots=True)
class Bench:
    """`stored`: events in the database that growth is measured with; `events`: bodies of the mixes."""

    folder: Path
    uploaded: Upload
    base: Instance
    events: int
    rounds: int
    seconds: float
    stored: int
    nginx_rate: float | None = None
    _numbers: Iterator[int] = field(default_factory=count)

    def instance(self, of: Instance | None = None) -> Instance:
        """A copy that nothing was sent to."""
        return (of or self.base).copied(self.folder / f"instance-{next(self._numbers)}")

    def bodies(self, mix: Mix, events: int | None = None) -> Bodies:
        """Made if they are not there yet."""
        return bodies(mix, events or self.events, self.uploaded)

    def measure_nginx(self, mix: Mix) -> Outcome | None:
        """What it answers, and remember the rate for the lines to come."""
        with nginx(self.folder / "nginx") as port:
            if port is None:
                return None
            outcome = load(self.task(self.base, mix, port=port))
        self.nginx_rate = outcome.rate
        return outcome

    def task(
        self,
        instance: Instance,
        mix: Mix,
        first: int = 0,
        events: int | None = None,
        *,
        port: int | None = None,
        rate: float = 0,
    ) -> Task:
        """Bodies of the mix from the first on: as many as there are, within the time."""
        return Task(
            port=port or instance.settings.port,
            project_id=instance.project_id,
            key=instance.key,
            path=str(self.bodies(mix).path),
            first=first,
            count=events or self.events - first,
            seconds=self.seconds,
            rate=rate,
            may_chunk=mix is not Mix.GZIP,
        )

    def accept(self, instance: Instance, path: Bodies, first: int, events: int) -> Outcome:
        """Have all of them waiting to be digested."""
        with headwater(instance, "web"):
            return load(
                Task(
                    instance.settings.port,
                    instance.project_id,
                    instance.key,
                    str(path.path),
                    first,
                    events,
                )
            )


def visible(instance: Instance) -> int:
    """Events stored so far: the newest one's id, since none is deleted meanwhile. On PostgreSQL, which
    leaves numbers out, they are counted."""
    if url := instance.settings.database_url:
        row = _connected(url).execute("SELECT count(*) FROM events").fetchone()
        return int(row[0]) if row else 0
    address = f"file:{instance.database}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        return int(connection.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()[0])


@cache
def _connected(url: str) -> psycopg.Connection:
    """A new one for each look would take a part of the processor that is measured."""
    return psycopg.connect(url, autocommit=True)


@dataclass(frozen=True, slots=True)
class Digested:
    """`seconds` from the first batch that became visible to the last, of `events` after the first;
    `processor`: of the digest process for them."""

    events: int
    seconds: float
    processor: float

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds


def watch(instance: Instance, watched: Watched, until: int) -> Digested:
    """Wait until so many are visible. Raises Stalled."""
    before, moved_at = visible(instance), time.monotonic()
    start: tuple[int, float, float] | None = None
    while True:
        now, at = visible(instance), time.monotonic()
        if now > before:
            start = start or (now, at, digest_seconds(watched))
            before, moved_at = now, at
        if now >= until:
            break
        if at - moved_at > STALL_SECONDS:
            raise Stalled(f"{now:,} of {until:,} events are visible, and no more come")
        time.sleep(LOOK_SECONDS)
    assert start is not None
    return Digested(now - start[0], at - start[1], digest_seconds(watched) - start[2])


def digest_seconds(watched: Watched) -> float:
    """Of the processor, by the digest process so far."""
    return _of(watched, "digest")


def web_seconds(watched: Watched) -> float:
    """Of the processor, by the web process so far."""
    return _of(watched, "web")


def _of(watched: Watched, role: str) -> float:
    return sum(seconds for name, seconds in watched.processor().items() if name.startswith(role))


@contextmanager
def digesting(instance: Instance) -> Iterator[Watched]:
    """The digest process alone."""
    with headwater(instance, "digest") as watched:
        yield watched
