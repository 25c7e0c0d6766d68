"""What each page costs with a million events: time, statements, bytes.

The bar of time is held against what the process worked, and waited for a database that is another's: by
the clock a busy machine measures itself. SQLite works within the process.

`python -m bench.pages [events] [issues] [part of a page's address]`: 1,000,000 and 5,000 unless told. The
instance is made once and kept in ~/.cache/headwater-bench/pages; with DATABASE_URL it is on that database.
"""

import gzip
import http.client
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from bench.ingest.table import machine
from bench.measuring.figures import MS, percentile
from bench.pages.addresses import addresses
from bench.pages.beside_filled import Beside
from bench.pages.events_filled import Filled
from bench.pages.rows import settled
from bench.pages.seeded import OWNER, running, seed, settings_of
from bench.pages.served import PROCESSOR, SECONDS, STATEMENTS
from headwater.cli.instance import opened
from headwater.settings import Settings
from headwater.storage.database import Database
from headwater.storage.events.aged import Aged
from headwater.storage.people.sessions import Client, Sessions
from headwater.storage.people.users import Users
from headwater.storage.queue.outcomes import Outcomes
from headwater.storage.schema import artifact_bundles, events, issues, projects

CACHE = Path.home() / ".cache" / "headwater-bench" / "pages"
ROUNDS = 9
WARM = 2
HOPELESS = 3.0
"""Seconds; a page that takes as long is asked for once."""
MAX_MS = 50
MAX_STATEMENTS = 15
MAX_KB = 150


@dataclass(slots=True)
class Page:
    """What was measured of one address. Seconds; `size`: bytes, compressed."""

    path: str
    status: int = 0
    size: int = 0
    statements: int = 0
    seconds: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    waits: bool = False
    """Whether the database is another process."""

    @property
    def worked(self) -> float:
        """Seconds of the server."""
        waited = min(self.database) if self.waits else 0.0
        return percentile(self.processor, 0.5) + waited

    @property
    def faults(self) -> str:
        """Which bars it is over."""
        over = {
            f"over {MAX_MS} ms": self.worked * MS > MAX_MS,
            f"over {MAX_STATEMENTS} statements": self.statements > MAX_STATEMENTS,
            f"over {MAX_KB} KB": self.size > MAX_KB * 1024,
            f"status {self.status}": self.status >= 500,  # some say that nothing is there
        }
        return ", ".join(name for name, is_over in over.items() if is_over)


def measured(
    connection: http.client.HTTPConnection, path: str, headers: Mapping[str, str], *, waits: bool
) -> Page:
    """ROUNDS times, by the clock of who asks."""
    page = Page(path, waits=waits)
    for number in range(WARM + ROUNDS):
        began = time.perf_counter()
        connection.request("GET", path, headers=dict(headers))
        answer = connection.getresponse()
        body = answer.read()
        seconds = time.perf_counter() - began
        page.status, page.size = answer.status, len(body)
        page.statements = int(answer.headers.get(STATEMENTS, "0"))
        if answer.headers.get("content-encoding") != "gzip":
            page.size = len(gzip.compress(body, 5))
        if number == WARM:
            page.seconds, page.database, page.processor = [], [], []
        page.seconds.append(seconds)
        page.database.append(float(answer.headers.get(SECONDS, "0")))
        # The process may have done something else beside it.
        page.processor.append(min(seconds, float(answer.headers.get(PROCESSOR, "0"))))
        if seconds > HOPELESS:
            break
    return page


def made(settings: Settings, count: int, issue_count: int) -> None:
    """The instance, unless it is there; migrated in any case."""
    done = settings.data_dir / "filled"
    with opened(settings, says_where=True) as database:
        if done.exists():
            return
    seed(settings)
    with opened(settings, says_where=True) as database:
        homes = _ids(database)
        filled = Filled(database, count, issue_count)
        began = time.perf_counter()
        filled.fill(homes)
        Beside(database, homes, filled.largest).fill()
        settled(database, issues, artifact_bundles)
        print(f"filled in {time.perf_counter() - began:.0f} s", flush=True)
    done.write_text(str(filled.largest))


def _aged(database: Database) -> None:
    """What a digest has done by itself within the hour."""
    counted, now = Outcomes(database), datetime.now(UTC)
    for project_id in Aged(database).counted_projects():
        while counted.fold(project_id, now):
            pass


def _ids(database: Database) -> list[int]:
    with database.read() as connection:
        return list(connection.execute(select(projects.c.id).order_by(projects.c.id)).scalars())


def run(count: int, issue_count: int, wanted: str) -> None:
    """Make, ask, tell."""
    url = os.environ.get("DATABASE_URL", "")
    kind = "postgresql" if url else "sqlite"
    folder = CACHE / f"{kind}-{count}-{issue_count}"
    folder.mkdir(parents=True, exist_ok=True)
    settings = settings_of(folder, url)
    made(settings, count, issue_count)
    largest = int((folder / "filled").read_text())
    with opened(settings, says_where=True) as database:
        _aged(database)
        owner = Users(database).by_email(OWNER)
        assert owner
        client = Client("127.0.0.1", "bench")
        session = Sessions(database).start(owner.id, datetime.now(UTC), client=client)
        paths = addresses(database, largest)
        with database.read() as connection:
            stored = connection.execute(select(events.c.id).order_by(events.c.id.desc()).limit(1))
            print(f"{kind}, newest event {stored.scalar()}", flush=True)
    headers = {
        "Cookie": f"headwater_session={session}",
        "Accept-Encoding": "gzip",
        "User-Agent": "bench",
    }
    print(f"{'worked':>8}{'clock':>8}{'p95':>8}{'database':>10}{'statements':>12}{'KB':>7}  page")
    machine()
    pages = []
    with running(settings, "bench.pages.served"):
        asking = http.client.HTTPConnection("127.0.0.1", settings.port, timeout=600)
        for path in paths:
            if wanted in path:
                pages.append(measured(asking, path, headers, waits=bool(url)))
                _tell(pages[-1])
    machine()
    over = [page for page in pages if page.faults]
    print(f"{len(over)} of {len(pages)} are over a bar")


def _tell(page: Page) -> None:
    middle, high, database = (
        percentile(values, part) * MS
        for values, part in ((page.seconds, 0.5), (page.seconds, 0.95), (page.database, 0.5))
    )
    mark = f"  <== {page.faults}" if page.faults else ""
    print(
        f"{page.worked * MS:8.1f}{middle:8.1f}{high:8.1f}{database:10.1f}{page.statements:12}{page.size / 1024:7.1f}"
        f"  {page.path[:110]}{mark}",
        flush=True,
    )


if __name__ == "__main__":
    given = sys.argv[1:]
    number, of_issues, part = [*given, *("1000000", "5000", "")[len(given) :]]
    run(int(number), int(of_issues), part)
