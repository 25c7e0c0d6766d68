"""Long lists of names, cut so that one statement can hold them."""

from collections.abc import Collection, Iterator, Sequence
from typing import Final, TypeVar

from sqlalchemy import BindParameter, bindparam

BATCH: Final = 500
"""Names in one statement: SQLite takes 32,766 parameters, older builds of it 999."""

T = TypeVar("T")


def written_out(numbers: Collection[int]) -> BindParameter[Sequence[int]]:
    """Numbers for `in_`, some ten thousands, that are a part of the statement and no parameters."""
    return bindparam(None, sorted(numbers), expanding=True, literal_execute=True)


def batches(names: Sequence[T]) -> Iterator[Sequence[T]]:
    """The names in order, at most `BATCH` at a time."""
    for start in range(0, len(names), BATCH):
        yield names[start : start + BATCH]
