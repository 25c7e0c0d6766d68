"""How long an event of 50 frames takes on a compiled map: warm, newly opened, evicted from memory.

`python -m bench.lookup [id …]`. An event is resolved when each frame has its source, line, column, function
and eleven lines of text. Evicted: the system was told (posix_fadvise DONTNEED) to drop the compiled
file's pages; the KB column is what had to come from the disk. A disk's own cache, or a host's, is not
emptied by that. `warm` are events that came before, `unseen` others on the same open map;
`cpu` is the median time of the processor.
"""

import sys

from bench.corpus.asked import FRAMES, asked_of
from bench.corpus.shelf import Item, NoCorpus, items
from bench.measuring.compiled import Opened, compiled
from bench.measuring.figures import MB, MS, percentile, verdict
from bench.measuring.states import evicted, newly_opened, settled, warm

SMALLEST = 200_000
"""Bytes of the smallest map that is measured."""

WARM_MS, WARM_P99_MS = 0.5, 2.0
OPENED_MS = 2.0
EVICTED_MS, EVICTED_P95_MS = 4.0, 10.0


def measure(item: Item) -> list[bool]:
    """Print a map's line; which of the targets are met."""
    paths = compiled(item)
    events = asked_of(item).events
    settled()
    first, again = warm(paths, events, Opened.resolve)
    new = newly_opened(paths, events, Opened.resolve)
    cold, fetched = evicted(paths, events, Opened.resolve)
    print(
        f"{item.id:20} {item.map_bytes / MB:7.2f} |{again} |{first.median * MS:7.2f}"
        f" |{new} |{cold} {fetched / 1e3:6,.0f}",
        flush=True,
    )
    return [
        again.median * MS <= WARM_MS and percentile(again.clock, 0.99) * MS <= WARM_P99_MS,
        new.median * MS <= OPENED_MS,
        cold.median * MS <= EVICTED_MS and percentile(cold.clock, 0.95) * MS <= EVICTED_P95_MS,
    ]


def main() -> None:
    """Print a line per map, and how many maps are within each target."""
    wanted = sys.argv[1:]
    chosen = [
        item for item in items(SMALLEST) if (item.id in wanted if wanted else asked_of(item).events)
    ]
    four = "p50      p95      p99      cpu"
    print(f"ms per event of {FRAMES} frames")
    print(
        f"{'map':20} {'MB':>7} |    warm {four[4:]} | unseen |  opened {four[4:]} | evicted {four[4:]} {'KB':>6}"
    )
    met = [measure(item) for item in chosen]
    targets = (
        f"warm: median ≤ {WARM_MS} ms, p99 ≤ {WARM_P99_MS} ms",
        f"newly opened: median ≤ {OPENED_MS} ms",
        f"evicted: median ≤ {EVICTED_MS} ms, p95 ≤ {EVICTED_P95_MS} ms",
    )
    for number, target in enumerate(targets):
        within = sum(each[number] for each in met)
        print(
            f"{target:44} on {within} of {len(met)} maps: {verdict(within, len(met), at_least=True)}"
        )


if __name__ == "__main__":
    try:
        main()
    except NoCorpus as missing:
        print(missing)
