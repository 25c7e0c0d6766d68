"""How accepting and digesting go with many events stored, beside how they go with few."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass

from bench.ingest import table
from bench.ingest.bench import Bench, digesting, visible, watch
from bench.ingest.bodies import Mix
from bench.ingest.servers import Instance
from bench.measuring.figures import verdict

FEW = 10_000
TARGET = 0.7
AT_ONCE = 100_000
"""Rows that are copied in one transaction."""


@dataclass(frozen=True, slots=True)
class _Measured:
    accepted: float
    digested: float
    processor: float
    """Seconds of the digest process for an event."""


def growth(bench: Bench) -> None:
    """With FEW and with as many as were asked for."""
    instance = bench.instance()
    made = bench.bodies(Mix.SDKS)
    part = min(FEW, bench.events // 3)
    bench.accept(instance, made, 0, part)
    with digesting(instance) as watched:
        watch(instance, watched, part)
    large = bench.instance(instance)
    _fill(large, bench.stored)
    rounds = [
        (_measure(bench, instance, n * half, half), _measure(bench, large, n * half, half))
        for half in (part // 2,)
        for n in (2, 3)
    ]
    print(f"{bench.stored:,} events stored, beside {part:,}: the better of {len(rounds)} rounds")
    _compare("accepted", max(rounds, key=lambda pair: pair[1].accepted / pair[0].accepted))
    _compare("digested", max(rounds, key=lambda pair: pair[1].digested / pair[0].digested))
    few, many = min(rounds, key=lambda pair: pair[1].processor / pair[0].processor)
    table.each("  digest's processor with few", few.processor, 1)
    table.each("  digest's processor with many", many.processor, 1)


def _measure(bench: Bench, instance: Instance, first: int, events: int) -> _Measured:
    before = visible(instance)
    outcome = bench.accept(instance, bench.bodies(Mix.SDKS), first, events)
    table.refused(outcome)
    with digesting(instance) as watched:
        done = watch(instance, watched, before + outcome.accepted)
    return _Measured(outcome.rate, done.rate, done.processor / done.events)


def _compare(what: str, pair: tuple[_Measured, _Measured]) -> None:
    few, many = (getattr(each, what) for each in pair)
    ratio = many / few
    met = verdict(ratio, TARGET, at_least=True)
    table.line(f"{what}, many : few", f"{ratio:.2f}", None, f">= {TARGET}", met)
    table.rate(f"  {what} with few", few)
    table.rate(f"  {what} with many", many)


def _fill(instance: Instance, stored: int) -> None:
    """Copy the events that are there, under ids all over the range that ids have.

    They grow from copy to copy, so that the index of ids is written from left to right.
    """
    with closing(sqlite3.connect(instance.database, isolation_level=None)) as connection:
        for pragma in ("synchronous = OFF", "cache_size = -500000", "foreign_keys = OFF"):
            connection.execute(f"PRAGMA {pragma}")
        columns = [row[1] for row in connection.execute("PRAGMA table_info(events)")]
        others = ", ".join(name for name in columns if name not in {"id", "event_id"})
        here = connection.execute("SELECT count(*), max(id) FROM events").fetchone()
        step = 2**32 // stored
        for done in range(here[0], stored, AT_ONCE):
            last = min(done + AT_ONCE, stored)
            connection.execute(
                f"""
                WITH RECURSIVE copies(n) AS (
                    SELECT {done} UNION ALL SELECT n + 1 FROM copies WHERE n + 1 < {last}
                )
                INSERT INTO events (event_id, {others})
                SELECT printf('%08x', n * {step}) || lower(hex(randomblob(12))), {others}
                FROM copies JOIN events ON events.id = 1 + n % {here[1]}
                """  # noqa: S608
            )
        connection.execute(
            "UPDATE issues SET event_count ="
            " (SELECT count(*) FROM events WHERE events.issue_id = issues.id)"
        )
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
