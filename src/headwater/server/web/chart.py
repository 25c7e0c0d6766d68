"""A chart of counts over time, drawn on the server: stacked bars on a baseline."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from headwater.server.received import Span

HEIGHT: Final = 100
"""Units from the baseline to the longest bar; the style sheet says how many pixels that are."""

STEP: Final = 10
"""Units from one bar to the next."""

WIDTH: Final = 8
"""Units of a bar."""

LEAST: Final = 2
"""Units of the shortest part: one event among a million is still to be seen."""


@dataclass(frozen=True, slots=True)
class Part:
    """A rectangle, from its upper left corner; `kind` is its class in the style sheet."""

    kind: str
    x: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """What came within one span, bottom up; a whole column to point at."""

    span: Span
    x: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """`width` in units. `most`: what the longest bar stands for."""

    width: int
    most: int
    bars: tuple[Bar, ...]

    @property
    def spans(self) -> tuple[Span, ...]:
        """What was drawn."""
        return tuple(bar.span for bar in self.bars)


def chart(spans: Sequence[Span]) -> Chart:
    """One bar for each."""
    most = max((span.total for span in spans), default=0)
    bars = (
        Bar(span, place * STEP, tuple(_parts(span, most, place * STEP)))
        for place, span in enumerate(spans)
    )
    return Chart(len(spans) * STEP, most, tuple(bars))


def _parts(span: Span, most: int, x: int) -> Iterator[Part]:
    foot = float(HEIGHT)
    counts = {
        "accepted": span.accepted,
        "duplicates": span.duplicates,
        "refused": span.refused,
    }
    for kind, count in counts.items():
        if count:
            # What is drawn longer than it is must not push another part out of the picture.
            height = max(round(count * (HEIGHT - 2 * LEAST) / most, 2), LEAST)
            foot -= height
            yield Part(kind, x + (STEP - WIDTH) // 2, round(foot, 2), height)
