"""One page of a longer list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from msgspec import Struct
from sqlalchemy import ColumnElement, Select

T = TypeVar("T")

PER_PAGE: Final = 25
"""Rows of a page unless the caller says otherwise."""

MAX_PER_PAGE: Final = 100
"""Rows of the largest page; Sentry's number."""

MAX_PAGE: Final = 10_000
"""The furthest page: a database counts its way there row by row."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`items` of page `number` (from 0), and whether there is another one behind it."""

    items: tuple[T, ...]
    number: int
    has_next: bool


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page, of what size; numbers beyond the limits are brought within them."""

    number: int = 0
    size: int = PER_PAGE

    def __post_init__(self) -> None:
        object.__setattr__(self, "number", min(max(self.number, 0), MAX_PAGE))
        object.__setattr__(self, "size", min(max(self.size, 1), MAX_PER_PAGE))

    @property
    def offset(self) -> int:
        """Rows before this page."""
        return self.number * self.size

    @property
    def fetch(self) -> int:
        """Rows to ask for: one more than shown tells whether there is a next page."""
        return self.size + 1

    def page(self, rows: Sequence[T]) -> Page[T]:
        """The page made of what was fetched."""
        return Page(tuple(rows[: self.size]), self.number, len(rows) > self.size)


class Part(Struct, frozen=True):
    """So many rows of a list of falling numbers: those below `key` (0: the first there are), or, with
    `is_back`, the nearest above it. As quick at its end as at its beginning."""

    key: int = 0
    size: int = PER_PAGE
    is_back: bool = False

    @property
    def fetch(self) -> int:
        """Rows to ask for: one more than shown tells whether there are further ones that way."""
        return self.size + 1

    def asked_of(self, wanted: Select[Any], number: ColumnElement[int]) -> Select[Any]:
        """A selection, in this part only; `number` is the list's."""
        if self.is_back:
            return wanted.where(number > self.key).order_by(number).limit(self.fetch)
        if self.key:
            wanted = wanted.where(number < self.key)
        return wanted.order_by(number.desc()).limit(self.fetch)

    def page(self, rows: Sequence[T]) -> Page[T]:
        """Of what was fetched, in the order of the way; `has_next`: there is more that way."""
        shown = rows[: self.size]
        return Page(tuple(reversed(shown) if self.is_back else shown), 0, len(rows) > self.size)
