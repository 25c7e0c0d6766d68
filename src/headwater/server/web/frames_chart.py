"""A chart of how frames came out over time: in a project, or of a release."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from headwater.server.web.chart import Chart, Column, Series, chart
from headwater.storage.events.over_time import FramesCount, HourCount
from headwater.storage.uploads.shares import in_percent
from headwater.storage.window import Window

FRAMES: Final = (Series("resolved", "resolved"), Series("failed", "not resolved"))


def frames_chart(counts: Sequence[HourCount] | Sequence[FramesCount], window: Window) -> Chart:
    """How many frames came out as they were written, and how many should have and did not."""
    sums: defaultdict[int, Counter[bool]] = defaultdict(Counter)
    for each in counts:
        sums[each.place].update({True: each.resolved, False: each.failed})
    return chart(
        FRAMES,
        [
            Column(begins, ends, frames, _share(*frames))
            for place, begins, ends in spans_of(window)
            for frames in ((sums[place][True], sums[place][False]),)
        ],
    )


def spans_of(window: Window) -> Iterator[tuple[int, datetime, datetime]]:
    """Each with its place, its begin and its end."""
    for place in range(window.places):
        yield place, window.begins(place), window.begins(place + 1)


def _share(resolved: int, failed: int) -> str:
    return in_percent(resolved, resolved + failed) if resolved or failed else ""
