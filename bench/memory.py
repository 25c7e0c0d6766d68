"""What open maps add to a process that reads them: memory that nobody shares with it. Linux.

`python -m bench.memory`. One after the other in processes of their own: one large map more; 10,000
compiled files touched in turn, an event of 50 frames in each.
"""

import ctypes
import gc
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.corpus.asked import Place, asked_of
from bench.corpus.shelf import Item, NoCorpus, items
from bench.measuring.compiled import Compiled, Opened, compiled
from bench.measuring.figures import MB, private_memory, verdict
from headwater.sourcemaps.compiled.cache import CACHE_BYTES, Cache
from headwater.storage.files.open_files import MAX_OPEN, OpenFiles

FIRST = "moment"
"""Opened before anything is measured: what the code itself needs is no map's."""

OPENED = ("react-esbuild", "antd-webpack", "office-esbuild", "everything-esbuild")
OPENED_MB = 1.0

TURNED = ("axios", "react-esbuild", "antd-webpack", "antd-vite", "office-esbuild")
BUNDLES = 10_000
MARKS = (1_000, 2_000, 5_000, BUNDLES)
GROWTH_MB = 4.0
"""From the second mark on: whoever keeps something for each bundle needs more."""


Events = Sequence[Sequence[Place]]


def settled() -> int:
    """Bytes that only this process has, without what is about to be freed or was freed."""
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)
    return private_memory()


def added(first: Compiled, paths: Compiled, item: Item, events: Events) -> None:
    """Print what one more map takes, after an event and after a hundred."""
    files, cache = OpenFiles(), Cache()
    before = Opened(first, files, cache)
    before.resolve([(0, 1_000), (0, 20_000)])
    start = settled()
    one = Opened(paths, files, cache)
    one.resolve(())
    opened = settled() - start
    one.resolve(events[0])
    after_one = settled() - start
    for event in events:
        one.resolve(event)
    after_all = settled() - start
    print(
        f"{item.id:20} {item.map_bytes / MB:7.2f} {opened / MB:8.2f} {after_one / MB:10.2f} "
        f"{after_all / MB:12.2f}   {verdict(after_one / MB, OPENED_MB)}",
        flush=True,
    )


def in_turn(folder: Path, chosen: list[tuple[Compiled, Events]]) -> None:
    """Print how memory goes while as many compiled files are touched, one after another."""
    files, cache = OpenFiles(), Cache()
    start, marks = settled(), []
    for number in range(BUNDLES):
        made, events = chosen[number % len(chosen)]
        # Another name is another file: whoever reads it does not know that the bytes are the same.
        paths = made.linked(folder / str(number))
        Opened(paths, files, cache).resolve(events[number % len(events)])
        for path in paths.files:
            path.unlink()
        if number + 1 in MARKS:
            marks.append((settled() - start) / MB)
            descriptors = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 (not a folder of files)
            print(
                f"{number + 1:7,} bundles {marks[-1]:8.1f} MB   {descriptors:4} descriptors",
                flush=True,
            )
    growth = marks[-1] - marks[1]
    print(
        f"grew by {growth:.1f} MB since {MARKS[1]:,} (target {GROWTH_MB:.0f}): {verdict(growth, GROWTH_MB)}; "
        f"the cache is to hold {CACHE_BYTES / MB:.0f} MB, {MAX_OPEN} files may be open"
    )


def apart(work: Callable[..., None], *arguments: object) -> None:
    """In a process that has done nothing before."""
    child = multiprocessing.get_context("spawn").Process(target=work, args=arguments)
    child.start()
    child.join()
    if child.exitcode != 0:
        sys.exit(1)


def main() -> None:
    """Print both tables."""
    found = {item.id: item for item in items()}
    first = compiled(found[FIRST])
    print(f"private MB that one more map adds (target {OPENED_MB} after an event)")
    print(f"{'map':20} {'MB':>7} {'opened':>8} {'one event':>10} {'100 events':>12}")
    for item in (found[id_] for id_ in OPENED if id_ in found):
        apart(added, first, compiled(item), item, asked_of(item).events)
    print(f"private MB while {BUNDLES:,} compiled files are touched in turn")
    turned = [found[id_] for id_ in TURNED if id_ in found]
    # Compiled here, not in the process whose memory is measured.
    chosen = [(compiled(item), asked_of(item).events) for item in turned]
    with tempfile.TemporaryDirectory(dir=first.map.parent) as name:
        apart(in_turn, Path(name), chosen)


if __name__ == "__main__":
    try:
        main()
    except NoCorpus as missing:
        print(missing)
