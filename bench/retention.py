"""What it costs to let events go: how long its transactions keep a writer waiting, how long its
questions take, how much of the file comes back, and what a writer beside it loses.

`python -m bench.retention [events] [bytes of an event] [folder]`: 100,000 of 2,000 unless told. A
third of the events is too old, and half of the others are too many.
"""

import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection

from bench.measuring.figures import MB, MS, percentile
from headwater.digest.retention import EventBounds, Retention
from headwater.storage.database import Database
from headwater.storage.disk import FreeSpace
from headwater.storage.events.retention import Retained
from headwater.storage.migrate import migrate
from headwater.storage.pages import Pages
from headwater.storage.projects import Projects

ISSUES = 500
BATCH = 200
DAYS = 135
NOW = datetime.now(UTC)
PORTION = 100_000
SECONDS = 5.0
REST = 0.02
STEPS = 3_000
"""At most: of millions of events not all that can go are let go."""
ISSUE = (
    "INSERT INTO issues (project_id, title, culprit, level, platform, event_count, first_seen,"
    " last_seen) VALUES (1, 'Error: no', 'f', 'error', 'javascript', 0, ?, ?)"
)
INSERT = """
INSERT INTO events (project_id, event_id, issue_id, timestamp, received_at, title, level, platform,
    release, environment, provisional_hash, final_hash, payload, resolution)
WITH RECURSIVE given(number, since, step, weight) AS (
    SELECT 0, ?, ?, ? UNION ALL SELECT number + 1, since, step, weight FROM given WHERE number + 1 < ?
), event AS (
    SELECT number, weight, lower(hex(randomblob(16))) AS id,
        strftime('%Y-%m-%d %H:%M:%S.000000', since + number * step, 'unixepoch') AS moment,
        pow((random() / 18446744073709551616.0) + 0.5, 4) AS place
    FROM given
)
SELECT 1, id, 1 + CAST(500 * place AS INTEGER), moment, moment, 'Error: no', 'error', 'javascript',
    substr(moment, 1, 10), 'production', id, id, randomblob(weight * (1 + place)), randomblob(400)
FROM event
"""
"""Parameters: the first one's time, seconds between two, bytes, how many. A fifth of them is of one
issue out of 500."""


class Timed(Database):
    """A database that notes how long each transaction held its lock, or each reader read."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.writes: list[float] = []
        self.reads: list[float] = []

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with super().write() as connection:
            began = time.perf_counter()
            yield connection
            connection.commit()
            self.writes.append(time.perf_counter() - began)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        began = time.perf_counter()
        with super().read() as connection:
            yield connection
        self.reads.append(time.perf_counter() - began)


def fill(path: Path, count: int, weight: int) -> None:
    """Put them in, without waiting for the disk."""
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("PRAGMA synchronous = OFF")
    raw.execute("PRAGMA cache_size = -1000000")
    raw.executemany(ISSUE, [(NOW.strftime("%Y-%m-%d %H:%M:%S.%f"),) * 2] * ISSUES)
    step = DAYS * 86400 / count
    for start in range(0, count, PORTION):
        since = NOW.timestamp() - DAYS * 86400 + start * step
        raw.execute(INSERT, (since, step, weight, min(PORTION, count - start)))
    raw.execute(
        "UPDATE issues SET event_count = (SELECT count(*) FROM events WHERE issue_id = issues.id)"
    )
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    raw.close()


def writer(database: Database, weight: int, seconds: float) -> list[float]:
    """Write as the digest does, in batches, each durable, for so long; how long each took."""
    times: list[float] = []
    until = time.perf_counter() + seconds
    while (began := time.perf_counter()) < until:
        with database.write() as connection:
            connection.exec_driver_sql(INSERT, (NOW.timestamp(), 0, weight, BATCH))
        times.append(time.perf_counter() - began)
        time.sleep(REST)
    return times


def told(name: str, seconds: list[float]) -> None:
    """One line of figures."""
    if seconds:
        middle, high = (percentile(seconds, part) * MS for part in (0.5, 0.99))
        print(
            f"{name:44} {len(seconds):8} x, median {middle:7.1f} ms, 99 % {high:7.1f},"
            f" longest {max(seconds) * MS:7.1f}"
        )


def let_go(database: Timed, retention: Retention) -> None:
    """All steps without a pause; what they took."""
    before = Retained(database).stored()
    database.writes.clear()
    database.reads.clear()
    began, used = time.perf_counter(), time.process_time()
    steps = sum(1 for _ in islice(retention.steps(NOW), STEPS))
    clock, processor = time.perf_counter() - began, time.process_time() - used
    gone = before - Retained(database).stored()
    print(
        f"let go: {gone} events in {steps} steps, {clock:.1f} s, {processor:.1f} s of a processor"
    )
    told("its transactions", database.writes)
    told("its questions", database.reads)


def run(count: int, weight: int, folder: Path) -> None:
    """Fill, let go, tell."""
    path = folder / "headwater.db"
    database = Timed(f"sqlite:///{path}")
    migrate(database)
    Projects(database).create("Shop", None, NOW)
    began = time.perf_counter()
    fill(path, count, weight)
    size = path.stat().st_size
    print(f"{count} events, {size / MB:.0f} MB, filled in {time.perf_counter() - began:.0f} s")
    told("a writer alone, batches of 200", writer(database, weight, SECONDS))
    let_go(database, _retention(database, count // 3))
    Pages(database).checkpoint(truncate=True)
    print(f"the file: {size / MB:.0f} MB before, {path.stat().st_size / MB:.0f} MB after")
    stop = threading.Event()
    thread = threading.Thread(target=_retention(database, count // 6).run, args=(stop,))
    thread.start()
    told("a writer beside it, batches of 200", writer(database, weight, SECONDS))
    stop.set()
    thread.join()
    database.close()


def _retention(database: Database, events: int) -> Retention:
    bounds = EventBounds(days=90, events=events, database=0)
    return Retention(database, bounds, FreeSpace(Path.cwd(), 0))


if __name__ == "__main__":
    given = sys.argv[1:]
    number, weight, place = [*given, *("100000", "2000", tempfile.gettempdir())[len(given) :]]
    with tempfile.TemporaryDirectory(dir=place) as made:
        run(int(number), int(weight), Path(made))
