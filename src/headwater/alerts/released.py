"""What is told of releases whose frames are not resolved as they should be."""

from datetime import datetime, timedelta
from typing import Final

from headwater.alerts.facts import of_release
from headwater.alerts.ground import Ground
from headwater.storage.alerts.deliveries import Deliveries
from headwater.storage.alerts.rules import KEPT_OF_RELEASE, Rule, RuleKind, Rules
from headwater.storage.database import Database
from headwater.storage.projects import Project
from headwater.storage.uploads.seen_releases import SeenRelease, SeenReleases
from headwater.storage.uploads.shares import in_percent

MIN_FRAMES: Final = 100
"""Frames of a release before its share says something."""

SETTLED: Final = timedelta(minutes=10)
"""A release is not judged sooner: its maps may be on their way, or its events being resolved again."""

LATELY: Final = timedelta(hours=24)
"""A release without events for that long is nobody's concern any more."""

LOOKED_AT: Final = 5
"""Of each project, so many of the newest releases."""


class JudgedReleases:
    """Any number of processes may look: one of them may fire."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rules = Rules(database)
        self._releases = SeenReleases(database)
        self._deliveries = Deliveries(database)

    def look(self, ground: Ground, now: datetime) -> None:
        """At the newest releases of every project that a rule is about."""
        rules = [rule for rule in ground.rules if rule.kind.is_of_release]
        for project in ground.projects.values():
            ours = [rule for rule in rules if rule.project_id in (None, project.id)]
            for release in self._releases.newest(project.id, LOOKED_AT) if ours else ():
                if release.frames >= MIN_FRAMES and _is_current(release, now):
                    for rule in ours:
                        self._judge(ground, rule, project, release, now)

    def _judge(
        self, ground: Ground, rule: Rule, project: Project, release: SeenRelease, now: datetime
    ) -> None:
        subject = f"{project.id}:{release.version}"
        complaint = self._complaint(rule, release)
        if complaint is None:
            self._rules.recovered(rule, subject)
            return
        message = of_release(release, project, complaint, now)
        occasion = f"{rule.kind}:{rule.id}:{subject}:{now.isoformat()}"
        new = list(ground.deliveries(rule, project, message, occasion))
        with self._database.write() as connection:
            if self._rules.fire(connection, rule, subject, now, KEPT_OF_RELEASE):
                self._deliveries.add(connection, new, now)

    def _complaint(self, rule: Rule, release: SeenRelease) -> str | None:
        """What is wrong with it, if anything is."""
        if rule.kind is RuleKind.RATE:
            if _percent(release) >= rule.threshold:
                return None
            return f"Only {release.percent} of frames resolved, below {rule.threshold} %"
        earlier = self._releases.before(release, LOOKED_AT)
        before = next((each for each in earlier if each.frames >= MIN_FRAMES), None)
        if before is None or _percent(before) - _percent(release) < rule.threshold:
            return None
        share = in_percent(before.resolved, before.frames)
        return f"Only {release.percent} of frames resolved, after {share} in {before.version[:100]}"


def _is_current(release: SeenRelease, now: datetime) -> bool:
    return release.first_seen <= now - SETTLED and release.last_seen >= now - LATELY


def _percent(release: SeenRelease) -> float:
    return 100 * release.resolved / release.frames
