"""Accepting and digesting, each alone and both at once."""

import time
from dataclasses import dataclass

from bench.ingest import table
from bench.ingest.bench import Bench, digest_seconds, digesting, visible, watch, web_seconds
from bench.ingest.bodies import Mix
from bench.ingest.load import Outcome, load
from bench.ingest.servers import Instance, headwater
from bench.measuring.figures import MB, verdict

ACCEPTED = 12_000
ACCEPT_P99 = 0.020
SATURATED_P99 = 0.100
DIGESTED = 3_000
IDLE_MB = 110
BUSY_MB = 250
IDLE_SECONDS = 10.0
PACED = 500
"""Requests a second that a digest with a backlog is disturbed by, evenly."""


@dataclass(frozen=True, slots=True)
class _Round:
    """`processor`: seconds of the web process."""

    nginx: Outcome | None
    ours: Outcome
    processor: float

    @property
    def ratio(self) -> float:
        """Of nginx's rate."""
        return self.ours.rate / self.nginx.rate if self.nginx else self.ours.rate


def accept(bench: Bench) -> None:
    """The web process alone: durably, and relaxed; as SDKs send, and all compressed."""
    for mix, durability in ((Mix.SDKS, "full"), (Mix.GZIP, "full"), (Mix.SDKS, "relaxed")):
        rounds = [_accept(bench, mix, durability) for _ in range(bench.rounds)]
        best = max(rounds, key=lambda each: each.ratio)
        what = f"accepted, {durability}, {mix}"
        if best.nginx:
            table.rate(f"nginx, {mix}", best.nginx.rate)
            table.each("  the load generator's processor", best.nginx.processor, best.nginx.sent)
            table.latency("  p99", best.nginx.p99)
        counts = mix is Mix.SDKS and durability == "full"
        nginx = best.nginx.rate if best.nginx else None
        table.rate(what, best.ours.rate, nginx, ACCEPTED if counts else 0)
        table.latency("  p50", best.ours.p50)
        table.latency("  p99", best.ours.p99, ACCEPT_P99 if counts else 0)
        table.each("  the web process's processor", best.processor, best.ours.accepted)
        table.each("  the load generator's processor", best.ours.processor, best.ours.sent)
        ratios = " ".join(f"{each.ratio:.3f}" for each in rounds)
        table.line("  of nginx, in each round", ratios)
        table.refused(best.ours)


def _accept(bench: Bench, mix: Mix, durability: str) -> _Round:
    nginx = bench.measure_nginx(mix)
    instance = bench.instance()
    with headwater(instance, "web", HEADWATER_DURABILITY=durability) as watched:
        before = web_seconds(watched)
        ours = load(bench.task(instance, mix))
        return _Round(nginx, ours, web_seconds(watched) - before)


def digest(bench: Bench) -> None:
    """The digest process alone, with all events waiting for it."""
    nginx = bench.nginx_rate
    if nginx is None and (outcome := bench.measure_nginx(Mix.SDKS)):
        nginx = outcome.rate
    instance, events = bench.instance(), bench.events // 2
    waiting = bench.accept(instance, bench.bodies(Mix.SDKS), 0, events)
    table.refused(waiting)
    with digesting(instance) as watched:
        done = watch(instance, watched, waiting.accepted)
    table.rate("digested to visible, alone", done.rate, nginx, DIGESTED)
    table.each("  the digest process's processor", done.processor, done.events)


def together(bench: Bench) -> None:
    """All processes, with a backlog when the load begins: what each gets of the cores, and memory."""
    instance, waiting = bench.instance(), bench.events // 4
    with headwater(instance) as watched:
        time.sleep(IDLE_SECONDS)
        _memory("memory, idle", watched.memory(), IDLE_MB)
    bench.accept(instance, bench.bodies(Mix.SDKS), 0, waiting)
    with headwater(instance) as watched, watched.peak() as peak:
        _wait_for_first(instance)
        start, began = visible(instance), time.monotonic()
        used = digest_seconds(watched), web_seconds(watched)
        flood = load(bench.task(instance, Mix.SDKS, waiting, bench.events // 2))
        digested, took = visible(instance) - start, time.monotonic() - began
        shares = digest_seconds(watched) - used[0], web_seconds(watched) - used[1]
        first = waiting + flood.sent
        steady = load(bench.task(instance, Mix.SDKS, first, rate=PACED))
        behind = first + steady.sent - visible(instance)
        watch(instance, watched, first + steady.accepted - flood.sent + flood.accepted)
    table.rate("accepted while digesting", flood.rate, bench.nginx_rate)
    table.latency("  p50", flood.p50)
    table.latency("  p99", flood.p99, SATURATED_P99)
    table.each("  the web process's processor", shares[1], flood.accepted)
    table.refused(flood)
    table.rate("digested while accepting", digested / took, bench.nginx_rate)
    if digested:
        table.each("  the digest process's processor", shares[0], digested)
    table.latency(f"p99 of {PACED}/s while digesting", steady.p99, SATURATED_P99)
    table.line("  events still waiting then", f"{behind:,}")
    table.refused(steady)
    _memory("memory, most under load", peak.each, BUSY_MB)


def _wait_for_first(instance: Instance) -> None:
    while not visible(instance):
        time.sleep(0.05)


def _memory(name: str, each: dict[str, int], target: float) -> None:
    total = sum(each.values()) / MB
    table.line(name, f"{total:,.0f} MB", None, f"<= {target} MB", verdict(total, target))
    for process, size in sorted(each.items()):
        table.line(f"  {process}", f"{size / MB:,.0f} MB")
