"""Rules: what is worth telling of, and to which channels."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, func, or_, select

from headwater.storage.alerts.channels import MAX_CHANNEL_NAME
from headwater.storage.database import Database
from headwater.storage.many_rows import insert_if_new
from headwater.storage.schema import alert_firings, alert_rule_channels, alert_rules

MAX_RULES: Final = 200
"""Of a server: each may be looked at for every issue that events come of."""

MAX_WINDOW_MINUTES: Final = 24 * 60
"""The longest time that events are counted over: so long their counts by the minute are kept."""

MAX_THRESHOLD: Final = 1_000_000
"""Events or users; what is more is no threshold."""

MAX_ENVIRONMENT: Final = 64
"""Characters: as of events."""

KEPT_FIRING: Final = timedelta(days=2)
"""How long it is kept that a rule has told of an issue: longer than any rule waits until it does again."""

KEPT_OF_RELEASE: Final = timedelta(days=365)
"""The same of a release, which is told of again when it was better in between."""

LEVELS: Final = ("debug", "info", "warning", "error", "fatal")
"""From the least to the worst."""


class InvalidRule(Exception):
    """A rule can't be like that; the message says what was expected."""


class RuleKind(StrEnum):
    """What a rule waits for."""

    NEW = "new"
    REGRESSION = "regression"
    UNMUTED = "unmuted"
    EVENTS = "events"
    """So many events of an issue within so many minutes."""
    USERS = "users"
    RATE = "rate"
    """A release's resolve rate is below so many percent."""
    RATE_DROP = "rate_drop"
    """It is so many points below that of the release before."""

    @property
    def counts(self) -> bool:
        """Whether it is measured over a window of minutes."""
        return self in (RuleKind.EVENTS, RuleKind.USERS)

    @property
    def is_of_release(self) -> bool:
        """Whether it is about releases; all others are about issues."""
        return self in (RuleKind.RATE, RuleKind.RATE_DROP)


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """What a person decides. `project_id` None: all projects. Empty `environment`, `min_level`: any."""

    name: str
    kind: RuleKind
    project_id: int | None = None
    threshold: int = 0
    minutes: int = 0
    environment: str = ""
    min_level: str = ""
    is_on: bool = True
    channel_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule(RuleDraft):
    """One that is kept."""

    id: int = 0
    last_fired_at: datetime | None = None

    def is_about(self, project_id: int, level: str) -> bool:
        """Whether issues of this project and level are its matter."""
        if self.project_id not in (None, project_id):
            return False
        return not self.min_level or severity(level) >= severity(self.min_level)


def severity(level: str) -> int:
    """A number that grows with it; what no SDK should send counts as an error."""
    return LEVELS.index(level) if level in LEVELS else LEVELS.index("error")


def checked(draft: RuleDraft) -> RuleDraft:
    """Raises InvalidRule."""
    if not draft.name or len(draft.name) > MAX_CHANNEL_NAME:
        raise InvalidRule(f"A name of at most {MAX_CHANNEL_NAME} characters is needed.")
    if draft.kind.counts and not 1 <= draft.threshold <= MAX_THRESHOLD:
        raise InvalidRule(f"How many: a whole number from 1 to {MAX_THRESHOLD:,}.")
    if draft.kind.counts and not 1 <= draft.minutes <= MAX_WINDOW_MINUTES:
        raise InvalidRule(f"Within how many minutes: from 1 to {MAX_WINDOW_MINUTES:,}, a day.")
    if draft.kind.is_of_release and not 1 <= draft.threshold <= 100:  # noqa: PLR2004 # percent
        raise InvalidRule("A percentage: a whole number from 1 to 100.")
    if len(draft.environment) > MAX_ENVIRONMENT:
        raise InvalidRule(f"An environment has at most {MAX_ENVIRONMENT} characters.")
    if draft.min_level and draft.min_level not in LEVELS:
        raise InvalidRule(f"A level is one of {', '.join(LEVELS)}.")
    if not draft.channel_ids:
        raise InvalidRule("Choose at least one channel: else nobody is told.")
    return draft


class Rules:
    """Reads open their own connection; `fire` and `fired` take part in the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, draft: RuleDraft, now: datetime) -> int:
        """A new one; its id. Raises InvalidRule."""
        with self._database.write() as connection:
            count = connection.execute(select(func.count()).select_from(alert_rules)).scalar_one()
            if count >= MAX_RULES:
                raise InvalidRule(f"A server has at most {MAX_RULES} rules.")
            row = _columns(checked(draft)) | {"created_at": now}
            made = alert_rules.insert().values(row).returning(alert_rules.c.id)
            rule_id: int = connection.execute(made).scalar_one()
            _set_channels(connection, rule_id, draft)
        return rule_id

    def change(self, rule_id: int, draft: RuleDraft) -> None:
        """What it told lately is forgotten: it may be told again by what it is now. Raises InvalidRule."""
        with self._database.write() as connection:
            this = alert_rules.update().where(alert_rules.c.id == rule_id)
            connection.execute(this.values(_columns(checked(draft))))
            of_rule = alert_rule_channels.c.rule_id == rule_id
            connection.execute(alert_rule_channels.delete().where(of_rule))
            connection.execute(alert_firings.delete().where(alert_firings.c.rule_id == rule_id))
            _set_channels(connection, rule_id, draft)

    def delete(self, rule_id: int) -> None:
        """What it told stays in the log."""
        with self._database.write() as connection:
            connection.execute(alert_rules.delete().where(alert_rules.c.id == rule_id))

    def all(self, project_id: int | None = None) -> Sequence[Rule]:
        """Those of all projects, or those that are about one; by name."""
        wanted = select(alert_rules).order_by(func.lower(alert_rules.c.name), alert_rules.c.id)
        if project_id is not None:
            own = alert_rules.c.project_id
            wanted = wanted.where(or_(own == project_id, own.is_(None)))
        with self._database.read() as connection:
            channels: defaultdict[int, list[int]] = defaultdict(list)
            every = select(alert_rule_channels).order_by(alert_rule_channels.c.channel_id)
            for row in connection.execute(every):
                channels[row.rule_id].append(row.channel_id)
            return [_rule(row, channels[row.id]) for row in connection.execute(wanted)]

    def get(self, rule_id: int) -> Rule | None:
        """One of them."""
        return next((rule for rule in self.all() if rule.id == rule_id), None)

    def in_force(self) -> Sequence[Rule]:
        """Those that are on, and would tell somebody."""
        return [rule for rule in self.all() if rule.is_on and rule.channel_ids]

    def fire(
        self, connection: Connection, rule: Rule, subject: str, now: datetime, again: timedelta
    ) -> bool:
        """Whether it may tell of this now: it has not done so for as long as `again`.

        Of several processes that ask at once, one may.
        """
        row = {"rule_id": rule.id, "subject": subject, "fired_at": now}
        if not insert_if_new(connection, alert_firings, row):
            this = (alert_firings.c.rule_id == rule.id, alert_firings.c.subject == subject)
            old = alert_firings.c.fired_at <= now - again
            renewed = connection.execute(
                alert_firings.update().where(*this, old).values(fired_at=now)
            )
            if renewed.rowcount != 1:
                return False
        self.fired(connection, rule, now)
        return True

    def fired(self, connection: Connection, rule: Rule, now: datetime) -> None:
        """Note when it was."""
        this = alert_rules.update().where(alert_rules.c.id == rule.id)
        connection.execute(this.values(last_fired_at=now))

    def tidy(self, now: datetime) -> None:
        """Forget what was told so long ago that it may be told again."""
        fired = alert_firings.c.fired_at
        is_of_release = alert_firings.c.subject.contains(":")
        old = or_(fired < now - KEPT_OF_RELEASE, and_(fired < now - KEPT_FIRING, ~is_of_release))
        with self._database.read() as connection:
            if (
                connection.execute(select(alert_firings.c.rule_id).where(old).limit(1)).first()
                is None
            ):
                return
        with self._database.write() as connection:
            connection.execute(alert_firings.delete().where(old))

    def recovered(self, rule: Rule, subject: str) -> None:
        """What was told is over: it is told again when it comes back."""
        this = (alert_firings.c.rule_id == rule.id, alert_firings.c.subject == subject)
        with self._database.read() as connection:
            if connection.execute(select(alert_firings).where(*this)).first() is None:
                return
        with self._database.write() as connection:
            connection.execute(alert_firings.delete().where(*this))


def _set_channels(connection: Connection, rule_id: int, draft: RuleDraft) -> None:
    rows = [{"rule_id": rule_id, "channel_id": each} for each in sorted(set(draft.channel_ids))]
    connection.execute(alert_rule_channels.insert(), rows)


_COLUMNS: Final = (
    "project_id",
    "name",
    "threshold",
    "minutes",
    "environment",
    "min_level",
    "is_on",
)


def _columns(draft: RuleDraft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in _COLUMNS} | {"kind": draft.kind.value}


def _rule(row: Row[Any], channel_ids: Sequence[int]) -> Rule:
    columns = {name: getattr(row, name) for name in (*_COLUMNS, "id", "last_fired_at")}
    return Rule(kind=RuleKind(row.kind), channel_ids=tuple(channel_ids), **columns)
