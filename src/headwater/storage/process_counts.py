"""What one process has counted of its own work since it began; told with its sign of life."""

import threading
from collections import Counter
from collections.abc import Mapping
from typing import Final

MAX_COUNTED: Final = 200
"""Things that one process counts apart; ours are some fifty. Beyond that, nothing new is counted."""

Counted = tuple[str, ...]
"""What is counted: a name, and what tells it from others of the name."""


class ProcessCounts:
    """Only ever grows. For any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Counted] = Counter()

    def add(self, *counted: str, amount: float = 1) -> None:
        """So much more."""
        self.add_all({counted: amount})

    def add_all(self, amounts: Mapping[Counted, float]) -> None:
        """So much more of each."""
        with self._lock:
            for counted, amount in amounts.items():
                if counted in self._counts or len(self._counts) < MAX_COUNTED:
                    self._counts[counted] += amount  # type: ignore[assignment]  # seconds as well

    def now(self) -> Mapping[Counted, float]:
        """As it is."""
        with self._lock:
            return dict(self._counts)
