"""What issues are looked for by: each criterion is a condition of the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import singledispatch
from typing import Any, Final, TypeAlias

from sqlalchemy import Column, ColumnElement, and_, literal, not_, or_, select

from headwater.storage.schema import folded, in_bytes, issue_tags, issues

SEPARATOR: Final = " · "
"""Between function and file in a culprit; `grouping.title.culprit` writes it."""

FAMILIES: Final = frozenset(("browser", "os", "runtime", "device"))
"""Tags whose values are a name and a version, `Firefox 120`: the name alone finds them."""

_ESCAPE: Final = "\\"

_LAST: Final = "\U0010ffff"
"""Comes after every character."""


class Status(StrEnum):
    """What a person made of an issue."""

    UNRESOLVED = "unresolved"
    RESOLVED = "resolved"
    IGNORED = "ignored"
    DELETED = "deleted"
    """Nobody sees it any more; its events are on their way out."""


class Order(StrEnum):
    """What comes first in a list: of moments the latest, of counts the largest."""

    LAST_SEEN = "last_seen"
    FIRST_SEEN = "first_seen"
    EVENTS = "events"

    @property
    def column(self) -> Column[Any]:
        """Of `issues`."""
        return _COLUMNS[self]


@dataclass(frozen=True, slots=True)
class HasStatus:
    """It is in this state."""

    status: Status


@dataclass(frozen=True, slots=True)
class Says:
    """Title or culprit hold this text, in whatever case."""

    text: str


@dataclass(frozen=True, slots=True)
class InFile:
    """The file of its culprit holds this text."""

    text: str


@dataclass(frozen=True, slots=True)
class InFunction:
    """The function of its culprit holds this text."""

    text: str


@dataclass(frozen=True, slots=True)
class HasTag:
    """An event of it had this tag. In `value`, `*` stands for anything."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class AssignedTo:
    """Somebody has taken it on; None: nobody has."""

    user_id: int | None


@dataclass(frozen=True, slots=True)
class Number:
    """Its events are more (`is_more`) or fewer than so many."""

    events: int
    is_more: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """It was first or last seen (`column`) after (`is_later`) or before a moment."""

    column: Order
    moment: datetime
    is_later: bool


@dataclass(frozen=True, slots=True)
class MadeAfter:
    """It is newer than the issue of this number."""

    issue_id: int


Fact: TypeAlias = (
    HasStatus | Says | InFile | InFunction | HasTag | AssignedTo | Number | Seen | MadeAfter
)


@dataclass(frozen=True, slots=True)
class Criterion:
    """What is so of the issues that are looked for; or, `is_not`, what isn't."""

    fact: Fact
    is_not: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """Issues of which all criteria hold."""

    criteria: tuple[Criterion, ...] = ()
    order: Order = Order.LAST_SEEN

    @property
    def where(self) -> ColumnElement[bool]:
        """As a condition on rows of `issues`."""
        conditions = (
            not_(_condition(each.fact)) if each.is_not else _condition(each.fact)
            for each in self.criteria
        )
        return and_(IS_THERE, *conditions)

    @property
    def by(self) -> tuple[ColumnElement[Any], ...]:
        """In which order, so that none has the place of another."""
        return self.order.column.desc(), issues.c.id.desc()


IS_THERE: Final = and_(issues.c.merged_into.is_(None), issues.c.status != Status.DELETED.value)
"""Neither merged into another nor deleted."""

DELETED: Final = select(issues.c.id).where(issues.c.status == Status.DELETED.value)
"""Issues whose events are on their way out."""

_COLUMNS: Final[Mapping[Order, Column[Any]]] = {
    Order.LAST_SEEN: issues.c.last_seen,
    Order.FIRST_SEEN: issues.c.first_seen,
    Order.EVENTS: issues.c.event_count,
}


@singledispatch
def _condition(fact: Fact) -> ColumnElement[bool]:
    raise TypeError(fact)


@_condition.register
def _(fact: HasStatus) -> ColumnElement[bool]:
    return issues.c.status == fact.status.value


@_condition.register
def _(fact: Says) -> ColumnElement[bool]:
    return or_(
        issues.c.title.icontains(fact.text, autoescape=True),
        issues.c.culprit.icontains(fact.text, autoescape=True),
    )


@_condition.register
def _(fact: InFile) -> ColumnElement[bool]:
    return _in_culprit(f"%{SEPARATOR}%{_literally(fact.text)}%", fact.text)


@_condition.register
def _(fact: InFunction) -> ColumnElement[bool]:
    return _in_culprit(f"%{_literally(fact.text)}%{SEPARATOR}%", fact.text)


def _in_culprit(pattern: str, text: str) -> ColumnElement[bool]:
    """By a pattern; a culprit of one part holds the text anywhere."""
    is_one_part = issues.c.culprit.notlike(f"%{SEPARATOR}%")
    return or_(
        issues.c.culprit.ilike(pattern, escape=_ESCAPE),
        and_(is_one_part, issues.c.culprit.icontains(text, autoescape=True)),
    )


@_condition.register
def _(fact: HasTag) -> ColumnElement[bool]:
    tags = issue_tags.c
    this = select(tags.issue_id).where(tags.key == fact.key)
    of_issue = this.where(tags.issue_id == issues.c.id)
    start, star, _ = fact.value.partition("*")
    if star:
        like = tags.value.like(_literally(fact.value).replace("*", "%"), escape=_ESCAPE)
        value = in_bytes(tags.value)
        between = value >= in_bytes(literal(start)), value < in_bytes(literal(start + _LAST))
        return of_issue.where(like, *between if start else ()).exists()
    if fact.key in FAMILIES:
        return issues.c.id.in_(this.where(_is_of(fact.value)))
    same = folded(tags.value) == folded(literal(fact.value))  # for the sake of the index
    return issues.c.id.in_(this.where(same, tags.value == fact.value))


def _is_of(name: str) -> ColumnElement[bool]:
    """A value is this name, in whatever case, or begins with it and a blank."""
    value, start = folded(issue_tags.c.value), name + " "
    begins = and_(value >= folded(literal(start)), value < folded(literal(start + _LAST)))
    return or_(value == folded(literal(name)), begins)


@_condition.register
def _(fact: AssignedTo) -> ColumnElement[bool]:
    if fact.user_id is None:
        return issues.c.assignee_id.is_(None)
    return and_(issues.c.assignee_id.is_not(None), issues.c.assignee_id == fact.user_id)


@_condition.register
def _(fact: Number) -> ColumnElement[bool]:
    count = issues.c.event_count
    return count > fact.events if fact.is_more else count < fact.events


@_condition.register
def _(fact: Seen) -> ColumnElement[bool]:
    column = fact.column.column
    return column > fact.moment if fact.is_later else column < fact.moment


@_condition.register
def _(fact: MadeAfter) -> ColumnElement[bool]:
    return issues.c.id > fact.issue_id


def _literally(text: str) -> str:
    """In a pattern of LIKE."""
    for special in (_ESCAPE, "%", "_"):
        text = text.replace(special, _ESCAPE + special)
    return text
