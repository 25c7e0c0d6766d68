"""What issues are looked for by: each criterion is a condition of the database."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import singledispatch
from typing import Any, Final, TypeAlias

from msgspec import Struct
from sqlalchemy import Column, ColumnElement, and_, not_, or_, select

from headwater.storage.issues.places import in_places
from headwater.storage.issues.tag_values import values_like
from headwater.storage.likeness import begins_with, holds, is_like, is_named, is_same, literally
from headwater.storage.schema import folded, issue_tags, issues, places

SEPARATOR: Final = " · "
"""Between function and file in a culprit; `grouping.title.culprit` writes it."""

FAMILIES: Final = frozenset(("browser", "os", "runtime", "device"))
"""Tags whose values are a name and a version, `Firefox 120`: the name alone finds them."""


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


class HasStatus(Struct, frozen=True):
    """It is in this state."""

    status: Status


class Says(Struct, frozen=True):
    """Title or culprit hold this text, in whatever case."""

    text: str


class InFile(Struct, frozen=True):
    """The file of its culprit, or of a frame of the user's own, holds this text."""

    text: str


class InFunction(Struct, frozen=True):
    """The function of its culprit, or of a frame of the user's own, holds this text."""

    text: str


class HasTag(Struct, frozen=True):
    """An event of it had this tag. Between `pieces` of its value there may be anything."""

    key: str
    pieces: tuple[str, ...]


class AssignedTo(Struct, frozen=True):
    """Somebody has taken it on; None: nobody has."""

    user_id: int | None


class Number(Struct, frozen=True):
    """Its events are more (`is_more`) or fewer than so many."""

    events: int
    is_more: bool


class Seen(Struct, frozen=True):
    """It was first or last seen (`column`) after (`is_later`) or before a moment."""

    column: Order
    moment: datetime
    is_later: bool


class MadeAfter(Struct, frozen=True):
    """It is newer than the issue of this number."""

    issue_id: int


Fact: TypeAlias = (
    HasStatus | Says | InFile | InFunction | HasTag | AssignedTo | Number | Seen | MadeAfter
)


class Criterion(Struct, frozen=True):
    """What is so of the issues that are looked for; or, `is_not`, what isn't."""

    fact: Fact
    is_not: bool = False


class Search(Struct, frozen=True):
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


_COLUMNS: Final[Mapping[Order, Column[Any]]] = {
    Order.LAST_SEEN: issues.c.last_seen,
    Order.FIRST_SEEN: issues.c.first_seen,
    Order.EVENTS: issues.c.event_count,
}


def is_deleted(issue_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether the issue of this number is, whose events are on their way out."""
    deleted = issues.c.status == Status.DELETED.value
    return select(issues.c.id).where(issues.c.id == issue_id, deleted).exists()


@singledispatch
def _condition(fact: Fact) -> ColumnElement[bool]:
    raise TypeError(fact)


@_condition.register
def _(fact: HasStatus) -> ColumnElement[bool]:
    return issues.c.status == fact.status.value


@_condition.register
def _(fact: Says) -> ColumnElement[bool]:
    return or_(holds(issues.c.title, fact.text), holds(issues.c.culprit, fact.text))


@_condition.register
def _(fact: InFile) -> ColumnElement[bool]:
    in_culprit = _in_culprit(f"%{SEPARATOR}%{literally(fact.text)}%", fact.text)
    return or_(in_culprit, in_places(places.c.file, fact.text))


@_condition.register
def _(fact: InFunction) -> ColumnElement[bool]:
    in_culprit = _in_culprit(f"%{literally(fact.text)}%{SEPARATOR}%", fact.text)
    return or_(in_culprit, in_places(places.c.function, fact.text))


def _in_culprit(pattern: str, text: str) -> ColumnElement[bool]:
    """By a pattern; a culprit of one part holds the text anywhere."""
    is_one_part = issues.c.culprit.notlike(f"%{SEPARATOR}%")
    return or_(is_like(issues.c.culprit, pattern), and_(is_one_part, holds(issues.c.culprit, text)))


@_condition.register
def _(fact: HasTag) -> ColumnElement[bool]:
    # All of them are in the index, without the table: how common a value is, nobody knows beforehand.
    of_key = select(issue_tags.c.issue_id).where(issue_tags.c.key == fact.key)
    return issues.c.id.in_(of_key.where(*_fits(fact, issue_tags.c.value)))


def _fits(fact: HasTag, value: ColumnElement[str]) -> Sequence[ColumnElement[bool]]:
    start, *others = fact.pieces
    if others == [""]:
        return (begins_with(value, start),)
    if others:
        pattern = "%".join(map(literally, fact.pieces))
        return (folded(value).in_(values_like(fact.key, pattern)),)
    if fact.key in FAMILIES:
        return (is_named(value, start),)
    # The first for the sake of the index. Of the second as `=` SQLite would make a constant, put it into
    # the first, and not see any more that the index has that.
    return is_same(value, start), value.between(start, start)


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
