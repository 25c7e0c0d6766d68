"""What was read from compiled files lately, decoded: one for a whole process, bounded in bytes."""

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterable
from typing import Any, Final, TypeVar

CACHE_BYTES: Final = 64 * 1024**2
"""Memory of decoded parts that one process keeps: those of 150 stack traces that have nothing in
common, each with 50 frames in ten sources; of far more where they have."""

T = TypeVar("T")


class Cache:
    """Least recently used goes first. Thread-safe."""

    def __init__(self, capacity: int = CACHE_BYTES) -> None:
        """`capacity` in bytes, as those who put something in count it."""
        self._capacity = capacity
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._used = 0
        self._lock = threading.Lock()

    def __contains__(self, key: Hashable) -> bool:
        """Whether something is kept under the key; it does not count as use."""
        return key in self._kept

    def get(self, key: Hashable) -> Any | None:
        """What is kept under the key."""
        found = self._kept.get(key)
        if found is None:
            return None
        # Without the lock, which would take as long as all the rest: another thread may have made
        # room in between.
        try:  # noqa: SIM105 — that would take ten times as long
            self._kept.move_to_end(key)
        except KeyError:
            pass
        return found[0]

    def put(self, key: Hashable, made: T, size: int) -> T:
        """Keep something of that many bytes for a while; returns it."""
        self.put_all([(key, (made, size))])
        return made

    def put_all(self, several: Iterable[tuple[Hashable, tuple[Any, int]]]) -> None:
        """As `put` of each key with what was made and its bytes, for less."""
        kept = self._kept
        with self._lock:
            for key, entry in several:
                before = kept.pop(key, None)
                kept[key] = entry
                self._used += entry[1] - (before[1] if before else 0)
            while self._used > self._capacity:
                _, (_, freed) = kept.popitem(last=False)
                self._used -= freed
