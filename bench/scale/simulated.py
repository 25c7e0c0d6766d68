"""A day, second by second: what waits, how long, and what the database is asked for."""

from collections import deque
from dataclasses import dataclass, replace
from typing import Final

from bench.scale.costs import BATCH, HOLD_SECONDS, MEASURED, ROWS_OF_A_NODE
from bench.scale.day import day

FAILOVER: Final = range(15 * 3_600, 15 * 3_600 + 60)
"""A database's standby takes over: nothing is digested for a minute."""

HALF_GONE: Final = range(18 * 3_600, 18 * 3_600 + 900)
"""A zone with half of the workers is away for a quarter of an hour."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`workers`: cores that digest. `nodes`: databases that issues are spread over. `counts_apart`:
    counters are not in the issue's row, but added up from what each worker appends."""

    workers: int
    nodes: int = 1
    counts_apart: bool = False

    @property
    def capacity(self) -> float:
        """Events a second."""
        by_workers = self.workers / MEASURED.digest
        return min(by_workers, self.nodes * ROWS_OF_A_NODE / MEASURED.writes)

    @property
    def of_one_issue(self) -> float:
        """Events a second of the same issue: each batch with one of them waits for its row."""
        if self.counts_apart:
            return self.capacity
        return min(self.capacity, BATCH / HOLD_SECONDS)


@dataclass(slots=True)
class Course:
    """What came of a day. `longest`: seconds that an event waited; `most`: events that waited at once."""

    accepted: float = 0.0
    peak: float = 0.0
    digested: float = 0.0
    longest: int = 0
    most: float = 0.0


def course(mean: float, plan: Plan) -> Course:
    """First come, first served, but that events of one issue can be slower than all together."""
    found, waiting = Course(), _Waiting()
    for second in day(mean):
        found.accepted += second.events
        found.peak = max(found.peak, second.events)
        waiting.add(second.at, second.events - second.hot, second.hot)
        found.digested += waiting.take(_capacity(plan, second.at), plan.of_one_issue)
        found.most = max(found.most, waiting.events)
        found.longest = max(found.longest, waiting.age(second.at))
    return found


def _capacity(plan: Plan, at: int) -> float:
    if at in FAILOVER:
        return 0.0
    half = replace(plan, workers=plan.workers // 2) if at in HALF_GONE else plan
    return half.capacity


class _Waiting:
    """Two queues, of the hot issue and of all others, each with when its events came."""

    def __init__(self) -> None:
        self._hot: deque[list[float]] = deque()
        self._others: deque[list[float]] = deque()
        self.events = 0.0

    def add(self, at: int, others: float, hot: float) -> None:
        for queue, events in ((self._others, others), (self._hot, hot)):
            if events:
                queue.append([at, events])
                self.events += events

    def take(self, capacity: float, of_one_issue: float) -> float:
        """Those that came first of either; what the hot one may not have is the others'."""
        hot_part = sum(each[1] for each in self._hot) / self.events if self.events else 0.0
        from_hot = _taken(self._hot, min(capacity * hot_part, of_one_issue))
        taken = from_hot + _taken(self._others, capacity - from_hot)
        self.events = max(0.0, self.events - taken)
        return taken

    def age(self, now: int) -> int:
        oldest = [queue[0][0] for queue in (self._hot, self._others) if queue]
        return int(now - min(oldest)) if oldest else 0


def _taken(queue: deque[list[float]], most: float) -> float:
    left = most
    while queue and left > 0:
        part = min(left, queue[0][1])
        queue[0][1] -= part
        left -= part
        if queue[0][1] <= 0:
            queue.popleft()
    return most - left
