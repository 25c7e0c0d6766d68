"""A chart of counts over time, drawn on the server: stacked bars on a baseline."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct

HEIGHT: Final = 100
"""Units from the baseline to the longest bar; the style sheet says how many pixels that are."""

STEP: Final = 10
"""Units from one bar to the next."""

WIDTH: Final = 8
"""Units of a bar."""

LEAST: Final = 2
"""Units of the shortest part: one event among a million is still to be seen."""


class Series(Struct, frozen=True):
    """What is counted. `kind` is its class in the style sheet, `name` what people call it."""

    kind: str
    name: str


class Column(Struct, frozen=True):
    """What was counted within a span of time, of each series in order. `said`: in further words."""

    begins: datetime
    ends: datetime
    counts: tuple[int, ...]
    said: str = ""

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self.counts)


class Part(Struct, frozen=True):
    """A rectangle, from its upper left corner; `kind` is its class in the style sheet."""

    kind: str
    x: int
    y: float
    height: float


class Bar(Struct, frozen=True):
    """What came within one span, bottom up; a whole column to point at."""

    column: Column
    x: int
    parts: tuple[Part, ...]


class Chart(Struct, frozen=True):
    """`width` in units. `most`: what the longest bar stands for."""

    series: tuple[Series, ...]
    width: int
    most: int
    bars: tuple[Bar, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """What was drawn."""
        return tuple(bar.column for bar in self.bars)

    @property
    def total(self) -> int:
        """Of all columns."""
        return sum(bar.column.total for bar in self.bars)

    def reading(self, column: Column, moments: str, what: tuple[str, str]) -> str:
        """What a column stands for: `26 Nov UTC: 3 events: 2 error, 1 warning`.

        `moments`: how times are written; `what`: one and several of what is counted.
        """
        counted = f"{column.total:,} {what[0] if column.total == 1 else what[1]}"
        parts = ", ".join(
            f"{count:,} {each.name}"
            for each, count in zip(self.series, column.counts, strict=True)
            if count
        )
        said = ": ".join(
            each for each in (f"{column.begins:{moments}} UTC", counted, parts) if each
        )
        return f"{said}. {column.said}" if column.said else said


def chart(series: Sequence[Series], columns: Sequence[Column]) -> Chart:
    """One bar for each column, one part of it for each series."""
    most = max((column.total for column in columns), default=0)
    bars = (
        Bar(column, place * STEP, tuple(_parts(series, column, most, place * STEP)))
        for place, column in enumerate(columns)
    )
    return Chart(tuple(series), len(columns) * STEP, most, tuple(bars))


def _parts(series: Sequence[Series], column: Column, most: int, x: int) -> Iterator[Part]:
    foot = float(HEIGHT)
    # What is drawn longer than it is must not push another part out of the picture.
    room = HEIGHT - LEAST * len(series)
    for each, count in zip(series, column.counts, strict=True):
        if count:
            height = max(round(count * room / most, 2), LEAST)
            foot -= height
            yield Part(each.kind, x + (STEP - WIDTH) // 2, round(foot, 2), height)
