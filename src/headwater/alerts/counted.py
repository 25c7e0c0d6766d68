"""What is told of issues whose events or users become many."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from headwater.alerts.facts import best_sum, circumstances_of, of_issue
from headwater.alerts.ground import Ground
from headwater.storage.alerts.counts import AlertCounts, Mark, minute_of
from headwater.storage.alerts.deliveries import Deliveries
from headwater.storage.alerts.rules import Rule, RuleKind, Rules
from headwater.storage.database import Database
from headwater.storage.issues.issue import Issue
from headwater.storage.issues.issues import Issues
from headwater.storage.issues.search import Status
from headwater.storage.projects import Project

AGAIN: Final = timedelta(hours=1)
"""A rule tells of the same issue once in so long, or once a window if that is longer."""


class CountedIssues:
    """Any number of processes may look: one of them may fire."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rules = Rules(database)
        self._issues = Issues(database)
        self._counts = AlertCounts(database)
        self._deliveries = Deliveries(database)

    def marked(self) -> Sequence[Mark]:
        """Issues to be looked at."""
        return self._counts.marks()

    def look(self, ground: Ground, marks: Sequence[Mark], now: datetime) -> None:
        """Measure every rule by every issue that has changed. What changes meanwhile comes again."""
        rules = [rule for rule in ground.rules if rule.kind.counts]
        for mark in marks if rules else ():
            issue = self._issues.get(mark.issue_id)
            project = ground.projects.get(issue.project_id) if issue else None
            if issue is None or project is None or issue.status is Status.IGNORED:
                continue
            for rule in rules:
                if rule.is_about(project.id, issue.level):
                    count = self._measured(rule, mark)
                    if count >= rule.threshold:
                        self._fire(ground, rule, (project, issue), count, now)
        self._counts.unmark(marks)

    def tidy(self, now: datetime) -> None:
        """Forget what no rule looks back at."""
        self._rules.tidy(now)
        windows = [rule.minutes for rule in self._rules.all() if rule.kind.counts]
        while self._counts.tidy(max(windows, default=0), now):
            pass

    def _measured(self, rule: Rule, mark: Mark) -> int:
        if rule.kind is RuleKind.USERS:
            last = self._counts.last_minute(mark.issue_id) or minute_of(mark.stamp)
            return self._counts.users(mark.issue_id, rule.environment, last - rule.minutes)
        after = mark.since - rule.minutes
        minutes = self._counts.minutes(mark.issue_id, rule.environment, after)
        return best_sum(sorted(minutes.items()), rule.minutes, mark.since)

    def _fire(
        self, ground: Ground, rule: Rule, of: tuple[Project, Issue], count: int, now: datetime
    ) -> None:
        project, issue = of
        what = "users" if rule.kind is RuleKind.USERS else "events"
        span = "a minute" if rule.minutes == 1 else f"{rule.minutes:,} minutes"
        around = circumstances_of(self._database, issue)
        message = of_issue(issue, project, around, f"{count:,} {what} within {span}", now)
        occasion = f"{rule.kind}:{rule.id}:{issue.id}:{now.isoformat()}"
        new = list(ground.deliveries(rule, project, message, occasion))
        again = max(AGAIN, timedelta(minutes=rule.minutes))
        with self._database.write() as connection:
            if self._rules.fire(connection, rule, str(issue.id), now, again):
                self._deliveries.add(connection, new, now)
