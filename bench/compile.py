"""How long a map takes from its last byte until it can be asked, and how much memory that needs. Linux.

`python -m bench.compile [id …]`. Each in a process of its own, as in service; `start` is what that
process takes until it can begin, which it pays once. Anonymous memory was looked at every few
milliseconds; the peak of all resident memory, which the system keeps itself, has the pages of the
interpreter's and libraries' files in it too.
"""

import multiprocessing
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from bench.corpus.shelf import Item, NoCorpus, items, map_of
from bench.measuring.compiled import write_compiled
from bench.measuring.figures import MB, anonymous_memory, peak_memory, verdict

PASSES = 3
LOOK_SECONDS = 0.003
PEAK_MB = 128.0
SECONDS = {"antd-webpack": 0.5, "everything-esbuild": 6.0}
"""Those of these maps have a target, of 8 and of 105 MB."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """Seconds to start and to compile, and those of the processor; bytes of anonymous and of all memory
    at the peak, and of the file."""

    start: float
    seconds: float
    processor: float
    anonymous: int
    peak: int
    size: int


def child(document: Path, to: Path, parent: Connection) -> None:
    """Tell when it begins; what it took and what it needed."""
    parent.send(None)
    parent.recv()
    began, used = time.perf_counter(), time.process_time()
    write_compiled(document, to)
    parent.send((time.perf_counter() - began, time.process_time() - used, peak_memory()))
    parent.close()


def compile_apart(document: Path, to: Path) -> Compiled:
    """One compilation, watched from outside."""
    here, there = multiprocessing.Pipe()
    began = time.perf_counter()
    process = multiprocessing.get_context("spawn").Process(target=child, args=(document, to, there))
    process.start()
    here.recv()
    start = time.perf_counter() - began
    here.send(None)
    anonymous = 0
    while not here.poll(LOOK_SECONDS):
        anonymous = max(anonymous, anonymous_memory(process.pid or "self"))
    seconds, processor, peak = here.recv()
    process.join()
    return Compiled(start, seconds, processor, anonymous, peak, to.stat().st_size)


def measure(item: Item, folder: Path) -> list[bool]:
    """Print a map's line; whether its time and its memory are within their targets."""
    passes = [compile_apart(map_of(item), folder / "compiled") for _ in range(PASSES)]
    seconds = statistics.median(each.seconds for each in passes)
    anonymous = max(each.anonymous for each in passes) / MB
    peak = max(each.peak for each in passes) / MB
    target = SECONDS.get(item.id)
    told = "" if target is None else f"target {target} s: {verdict(seconds, target)}"
    print(
        f"{item.id:20} {item.map_bytes / MB:7.2f} {statistics.median(each.start for each in passes):7.2f} "
        f"{seconds:9.2f} {statistics.median(each.processor for each in passes):7.2f} {item.map_bytes / MB / seconds:7.1f} {anonymous:10.0f} {peak:7.0f} "
        f"{passes[0].size / item.map_bytes:9.1%}  {verdict(peak, PEAK_MB):8}{told}",
        flush=True,
    )
    return [target is None or seconds <= target, peak <= PEAK_MB]


def main() -> None:
    """Print a line per map, and how many are within the targets."""
    wanted = sys.argv[1:]
    chosen = [item for item in items(100_000) if item.id in wanted or not wanted]
    print(
        f"{'map':20} {'MB':>7} {'start s':>7} {'compile s':>9} {'cpu s':>7} {'MB/s':>6} {'anonymous':>10} {'peak MB':>7} "
        f"{'file':>9}  {PEAK_MB:.0f} MB"
    )
    with tempfile.TemporaryDirectory(dir=map_of(chosen[0]).parent) as folder:
        met = [measure(item, Path(folder)) for item in chosen]
    for number, what in enumerate(("time", f"peak of {PEAK_MB:.0f} MB")):
        within = sum(each[number] for each in met)
        print(f"{what}: {within} of {len(met)} maps: {verdict(within, len(met), at_least=True)}")


if __name__ == "__main__":
    try:
        main()
    except NoCorpus as missing:
        print(missing)
