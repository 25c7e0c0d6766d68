"""A process with all its children, looked at from outside: memory and processor time. Linux."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.measuring.figures import processor_seconds

LOOK_SECONDS = 0.25

_SERVING = (b"serve", b"watch.py", b"headwater.processes")
"""How words in the command line of one end that isn't called by its role and has children."""


@dataclass(slots=True)
class Peak:
    """The most memory of all processes together, and of each at that moment: bytes by what it runs."""

    total: int = 0
    each: dict[str, int] = field(default_factory=dict)


class Watched:
    """The process `pid` and its children."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def memory(self) -> dict[str, int]:
        """Bytes of each process: its own and its share of what several have. By pid and name."""
        found = {}
        for pid in [self.pid, *_children(self.pid)]:
            try:
                rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            except OSError:
                continue  # it has ended
            pss = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
            found[f"{_role(pid)} {pid}"] = int(pss.split()[1]) * 1024
        return found

    def processor(self) -> dict[str, float]:
        """Seconds of each process so far."""
        found: dict[str, float] = {}
        for pid in [self.pid, *_children(self.pid)]:
            try:
                found[f"{_role(pid)} {pid}"] = processor_seconds(pid)
            except OSError:
                continue
        return found

    @contextmanager
    def peak(self) -> Iterator[Peak]:
        """Of the time of the block; looked at several times a second."""
        most, over = Peak(), threading.Event()

        def look() -> None:
            while not over.wait(LOOK_SECONDS):
                now = self.memory()
                if sum(now.values()) > most.total:
                    most.total, most.each = sum(now.values()), now

        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            yield most
        finally:
            over.set()
            watcher.join()


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            direct = [int(child) for child in task.read_text().split()]
        except OSError:
            continue
        for child in direct:
            found += [child, *_children(child)]
    return found


def _role(pid: int) -> str:
    """What it is: the two are forked, so that they have one command line, but names of theirs."""
    try:
        name = Path(f"/proc/{pid}/comm").read_text().strip()
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return "ended"
    for role in ("web", "digest"):
        if name == f"hw-{role}":
            return role
    if len(roles := [role for role in ("web", "digest") if role.encode() in words]) == 1:
        return roles[0]
    return "serve" if any(word.endswith(_SERVING) for word in words) else "child"
