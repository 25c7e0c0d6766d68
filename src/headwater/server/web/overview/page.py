"""What goes on in a project: events over time, the issues that count, how frames came out."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, Self

from msgspec import Struct
from starlette.responses import Response
from starlette.routing import BaseRoute

from headwater.server.outcome_reasons import ACCEPTED, DUPLICATE, Explanation, explanation
from headwater.server.web.gate import Gate
from headwater.server.web.issues.spark import Spark, drawn
from headwater.server.web.look import Look
from headwater.server.web.overview.charts import Charts
from headwater.server.web.projects.project_pages import existing
from headwater.server.web.visit import Visit
from headwater.storage.database import Database
from headwater.storage.events.over_time import OverTime
from headwater.storage.issues.issue import Issue
from headwater.storage.issues.issues import Issues
from headwater.storage.issues.period import Latest, PeriodIssues
from headwater.storage.projects import Projects
from headwater.storage.queue.outcomes import Outcomes
from headwater.storage.window import Window

TOP: Final = 8
"""Issues with the most events that are shown."""

LATEST: Final = 5
"""New issues, and those that came back, that are shown."""

REASONS: Final = 3
"""Why events were not accepted: so many reasons, those with the most events."""


class Period(Struct, frozen=True):
    """`places` spans of `width` hours. `word` is in addresses; `moments`: how their spans are written."""

    word: str
    name: str
    width: int
    places: int
    unit: str
    moments: str

    def window(self, now: datetime) -> Window:
        """The spans that end with the one that goes on."""
        return Window.ending(now, self.width, self.places)


PERIODS: Final = (
    Period("24h", "24 hours", 1, 24, "an hour", "%d %b %H:%M"),
    Period("7d", "7 days", 6, 28, "in six hours", "%d %b %H:%M"),
    Period("30d", "30 days", 24, 30, "a day", "%d %b"),
)


class Row(Struct, frozen=True):
    """An issue and its events in the period."""

    issue: Issue
    events: int
    spark: Spark


class Happened(Struct, frozen=True):
    """Issues to which something happened, the latest first, and how many there are in all."""

    issues: Sequence[tuple[Issue, datetime]]
    total: int


class Received(Struct, frozen=True):
    """What became of what was sent; `reasons` of what was not accepted, the most frequent ones."""

    accepted: int
    duplicates: int
    refused: int
    reasons: Sequence[tuple[Explanation, int]]

    @classmethod
    def of(cls, sums: Mapping[str, int]) -> "Received":
        """Reason → events."""
        refused = {key: sums[key] for key in sums if key not in (ACCEPTED, DUPLICATE)}
        most = sorted(refused, key=lambda reason: (-refused[reason], reason))[:REASONS]
        return cls(
            sums.get(ACCEPTED, 0),
            sums.get(DUPLICATE, 0),
            sum(refused.values()),
            [(explanation(reason), refused[reason]) for reason in most],
        )


class Counts(Struct, frozen=True):
    """What the overview reads. `waiting`: when the oldest event was received that waits."""

    over_time: OverTime
    period: PeriodIssues
    issues: Issues
    outcomes: Outcomes
    waiting: Callable[[], datetime | None]

    @classmethod
    def of(
        cls, database: Database, outcomes: Outcomes, waiting: Callable[[], datetime | None]
    ) -> Self:
        """On one database."""
        period = PeriodIssues(database)
        return cls(OverTime(database), period, Issues(database), outcomes, waiting)


class Overview:
    """`/projects/…`."""

    def __init__(self, gate: Gate, look: Look, projects: Projects, counts: Counts) -> None:
        self._gate = gate
        self._look = look
        self._projects = projects
        self._counts = counts

    def routes(self) -> list[BaseRoute]:
        return [self._gate.get("/projects/{project}", self._show)]

    def _show(self, visit: Visit) -> Response:
        project = existing(self._projects, visit.path("project"))
        # What is out of the question is taken for what is usual.
        asked = visit.query("period")
        period = next((each for each in PERIODS if each.word == asked), PERIODS[0])
        window, counts = period.window(visit.now), self._counts
        charts = Charts.of(counts.over_time, project.id, window)
        rows, new, back = self._issues(project.id, window)
        return self._look.page(
            visit,
            "overview.html",
            project=project,
            period=period,
            periods=PERIODS,
            charts=charts,
            counted_since=self._counted_since(project.id, charts, window.begins()),
            received=Received.of(counts.outcomes.event_sums(window.begins(), project.id)),
            waiting=counts.waiting(),
            rows=rows,
            new=new,
            back=back,
        )

    def _issues(self, project_id: int, window: Window) -> tuple[list[Row], Happened, Happened]:
        counts, since = self._counts, window.begins()
        top = counts.period.top(project_id, since, TOP)
        new = counts.period.new(project_id, since, LATEST)
        back = counts.period.back(project_id, since, LATEST)
        ids = {each.issue_id for each in top} | set(new.moments) | set(back.moments)
        issues = {each.id: each for each in counts.issues.several(ids)} if ids else {}
        spans = counts.period.over_time([each.issue_id for each in top], window) if top else {}
        rows = [
            Row(issues[each.issue_id], each.events, _spark(spans[each.issue_id], window))
            for each in top
            if each.issue_id in issues  # not merged or deleted just now
        ]
        return rows, _happened(new, issues), _happened(back, issues)

    def _counted_since(self, project_id: int, charts: Charts, begins: datetime) -> datetime | None:
        """When counting began, where the period began before."""
        if charts.levels.columns[0].total:
            return None
        first = self._counts.over_time.first(project_id)
        return first if first is not None and first > begins else None


def _happened(latest: Latest, issues: Mapping[int, Issue]) -> Happened:
    there = [(issues[each], at) for each, at in latest.moments.items() if each in issues]
    return Happened(there, latest.total)


def _spark(spans: Mapping[int, int], window: Window) -> Spark:
    counts = [0] * window.places
    for place, count in spans.items():
        # What a clock in the future counted belongs to the last one.
        counts[min(place, window.places - 1)] += count
    return drawn(counts)
