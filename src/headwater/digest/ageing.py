"""What goes because it is old, with all that hangs on it."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import repeat
from typing import Final

from headwater.storage.database import Database
from headwater.storage.events.aged import MAX_HISTORY, MAX_OUTCOMES_AGE, Aged
from headwater.storage.events.retention import Retained
from headwater.storage.issues.deletions import Deletions
from headwater.storage.issues.forgotten import Forgotten
from headwater.storage.issues.tag_values import TagValues
from headwater.storage.projects import Project
from headwater.storage.queue.outcomes import Outcomes

REST_EVERY: Final = timedelta(hours=1)
"""Between two looks for old counts and for issues without events."""

MAX_DECISION_AGE: Final = timedelta(days=365)
"""How long an issue that somebody resolved or ignored outlives its last event, so that the decision
holds when the error comes again."""


class Ageing:
    """Each generator yields after each short transaction, so that its caller can rest or stop."""

    def __init__(self, database: Database, retained: Retained) -> None:
        self._retained = retained
        self._aged = Aged(database)
        self._forgotten = Forgotten(database)
        self._deletions = Deletions(database)
        self._tag_values = TagValues(database)
        self._outcomes = Outcomes(database)
        self._next_rest: datetime | None = None

    def events(self, projects: Sequence[Project], days: int, now: datetime) -> Iterator[int]:
        """Events beyond their project's age, the kept ones of an issue as well; how many."""
        for project in projects:
            before = _before(project, days, now)
            while before and (ids := self._retained.expired(project.id, before, now)):
                yield self._retained.remove(ids)

    def deleted(self) -> Iterator[int]:
        """All of the issues that somebody deleted, and the issues; how many events."""
        while issue_ids := self._deletions.pending():
            for issue_id in issue_ids:
                while ids := self._retained.all_of(issue_id):
                    yield self._retained.remove(ids, issue_id)
            is_done = False
            while not is_done:
                is_done = self._forgotten.forget(issue_ids)
                yield 0

    def dead_letters(self) -> Iterator[int]:
        """Those beyond their bounds, which a fault of ours could exceed within minutes; how many."""
        while dropped := self._aged.drop_most_dead_letters():
            yield dropped

    def rest(self, projects: Sequence[Project], days: int, now: datetime) -> Iterator[None]:
        """Everything else; nothing if it was done within REST_EVERY."""
        if self._next_rest is not None and now < self._next_rest:
            return
        ages = {project.id: _before(project, days, now) for project in projects}
        for project_id, before in ages.items():
            yield from self._of_project(project_id, before, now)
        for project_id in self._aged.counted_projects():
            yield from _all(partial(self._aged.drop_outcomes, project_id, now - MAX_OUTCOMES_AGE))
            yield from _all(partial(self._outcomes.fold, project_id, now))
        yield from self._of_issues(ages, now - MAX_HISTORY)
        yield from _all(self._aged.drop_places)
        yield from _all(self._aged.drop_tag_values)
        yield from _all(self._tag_values.complete)
        self._next_rest = now + REST_EVERY

    def _of_project(
        self, project_id: int, before: datetime | None, now: datetime
    ) -> Iterator[None]:
        yield from _all(partial(self._aged.drop_reports, project_id, before))
        oldest = now - MAX_OUTCOMES_AGE
        yield from _all(partial(self._aged.drop_project_hours, project_id, oldest))
        if before is None:
            return
        yield from _all(partial(self._aged.drop_dead_letters, project_id, before))
        decided_before = min(before, now - MAX_DECISION_AGE)
        while found := self._forgotten.find(project_id, before, decided_before):
            for is_done in map(self._forgotten.forget, repeat(found)):
                yield
                if is_done:
                    break

    def _of_issues(self, ages: dict[int, datetime | None], oldest: datetime) -> Iterator[None]:
        last = 0
        while some := self._aged.issues_after(last):
            last = some[-1].issue_id
            together: defaultdict[datetime, list[int]] = defaultdict(list)
            for issue in some:
                before = ages.get(issue.project_id) or oldest
                together[max(before, oldest)].append(issue.issue_id)
            for before, issue_ids in together.items():
                yield from _all(partial(self._aged.drop_hours, issue_ids, before))
                yield from _all(partial(self._aged.drop_tags, issue_ids, before))
            yield  # looking takes its time, too


def _before(project: Project, days: int, now: datetime) -> datetime | None:
    """When the oldest event that the project keeps came; None: it keeps them for ever."""
    chosen = project.choices.max_age_days
    age = days if chosen is None else chosen
    return now - timedelta(days=age) if age else None


def _all(drop: Callable[[], int]) -> Iterator[None]:
    while drop():
        yield
