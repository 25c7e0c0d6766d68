"""Every map of the corpus against @jridgewell/trace-mapping, at 2,000 random positions each.

Of several mappings at one place that oracle takes the first, we the last: such answers are ties.
"""

import sys
from collections import Counter

from bench.corpus.asked import Position, asked_of
from bench.corpus.shelf import Item, NoCorpus, items
from bench.measuring.compiled import Opened, compiled

MAPS = 40
PRODUCERS = 13


def judged(opened: Opened, position: Position) -> str:
    """`equal`, `tie` or `different`."""
    line, column, first, last = position
    ours = opened.answer((line, column))
    if ours == last:
        return "equal" if first == last else "tie"
    print(f"  at {line}:{column} it should be {last}, we say {ours}", file=sys.stderr)
    return "different"


def compare(item: Item) -> Counter[str]:
    """How often a map's answers are equal, ties, different."""
    with Opened(compiled(item)) as opened:
        return Counter(judged(opened, position) for position in asked_of(item).positions)


def main() -> None:
    """Print a line per map and the sum; the exit code says whether anything is different."""
    print(f"{'map':24} {'producer':26} {'MB':>7} {'equal':>7} {'ties':>6} {'different':>10}")
    total: Counter[str] = Counter()
    producers: set[str] = set()
    every = items()
    for item in every:
        found = compare(item)
        total += found
        producers.add(item.producer)
        print(
            f"{item.id:24} {item.producer:26} {item.map_bytes / 1e6:7.2f} "
            f"{found['equal']:7,} {found['tie']:6,} {found['different']:10,}"
        )
    print(
        f"{len(every)} maps (target {MAPS}), {len(producers)} producers (target {PRODUCERS}): {total.total():,} positions"
    )
    met = not total["different"] and len(every) >= MAPS and len(producers) >= PRODUCERS
    print(f"{total['different']} different (target 0): {'met' if met else 'NOT met'}")
    if not met:
        sys.exit(1)


if __name__ == "__main__":
    try:
        main()
    except NoCorpus as missing:
        print(missing)
