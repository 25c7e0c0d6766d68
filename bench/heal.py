"""How fast stored events are resolved again when their maps come, and what those lose that come meanwhile.

`python -m bench.heal [events] [folder]`: 20,000 unless told; 1,000,000 take 3 GB. A server of its own
holds that many minified events of one real error, is sent further ones at an even rate, and then the
source maps.
"""

import json
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import Any

from bench.measuring.figures import MB, MS, peak_memory, percentile, processor_seconds, verdict
from headwater.cli.accounts import dsn
from headwater.cli.client import Client, wait_until
from headwater.cli.instance import opened
from headwater.settings import as_environment, read_settings
from headwater.storage.people.tokens import Scope, Tokens
from headwater.storage.projects import Project, Projects

BUNDLE = files("headwater.cli") / "demo_bundle"
VARIED = 200
"""Events that are sent; the others are copies of these."""
RATE = 100
"""Events a second that come meanwhile."""
ALONE_SECONDS = 10.0
TARGET = 1_000
TARGET_MEMORY = 400 * MB
START_SECONDS = 60
LONG = 3_600
PORTION = 20_000
COPY = """
INSERT INTO events (project_id, event_id, issue_id, timestamp, received_at, title, level, platform,
    release, dist, environment, provisional_hash, final_hash, payload, resolution, resolution_digest)
SELECT project_id, lower(hex(randomblob(16))), issue_id, timestamp, received_at, title, level, platform,
    release, dist, environment, provisional_hash, final_hash, payload, resolution, resolution_digest
FROM events WHERE id <= ? LIMIT ?
"""
COUNT = """
UPDATE issues SET event_count = (SELECT count(*) FROM events WHERE issue_id = issues.id)
"""
LEFT = """
SELECT count(*) FROM events WHERE resolution_digest = ?
"""


class Bench:
    """One server, and what is asked of it."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.settings = read_settings({}, data_dir=folder, port=port, host="127.0.0.1")
        with opened(self.settings) as database:
            now = datetime.now(UTC)
            self.project: Project = Projects(database).create("Shop", "nextjs", now)
            token = Tokens(database).create("bench", Scope.FULL, self.project.id, None, now)[1]
        self.client = Client(f"http://127.0.0.1:{port}", token)
        self.dsn = dsn(self.settings, self.project)
        self._random = Random(1)  # noqa: S311
        self._event = json.loads((BUNDLE / "event.json").read_bytes())

    @contextmanager
    def server(self) -> Iterator[int]:
        """Runs meanwhile; the process id of its digest."""
        environment = {**os.environ, **as_environment(self.settings)}
        command = [sys.executable, "-m", "headwater", "serve"]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        try:
            wait_until(lambda: bool(self.client.get("/health/ready")), START_SECONDS, "it")
            yield _digest_of(process.pid)
        finally:
            process.terminate()
            process.wait()

    def send(self) -> float:
        """One event; the seconds until it is accepted."""
        event = {**self._event, "event_id": uuid.uuid4().hex}
        moment = datetime.now(UTC) - timedelta(hours=self._random.randrange(48))
        event["timestamp"] = moment.timestamp()
        event["user"] = {"id": str(self._random.randrange(5_000))}
        began = time.perf_counter()
        self.client.send_event(self.dsn, event)
        return time.perf_counter() - began

    def send_evenly(self, stop: threading.Event) -> list[float]:
        """At RATE until told to stop."""
        times: list[float] = []
        began = time.perf_counter()
        while not stop.wait(max(0.0, began + len(times) / RATE - time.perf_counter())):
            times.append(self.send())
        return times

    def ask(self, query: str, *values: object) -> Any:
        """The first value that the database answers with."""
        with closing(self._database()) as database:
            return database.execute(query, values).fetchone()[0]

    def fill(self, count: int) -> None:
        """Copy what is stored until there are so many."""
        with closing(self._database()) as database:
            database.execute("PRAGMA synchronous = OFF")
            there = first = database.execute("SELECT max(id) FROM events").fetchone()[0]
            while there < count:
                added = database.execute(COPY, (first, min(PORTION, count - there))).rowcount
                there += added
            database.execute(COUNT)
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _database(self) -> sqlite3.Connection:
        path = self.settings.data_dir / "headwater.db"
        return sqlite3.connect(path, isolation_level=None, timeout=LONG)


def _digest_of(parent: int) -> int:
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    for child in children:
        if Path(f"/proc/{child}/comm").read_text().strip() == "hw-digest":
            return int(child)
    raise LookupError("there is no digest process")


def speed_of_loop() -> float:
    """Millions of steps a second of the plainest loop: what to compare machines by."""
    began = time.perf_counter()
    for _ in range(5_000_000):
        pass
    return 5 / (time.perf_counter() - began)


def told(name: str, times: list[float]) -> None:
    """One line of figures."""
    middle, high = (percentile(times, part) * MS for part in (0.5, 0.99))
    print(
        f"{name:34} {len(times):7} x, median {middle:6.1f} ms, 99 % {high:6.1f},"
        f" longest {max(times) * MS:7.1f}"
    )


def run(count: int, folder: Path) -> None:
    """Fill, heal, tell."""
    bench = Bench(folder)
    with bench.server():
        for _ in range(VARIED):
            bench.send()
        wait_until(lambda: bench.ask("SELECT count(*) FROM events") == VARIED, START_SECONDS, "")
    digest = bench.ask("SELECT max(resolution_digest) FROM events")
    bench.fill(count)
    print(f"{count} events, loop {speed_of_loop():.0f} M/s")
    with bench.server() as process:
        stop = threading.Event()
        threading.Timer(ALONE_SECONDS, stop.set).start()
        lags: list[float] = []
        watch = threading.Thread(target=lambda: lags.extend(_lags(bench, stop)))
        watch.start()
        told("accepted while nothing is healed", bench.send_evenly(stop))
        watch.join()
        told("digested behind what came last", lags)
        _heal(bench, process, digest)


def _heal(bench: Bench, process: int, digest: bytes) -> None:
    stop, times = threading.Event(), list[float]()
    sender = threading.Thread(target=lambda: times.extend(bench.send_evenly(stop)))
    sender.start()
    bench.client.upload((BUNDLE / "bundle.zip").read_bytes(), bench.project.slug)
    left, began, lags = bench.ask(LEFT, digest), time.perf_counter(), list[float]()
    used = processor_seconds(process)
    total, pause = left, 0.2
    while left:
        time.sleep(pause)
        asked = time.perf_counter()
        left = bench.ask(LEFT, digest)
        lags.append(_lag(bench))
        pause = max(0.2, 5 * (time.perf_counter() - asked))
    seconds = time.perf_counter() - began
    stop.set()
    sender.join()
    told("accepted while events are healed", times)
    told("digested behind what came last", lags)
    print(f"{total} healed in {seconds:.1f} s, beside {len(times) / seconds:.0f} new ones a second")
    used = processor_seconds(process) - used
    print(
        f"{total / used:10.0f} events per second of the digest's processor, new ones' share in it"
    )
    speed, memory = total / seconds, peak_memory(process)
    print(f"{speed:10.0f} events/s, target {TARGET}: {verdict(speed, TARGET, at_least=True)}")
    print(
        f"{memory / MB:10.0f} MB, target {TARGET_MEMORY / MB:.0f}: {verdict(memory, TARGET_MEMORY)}"
    )


def _lags(bench: Bench, stop: threading.Event) -> Iterator[float]:
    while not stop.wait(0.2):
        yield _lag(bench)


def _lag(bench: Bench) -> float:
    """How old the latest stored event was received: the digest's delay, and 1 / RATE."""
    received = bench.ask("SELECT received_at FROM events ORDER BY id DESC LIMIT 1")
    return (
        datetime.now(UTC) - datetime.fromisoformat(received).replace(tzinfo=UTC)
    ).total_seconds()


if __name__ == "__main__":
    given = sys.argv[1:]
    number, place = [*given, *("20000", tempfile.gettempdir())[len(given) :]]
    with tempfile.TemporaryDirectory(dir=place) as made:
        run(int(number), Path(made))
