"""What a day at 1, 10, 100 and 10,000 times a million events would need, from measured costs.

`python -m bench.scale`. Not a measurement: a simulation, whose costs are `bench.scale.costs`, whose day is
`bench.scale.day`, and whose reading is docs/decisions/0022-internet-scale.md.
"""

from collections.abc import Callable
from dataclasses import replace
from math import ceil

from bench.scale.costs import BATCH, MEASURED, ROWS_OF_A_NODE
from bench.scale.day import DAY, SPIKE_FACTOR, SWING
from bench.scale.simulated import Course, Plan, course

DAILY = 1_000_000
SCALES = (1, 10, 100, 10_000)
PATIENCE = 900
"""Seconds that an event may wait at most, faults and spike included."""
DAYS_KEPT = 90
PACK = 8 * 1024**2
"""Bytes of payloads that go into one object, where they are kept outside of the database."""
GB, TB = 1e9, 1e12


def smallest(mean: float, *, counts_apart: bool) -> tuple[Plan, Course]:
    """With the fewest databases, and then the fewest workers, that nobody waits too long with. What a
    single issue's row holds up, neither helps with."""
    peak = mean * (1 + SPIKE_FACTOR + SWING)
    enough = Plan(ceil(peak * MEASURED.digest * 2) + 2, 1, counts_apart=True)
    nodes = _fewest(
        mean, ceil(peak * MEASURED.writes / ROWS_OF_A_NODE) + 1, lambda n: replace(enough, nodes=n)
    )
    workers = _fewest(mean, enough.workers, lambda n: replace(enough, workers=n, nodes=nodes))
    plan = Plan(workers, nodes, counts_apart)
    return plan, course(mean, plan)


def _fewest(mean: float, most: int, plan_of: Callable[[int], Plan]) -> int:
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        if course(mean, plan_of(middle)).longest <= PATIENCE:
            high = middle
        else:
            low = middle
    return high


def tell(scale: int, *, counts_apart: bool) -> None:
    """One column of the table, as lines."""
    mean = DAILY * scale / DAY
    plan, found = smallest(mean, counts_apart=counts_apart)
    stored = found.accepted * DAYS_KEPT
    kept = "apart from the issue's row" if counts_apart else "in the issue's row"
    print(f"\n== {scale:,} million events a day, counters {kept}")
    lines = {
        "events a second, mean and peak": f"{mean:,.0f}, {found.peak:,.0f}",
        "cores that accept, at the peak": f"{found.peak * MEASURED.accept:,.1f}",
        "cores that digest": f"{plan.workers:,}",
        "databases for rows": f"{plan.nodes:,}",
        "transactions a second, at most": f"{plan.capacity / BATCH:,.0f}",
        "an event waited, at most": f"{found.longest:,} s"
        + (" <== longer than it may" if found.longest > PATIENCE else ""),
        "waiting at once": f"{found.most:,.0f} events, {found.most * MEASURED.wire / GB:,.2f} GB",
        "left at midnight": f"{max(0.0, found.accepted - found.digested):,.0f} events",
        f"rows of {DAYS_KEPT} days": f"{stored * MEASURED.rows / TB:,.2f} TB",
        f"payloads of {DAYS_KEPT} days": f"{stored * MEASURED.payload / TB:,.2f} TB",
        "objects a second, one for each event": f"{mean:,.0f}",
        "objects a second, in packs": f"{mean * MEASURED.payload / PACK:,.3f}",
    }
    for name, value in lines.items():
        print(f"{name:<40}{value}")


def main() -> None:
    """Every scale; the largest with counters in either place."""
    for scale in SCALES:
        tell(scale, counts_apart=False)
    tell(SCALES[-1], counts_apart=True)


if __name__ == "__main__":
    main()
