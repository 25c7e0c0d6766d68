"""The charts of a project's overview: its events by level and by release, and how their frames came out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from msgspec import Struct

from headwater.server.web.chart import Chart, Column, Series, chart
from headwater.server.web.frames_chart import frames_chart, spans_of
from headwater.storage.events.over_time import HourCount, OverTime
from headwater.storage.events.project_hours import NO_RELEASE, OTHER
from headwater.storage.uploads.shares import FramesShare
from headwater.storage.window import Window

MAX_RELEASES: Final = 4
"""Releases that have a colour of their own; more can't be told apart."""

LEVELS: Final = ("fatal", "error", "warning", "info", "debug")


@dataclass(frozen=True, slots=True)
class Frames(FramesShare):
    """Of a whole period."""

    resolved: int
    failed: int


class Charts(Struct, frozen=True):
    """Of one project and period. `frames`: those of its own minified files."""

    levels: Chart
    releases: Chart
    resolved: Chart
    frames: Frames

    @classmethod
    def of(cls, over_time: OverTime, project_id: int, window: Window) -> "Charts":
        """One statement."""
        counts = over_time.of_project(project_id, window)
        return cls(
            _by_level(counts, window),
            _by_release(counts, window),
            frames_chart(counts, window),
            Frames(sum(each.resolved for each in counts), sum(each.failed for each in counts)),
        )


def _by_level(counts: Sequence[HourCount], window: Window) -> Chart:
    by_place: Counter[tuple[int, str]] = Counter()
    for each in counts:
        by_place[each.place, each.level] += each.events
    found = {level for _, level in by_place}
    # Always the usual one, so that an empty chart has a legend as well.
    shown = [level for level in LEVELS if level in found or level == "error"]
    return chart(
        [Series(level, level) for level in shown],
        [
            Column(begins, ends, tuple(by_place[place, level] for level in shown))
            for place, begins, ends in spans_of(window)
        ],
    )


def _by_release(counts: Sequence[HourCount], window: Window) -> Chart:
    totals: Counter[str] = Counter()
    by_place: Counter[tuple[int, str]] = Counter()
    every: Counter[int] = Counter()
    for each in counts:
        totals[each.release] += each.events
        by_place[each.place, each.release] += each.events
        every[each.place] += each.events
    del totals[OTHER]
    shown = sorted(totals, key=lambda release: (-totals[release], release))[:MAX_RELEASES]
    columns = []
    for place, begins, ends in spans_of(window):
        own = tuple(by_place[place, release] for release in shown)
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
