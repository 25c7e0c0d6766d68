"""Bytes on the disk for each event: of the database and its log, table by table."""

import sqlite3
from contextlib import closing

from bench.ingest import table
from bench.ingest.bench import Bench, digesting, watch
from bench.ingest.bodies import Mix
from bench.ingest.servers import Instance
from bench.measuring.figures import verdict

TARGETS = ((Mix.SMALL, 2, 0.25), (Mix.LARGE, 8, 0.32))
"""Sizes of events, one in how many of those that are prepared, and the most they may take of their JSON."""

LISTED = 0.002
"""Of the JSON: tables that take less are not listed."""


def disk(bench: Bench) -> None:
    """With events of two sizes."""
    for mix, part, target in TARGETS:
        events, instance = bench.events // part, bench.instance()
        before, empty = _bytes(instance), _tables(instance)
        made = bench.bodies(mix, events)
        table.refused(bench.accept(instance, made, 0, events))
        with digesting(instance) as watched:
            watch(instance, watched, events)
        json = made.mean_json(events)
        each = (_bytes(instance) - before) / events
        met = verdict(each / json, target)
        table.line(f"disk per event of {json:,.0f} bytes", f"{each:,.0f} bytes")
        table.line("  of its JSON", f"{each / json:.1%}", None, f"<= {target:.0%}", met)
        for name, size in sorted(_tables(instance).items(), key=lambda item: -item[1]):
            share = (size - empty.get(name, 0)) / events
            if share >= LISTED * json:
                table.line(f"  {name}", f"{share:,.0f} bytes", None, f"{share / json:.1%}")
        _columns(instance)


def _bytes(instance: Instance) -> int:
    """Of the file and its log, once the log is written back."""
    with closing(sqlite3.connect(instance.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        log = instance.database.with_name(instance.database.name + "-wal")
        return instance.database.stat().st_size + (log.stat().st_size if log.exists() else 0)


def _tables(instance: Instance) -> dict[str, int]:
    """Bytes of each table and index, and of pages that nobody uses."""
    with closing(sqlite3.connect(instance.database)) as connection:
        found = dict(connection.execute("SELECT name, pgsize FROM dbstat WHERE aggregate = TRUE"))
        free, size = (
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("freelist_count", "page_size")
        )
        return {**found, "(free pages)": free * size}


def _columns(instance: Instance) -> None:
    """What the columns of `events` take that take most."""
    with closing(sqlite3.connect(instance.database)) as connection:
        names = [row[1] for row in connection.execute("PRAGMA table_info(events)")]
        sums = ", ".join(f"avg(length(CAST({name} AS BLOB)))" for name in names)
        means = connection.execute(f"SELECT {sums} FROM events").fetchone()  # noqa: S608
    largest = sorted(zip(names, means, strict=True), key=lambda item: -(item[1] or 0))[:4]
    for name, mean in largest:
        table.line(f"  events.{name}, mean length", f"{mean:,.0f} bytes")
    table.line("  all columns of events", f"{sum(mean or 0 for mean in means):,.0f} bytes")
