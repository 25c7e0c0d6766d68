"""What is told of issues that are announced: new, back, no longer muted."""

from collections.abc import Sequence
from datetime import datetime

from headwater.alerts.facts import SENTENCES, Circumstances, circumstances_of, of_issue
from headwater.alerts.ground import Ground
from headwater.storage.alerts.deliveries import Deliveries, NewDelivery
from headwater.storage.alerts.rules import Rule, RuleKind, Rules
from headwater.storage.database import Database
from headwater.storage.issues.announcements import Announcement, Announcements
from headwater.storage.issues.issues import Issues
from headwater.storage.issues.search import Status


class Announced:
    """Any number of processes may look: each announcement is struck out by one of them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rules = Rules(database)
        self._issues = Issues(database)
        self._announcements = Announcements(database)
        self._deliveries = Deliveries(database)

    def due(self, now: datetime) -> Sequence[Announcement]:
        """What may be told now."""
        return self._announcements.due(now)

    def tell(self, ground: Ground, due: Sequence[Announcement], now: datetime) -> None:
        """Write down whom they are told to. Without a rule one is told to nobody, and not later either."""
        wanted = [(told, *self._wanted(ground, told, now)) for told in due]
        if not wanted:
            return
        with self._database.write() as connection:
            fired: dict[int, Rule] = {}
            for told, rules, new in wanted:
                # Struck out with what it makes: neither is there without the other.
                if self._announcements.strike(connection, told):
                    fired.update((rule.id, rule) for rule in rules)
                    self._deliveries.add(connection, new, now)
            for rule_id in sorted(fired):
                self._rules.fired(connection, fired[rule_id], now)

    def _wanted(
        self, ground: Ground, told: Announcement, now: datetime
    ) -> tuple[list[Rule], list[NewDelivery]]:
        kind = RuleKind(told.reason.value)
        candidates = [rule for rule in ground.rules if rule.kind is kind]
        issue = self._issues.get(told.issue_id) if candidates else None
        project = ground.projects.get(issue.project_id) if issue else None
        if issue is None or project is None or issue.status is Status.IGNORED:
            return [], []
        around = circumstances_of(self._database, issue)
        rules = [
            rule
            for rule in candidates
            if rule.is_about(project.id, issue.level) and _is_from(rule, around)
        ]
        message = of_issue(issue, project, around, SENTENCES[kind.value], now)
        occasion = f"{kind}:{told.issue_id}:{told.since.isoformat()}"
        new = [
            each for rule in rules for each in ground.deliveries(rule, project, message, occasion)
        ]
        return rules, new


def _is_from(rule: Rule, around: Circumstances) -> bool:
    """A new issue is that of every environment that it has been seen in; else the latest one counts."""
    if not rule.environment or rule.environment == around.environment:
        return True
    return rule.kind is RuleKind.NEW and rule.environment in around.environments
