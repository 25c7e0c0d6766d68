"""The charts of a project's overview: its events by level and by release, and how their frames came out."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from headwater.server.web.chart import Chart, Column, Series, chart
from headwater.storage.events.over_time import (
    FramesCount,
    LevelCount,
    OverTime,
    ReleaseCount,
    Window,
)
from headwater.storage.events.project_hours import NO_RELEASE
from headwater.storage.uploads.shares import FramesShare, in_percent

MAX_RELEASES: Final = 4
"""Releases that have a colour of their own; more can't be told apart."""

LEVELS: Final = ("fatal", "error", "warning", "info", "debug")

FRAMES: Final = (Series("resolved", "resolved"), Series("failed", "not resolved"))


@dataclass(frozen=True, slots=True)
class Frames(FramesShare):
    """Of a whole period."""

    resolved: int
    failed: int


@dataclass(frozen=True, slots=True)
class Charts:
    """Of one project and period. `frames`: those of its own minified files."""

    levels: Chart
    releases: Chart
    resolved: Chart
    frames: Frames

    @classmethod
    def of(cls, over_time: OverTime, project_id: int, window: Window) -> "Charts":
        """Two statements."""
        levels = over_time.by_level(project_id, window)
        releases = over_time.by_release(project_id, window, MAX_RELEASES)
        return cls(
            _by_level(levels, window),
            _by_release(levels, releases, window),
            frames_chart(levels, window),
            Frames(sum(each.resolved for each in levels), sum(each.failed for each in levels)),
        )


def frames_chart(counts: Sequence[LevelCount] | Sequence[FramesCount], window: Window) -> Chart:
    """How many frames came out as they were written, and how many should have and did not."""
    sums: defaultdict[int, Counter[bool]] = defaultdict(Counter)
    for each in counts:
        sums[each.place].update({True: each.resolved, False: each.failed})
    return chart(
        FRAMES,
        [
            Column(begins, ends, frames, _share(*frames))
            for place, begins, ends in _spans(window)
            for frames in ((sums[place][True], sums[place][False]),)
        ],
    )


def _by_level(counts: Sequence[LevelCount], window: Window) -> Chart:
    by_place = {(each.place, each.level): each.events for each in counts}
    found = {level for _, level in by_place}
    # Always at least the usual one, so that an empty chart has a legend as well.
    shown = [level for level in LEVELS if level in found or level == "error"]
    return chart(
        [Series(level, level) for level in shown],
        [
            Column(begins, ends, tuple(by_place.get((place, level), 0) for level in shown))
            for place, begins, ends in _spans(window)
        ],
    )


def _by_release(
    levels: Sequence[LevelCount], counts: Sequence[ReleaseCount], window: Window
) -> Chart:
    totals: Counter[str] = Counter()
    by_place: dict[tuple[int, str], int] = {}
    for each in counts:
        totals[each.release] += each.events
        by_place[each.place, each.release] = each.events
    every: Counter[int] = Counter()
    for level in levels:
        every[level.place] += level.events
    shown = [release for release, _ in totals.most_common()]
    columns = []
    for place, begins, ends in _spans(window):
        own = tuple(by_place.get((place, release), 0) for release in shown)
        columns.append(Column(begins, ends, (*own, every[place] - sum(own))))
    return _named(shown, columns)


def _named(shown: Sequence[str], columns: Sequence[Column]) -> Chart:
    named = [each for each in shown if each != NO_RELEASE]
    series = [
        Series("no-release", "no release")
        if release == NO_RELEASE
        else Series(f"release-{named.index(release) + 1}", release)
        for release in shown
    ]
    if any(column.counts[-1] for column in columns) or not series:
        return chart([*series, Series("others", "other releases")], columns)
    return chart(series, [Column(each.begins, each.ends, each.counts[:-1]) for each in columns])


def _spans(window: Window) -> Iterator[tuple[int, datetime, datetime]]:
    for place in range(window.places):
        yield place, window.begins(place), window.begins(place + 1)


def _share(resolved: int, failed: int) -> str:
    return in_percent(resolved, resolved + failed) if resolved or failed else ""
