"""Long lists of names, cut so that one statement can hold them."""

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

BATCH: Final = 500
"""Names in one statement: SQLite takes 32,766 parameters, older builds of it 999."""

T = TypeVar("T")


def batches(names: Sequence[T]) -> Iterator[Sequence[T]]:
    """The names in order, at most `BATCH` at a time."""
    for start in range(0, len(names), BATCH):
        yield names[start : start + BATCH]
