"""The states a compiled map is in when an event comes: in use, closed, gone from memory."""

import gc
import os
import statistics
from collections.abc import Callable, Sequence
from functools import partial

from bench.corpus.asked import Place
from bench.measuring.compiled import Compiled, Opened
from bench.measuring.figures import Times, disk_reads
from headwater.digest_side import RARELY
from headwater.sourcemaps.compiled.cache import Cache

Event = Sequence[Place]
Work = Callable[[Opened, Event], object]
"""What is done about an event."""


def settled() -> None:
    """Do as the process that digests events does once it has started: what is there stays, and need
    not be looked through for garbage; what comes is looked through as rarely as there."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*RARELY)


def warm(paths: Compiled, events: Sequence[Event], work: Work) -> tuple[Times, Times]:
    """Events on an open map: the first time each, and when they come again."""
    first, again = Times(), Times()
    with Opened(paths) as opened:
        work(opened, events[0])
        for event in events[1:]:
            first.add(partial(work, opened, event))
        for event in events:
            again.add(partial(work, opened, event))
    return first, again


def newly_opened(paths: Compiled, events: Sequence[Event], work: Work) -> Times:
    """Events each on a map that nobody had open, in a process that has read others."""
    times, cache = Times(), Cache()
    for event in events:
        with Opened(paths, cache=cache) as opened:
            times.add(partial(work, opened, event))
    return times


def evicted(paths: Compiled, events: Sequence[Event], work: Work) -> tuple[Times, float]:
    """Events each on a file whose pages are not in memory; bytes from the disk, median."""
    times, fetched, cache = Times(), [], Cache()
    for event in events:
        evict(paths)
        before = disk_reads()
        with Opened(paths, cache=cache) as opened:
            times.add(partial(work, opened, event))
        fetched.append(disk_reads() - before)
    return times, statistics.median(fetched)


def evict(paths: Compiled) -> None:
    for path in paths.files:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)
