"""The lines that are printed: a figure, what it is beside nginx, its target."""

import time

from bench.ingest.load import Outcome
from bench.measuring.figures import MS, verdict

LOOP = 100_000
TURNS = 5


def heading() -> None:
    """The names of the columns, and how fast this machine is at the moment."""
    print(f"{'measure':44} {'figure':>12} {'of nginx':>9}   {'target':14}")


def line(
    name: str, figure: str, of_nginx: float | None = None, target: str = "", met: str = ""
) -> None:
    """One line of the table."""
    ratio = "" if of_nginx is None else f"{of_nginx:.3f}"
    print(f"{name:44} {figure:>12} {ratio:>9}   {target:14} {met}".rstrip(), flush=True)


def rate(name: str, per_second: float, nginx: float | None = None, target: float = 0) -> None:
    """Events a second."""
    met = verdict(per_second, target, at_least=True) if target else ""
    of_nginx = per_second / nginx if nginx else None
    line(name, f"{per_second:,.0f}/s", of_nginx, f">= {target:,.0f}/s" if target else "", met)


def latency(name: str, seconds: float, target: float = 0) -> None:
    """Milliseconds."""
    met = verdict(seconds, target) if target else ""
    line(name, f"{seconds * MS:,.1f} ms", None, f"<= {target * MS:,.0f} ms" if target else "", met)


def each(name: str, seconds: float, events: int) -> None:
    """Microseconds of the processor for each event."""
    line(name, f"{seconds / events * 1e6:,.0f} us each")


def refused(outcome: Outcome) -> None:
    """Say so if anything but a 200 was answered."""
    if outcome.refused:
        line("  REFUSED", ", ".join(f"{n} x {status}" for status, n in outcome.refused.items()))
        print(outcome.said)


def machine() -> None:
    """How long a loop of nothing takes here and now: clock and processor, the best of some."""
    clock, processor = [], []
    for _ in range(TURNS):
        began, used = time.perf_counter(), time.process_time()
        for _ in range(LOOP):
            pass
        clock.append(time.perf_counter() - began)
        processor.append(time.process_time() - used)
    figures = f"{min(clock) * MS:.1f} ms, {min(processor) * MS:.1f} ms of the processor"
    print(f"this machine, now: {LOOP:,} turns of an empty loop take {figures}")
