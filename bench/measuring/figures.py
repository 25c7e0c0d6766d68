"""Figures as the benches print them: percentiles, targets, memory."""

import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

MB = 1e6
MS = 1e3


def percentile(values: Sequence[float], part: float) -> float:
    """The value that this part of them (0 to 1) is not above."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


@dataclass(slots=True)
class Times:
    """Seconds by the clock, and of the processor: on a busy machine only these mean something."""

    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def add(self, work: Callable[[], object]) -> None:
        """Do it, and note how long that took."""
        began, used = time.perf_counter(), time.thread_time()
        work()
        self.processor.append(time.thread_time() - used)
        self.clock.append(time.perf_counter() - began)

    @property
    def median(self) -> float:
        """By the clock."""
        return statistics.median(self.clock)

    def __str__(self) -> str:
        """Milliseconds: median, 95th and 99th percentile; the processor's median."""
        figures = [self.median, percentile(self.clock, 0.95), percentile(self.clock, 0.99)]
        figures += [statistics.median(self.processor)] if self.processor else []
        return " ".join(f"{seconds * MS:8.2f}" for seconds in figures)


def verdict(value: float, target: float, *, at_least: bool = False) -> str:
    """Whether a figure is within its target (or at least that)."""
    return "met" if (value >= target if at_least else value <= target) else "NOT met"


def private_memory() -> int:
    """Bytes of this process that nobody shares. Linux."""
    fields = _fields(Path("/proc/self/smaps_rollup"))
    return fields["Private_Clean"] + fields["Private_Dirty"]


def disk_reads() -> int:
    """Bytes that this process had to have fetched from a disk. Linux."""
    lines = Path("/proc/self/io").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("read_bytes"))


def peak_memory(pid: int | str = "self") -> int:
    """The most bytes that a process ever had resident, file pages included. Linux."""
    return _fields(Path(f"/proc/{pid}/status"))["VmHWM"]


def anonymous_memory(pid: int | str = "self") -> int:
    """Bytes of a process's memory that come from no file. Linux."""
    return _fields(Path(f"/proc/{pid}/status"))["RssAnon"]


def processor_seconds(pid: int) -> float:
    """Of a process so far. Linux."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _fields(path: Path) -> dict[str, int]:
    """Those that are in kB."""
    rows = (line.split() for line in path.read_text().splitlines())
    return {row[0].rstrip(":"): int(row[1]) * 1024 for row in rows if row[-1] == "kB"}
