"""What was read last: a stack trace's frames ask for the same few things again and again."""

from collections.abc import Callable
from typing import Final, Generic, TypeVar

RECENT: Final = 16
"""Things that are remembered of one map, those of a stack trace; then it begins anew."""

T = TypeVar("T")


class Recent(Generic[T]):
    """Remembers what a number stands for, whatever that is."""

    def __init__(self, read: Callable[[int], T]) -> None:
        self._read = read
        self._known: dict[int, T] = {}

    def __getitem__(self, number: int) -> T:
        """Raises what reading raises."""
        try:
            return self._known[number]
        except KeyError:
            pass
        if len(self._known) >= RECENT:
            self._known.clear()
        found = self._known[number] = self._read(number)
        return found
