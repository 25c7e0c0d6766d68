"""How long a map takes from its last byte until it can be asked, and how much memory that needs. Linux.

`python -m bench.compile [id …]`. By the process that compiles in service, already running; until the
compiled file is durable and recorded. Anonymous memory was looked at every few milliseconds; the peak
of all resident memory, which the system keeps itself, has the pages of files in it too: of the
interpreter, of libraries, of the map that is being read. What names functions follows in the
background.
"""

import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bench.corpus.shelf import Item, NoCorpus, items, map_of
from bench.measuring.figures import MB, anonymous_memory, peak_memory, processor_seconds, verdict
from bench.measuring.instance import Instance, NotCompiled, instance
from headwater.storage.files.compiled_files import CompiledName

PASSES = 3
LOOK_SECONDS = 0.003
PEAK_MB = 128.0
SECONDS = {"antd-webpack": 0.5, "everything-esbuild": 6.0}
"""Those of these maps have a target, of 8 and of 105 MB."""

FIRST = "moment"
"""Compiled before, so that the process runs and has loaded what it needs."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds by the clock and of the process; bytes of anonymous and of all memory at its peak."""

    seconds: float
    processor: float
    anonymous: int
    peak: int


@dataclass(frozen=True, slots=True)
class Compiled:
    """The costs of both stages, and the bytes of what they wrote."""

    first: Cost
    first_size: int
    functions: Cost | None
    functions_size: int


@contextmanager
def watched(pid: int) -> Iterator[list[int]]:
    """The process's anonymous memory at several moments."""
    seen = [anonymous_memory(pid)]
    done = threading.Event()

    def look() -> None:
        with suppress(KeyError, OSError):  # it ended: whoever asked it will tell
            while not done.wait(LOOK_SECONDS):
                seen.append(anonymous_memory(pid))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield seen
    finally:
        done.set()
        looking.join()


def cost_of(pid: int, work: Callable[[], T]) -> tuple[T, Cost]:
    """What the work gave, and what it cost that process."""
    used = processor_seconds(pid)
    with watched(pid) as seen:
        began = time.perf_counter()
        made = work()
        seconds = time.perf_counter() - began
    return made, Cost(seconds, processor_seconds(pid) - used, max(seen), peak_memory(pid))


def compiled(here: Instance, document: Path) -> Compiled:
    """Both stages of one map."""
    sha256 = here.upload(document)
    pid = here.compiler.pid
    assert pid is not None
    name, first = cost_of(pid, lambda: here.compile(sha256))
    try:
        functions, second = cost_of(pid, lambda: here.name_functions(name))
    except NotCompiled as reason:
        print(f"  no functions: {reason}")
        return Compiled(first, here.size(name), None, 0)
    return Compiled(first, here.size(name), second, here.size(functions))


def passes(item: Item, first: Path) -> Iterator[Compiled]:
    """Each in an instance of its own, that has none of the map's texts."""
    for _ in range(PASSES):
        with (
            tempfile.TemporaryDirectory(dir=first.parent) as folder,
            instance(Path(folder)) as here,
        ):
            started: CompiledName = here.compile(here.upload(first))
            assert here.size(started)
            yield compiled(here, map_of(item))


def measure(item: Item, first: Path) -> list[bool]:
    """Print a map's line; whether its time and its memory are within their targets."""
    every = list(passes(item, first))
    seconds = statistics.median(each.first.seconds for each in every)
    processor = statistics.median(each.first.processor for each in every)
    anonymous = max(each.first.anonymous for each in every) / MB
    peak = max(each.first.peak for each in every) / MB
    named = [each.functions for each in every if each.functions is not None]
    background = (
        f"{statistics.median(each.seconds for each in named):8.2f} {max(each.anonymous for each in named) / MB:6.0f}"
        f"{every[0].functions_size / item.map_bytes:7.1%}"
        if named
        else f"{'-':>8} {'-':>6} {'-':>6}"
    )
    target = SECONDS.get(item.id)
    told = "" if target is None else f"; {target} s: {verdict(seconds, target)}"
    print(
        f"{item.id:20} {item.map_bytes / MB:7.2f} {seconds:8.2f} {processor:7.2f} {anonymous:10.0f} {peak:7.0f} "
        f"{every[0].first_size / item.map_bytes:7.1%} {background}  {PEAK_MB:.0f} MB: {verdict(anonymous, PEAK_MB)}{told}",
        flush=True,
    )
    return [target is None or seconds <= target, anonymous <= PEAK_MB]


def main() -> None:
    """Print a line per map, and how many are within the targets."""
    wanted = sys.argv[1:]
    every = items()
    chosen = [item for item in every if (item.id in wanted if wanted else item.map_bytes > 100_000)]
    first = next(map_of(item) for item in every if item.id == FIRST)
    print(f"{'':28} {'usable after':>25} {'memory MB':>18}   then functions:")
    print(
        f"{'map':20} {'MB':>7} {'clock s':>8} {'cpu s':>7} {'anonymous':>10} {'peak':>7} {'file':>7} "
        f"{'s':>8} {'MB':>6} {'file':>6}"
    )
    with tempfile.TemporaryDirectory(dir=map_of(chosen[0]).parent) as folder:
        beside = Path(folder) / "first"
        beside.write_bytes(first.read_bytes())
        met = [measure(item, beside) for item in chosen]
    for number, what in enumerate(("time", f"anonymous memory of {PEAK_MB:.0f} MB")):
        within = sum(each[number] for each in met)
        print(f"{what}: {within} of {len(met)} maps: {verdict(within, len(met), at_least=True)}")


if __name__ == "__main__":
    try:
        main()
    except NoCorpus as missing:
        print(missing)
