"""What a second core brings: two virtual cores may be one of metal, which works little faster for two."""

import multiprocessing
import time
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Barrier

SECONDS = 1.0
ROUNDS = 3


def second_core() -> float:
    """What two processes that only count come to in a second, of what one does; the best of some
    rounds in which the two take turns with the one."""
    return max(_counted(2) / _counted(1) for _ in range(ROUNDS))


def _counted(processes: int) -> int:
    total = multiprocessing.Value("q", 0)
    start = multiprocessing.Barrier(processes)
    running = [
        multiprocessing.Process(target=_count, args=(start, total)) for _ in range(processes)
    ]
    for each in running:
        each.start()
    for each in running:
        each.join()
    return int(total.value)


def _count(start: Barrier, total: "Synchronized[int]") -> None:
    start.wait()
    end, turns = time.perf_counter() + SECONDS, 0
    while time.perf_counter() < end:
        turns += 1
    with total.get_lock():
        total.value += turns


if __name__ == "__main__":
    print(f"two processes that only count, of one: {second_core():.2f}")
