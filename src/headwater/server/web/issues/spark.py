"""How often something came lately, small: bars on a baseline."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from headwater.storage.issues.hours import hour_of

HEIGHT: Final = 20
"""Units from the baseline to the longest bar."""

STEP: Final = 4
"""Units from one bar to the next; a bar has one less."""


class Period(Struct, frozen=True):
    """`bars` spans of `hours` each, the last of which is running. `word` is in addresses."""

    word: str
    name: str
    hours: int
    bars: int

    def since(self, now: datetime) -> datetime:
        """When its first span begins."""
        return hour_of(now) - timedelta(hours=self.hours * self.bars - 1)


DAY: Final = Period("24h", "24 hours", 1, 24)
MONTH: Final = Period("30d", "30 days", 24, 30)
PERIODS: Final = (DAY, MONTH)


class Spark(Struct, frozen=True):
    """`path`: of SVG, filled. `most`: what the longest bar stands for."""

    path: str
    width: int
    most: int
    total: int


def spark(hours: Mapping[datetime, int], period: Period, now: datetime) -> Spark:
    """Of events by hour."""
    begins = period.since(now)
    counts = [0] * period.bars
    for hour, count in hours.items():
        place = (hour - begins) // timedelta(hours=period.hours)
        if 0 <= place < period.bars:
            counts[place] += count
    return drawn(counts)


def drawn(counts: Sequence[int]) -> Spark:
    """Of counts in the order of time."""
    most = max(counts)
    return Spark(_path(counts, most), len(counts) * STEP, most, sum(counts))


def _path(counts: Sequence[int], most: int) -> str:
    bars = (
        f"M{place * STEP} {HEIGHT}v-{max(1, round(count * HEIGHT / most))}h{STEP - 1}V{HEIGHT}z"
        for place, count in enumerate(counts)
        if count
    )
    return "".join(bars)
