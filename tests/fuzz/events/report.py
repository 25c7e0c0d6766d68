"""What a run has found and done."""

import heapq
import traceback
from collections import Counter
from dataclasses import dataclass, field

SLOW_SECONDS = 0.1
"""CPU of one event that is too much."""
SLOWEST = 20
"""Kept of each kind."""


@dataclass(frozen=True, slots=True, order=True)
class Slow:
    """How long something took, in seconds of CPU."""

    seconds: float
    seed: str


@dataclass
class Report:
    """What was found, and what was done."""

    found: dict[str, list[str]] = field(default_factory=dict)
    """Seeds by what is wrong."""
    done: Counter[str] = field(default_factory=Counter)
    slow: dict[str, list[Slow]] = field(default_factory=dict)

    def wrong(self, seed: str, what: str) -> None:
        """Something that must hold did not."""
        seeds = self.found.setdefault(what, [])
        if not seeds:
            print(f"{seed}: {what}", flush=True)
        seeds.append(seed)

    def took(self, seconds: float, what: str, seed: str) -> None:
        """Seconds of CPU for one event."""
        slow = self.slow.setdefault(what, [])
        push = heapq.heappush if len(slow) < SLOWEST else heapq.heappushpop
        push(slow, Slow(seconds, seed))
        if seconds > SLOW_SECONDS:
            self.done["slow " + what] += 1

    def lines(self) -> list[str]:
        """All of it, to be read."""
        done = [f"{count:>10,} {what}" for what, count in sorted(self.done.items())]
        slow = [
            f"{1000 * slow.seconds:>8.0f} ms {kind} {slow.seed}"
            for kind, slowest in self.slow.items()
            for slow in sorted(slowest, reverse=True)
        ]
        found = [
            f"{len(of):>10,} times {what}: {' '.join(of[:5])}" for what, of in self.found.items()
        ]
        return [*done, *slow, *found]


def fault_at_hand() -> str:
    """The exception that is being handled: what it says, and where it was raised."""
    return last_lines(traceback.format_exc())


def last_lines(text: str) -> str:
    """The same of a traceback."""
    lines = text.strip().split("\n")
    places = [line.strip() for line in lines if line.strip().startswith("File")]
    return f"{lines[-1][:200]} at {places[-1] if places else ''}"
