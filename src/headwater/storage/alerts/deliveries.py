"""Messages to channels: written down with what they tell of, sent later, and kept as a log.

A row stays `waiting` until it is noted what became of it, so that a process that dies in between
loses nothing: the message is sent again, under the same id.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Row, and_, func, literal_column, or_, select

from headwater.storage.alerts.channels import Channel
from headwater.storage.alerts.folded import digest_message, tells_of_kept
from headwater.storage.alerts.message import DIGEST, LISTED, TEST, Message, packed, unpacked
from headwater.storage.database import Database
from headwater.storage.many_rows import insert_all_new
from headwater.storage.page import Page, PageRequest
from headwater.storage.schema import alert_channels, alert_deliveries

MAX_LOG_AGE: Final = timedelta(days=90)
"""How long it is kept what was sent."""

MAX_LOG: Final = 20_000
"""Rows of the log; the oldest go first. Some 500 bytes each."""

MAX_REMOVED: Final = 2_000
"""Rows that one transaction removes."""

MAX_ERROR: Final = 500
"""Characters of an error that are kept."""


class State(StrEnum):
    """What became of a message."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    FOLDED = "folded"
    """It is part of a digest message."""


class NewDelivery(Struct, frozen=True):
    """`occasion`: what a channel is told of once, whatever number of rules tell it."""

    channel_id: int
    channel_name: str
    rule_id: int | None
    rule_name: str
    project_id: int | None
    occasion: str
    message: Message


class Delivery(Struct, frozen=True):
    """A row of the log. `tries` counts the one under way."""

    id: int
    channel_id: int
    channel_name: str
    rule_id: int | None
    rule_name: str
    project_id: int | None
    issue_id: int | None
    message: Message
    state: State
    created_at: datetime
    due_at: datetime
    finished_at: datetime | None
    tries: int
    error: str
    folded_into: int | None

    @property
    def is_test(self) -> bool:
        """Whether a person asked for it, to see whether the channel works."""
        return self.message.kind == TEST


class Backlog(Struct, frozen=True):
    """Of a channel: messages that were never tried, when the first of them came; those sent lately."""

    waiting: int
    since: datetime | None
    finished: int


class Deliveries:
    """Reads open their own connection, and so does all that says nothing else."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, connection: Connection, new: Sequence[NewDelivery], now: datetime) -> None:
        """Within the caller's transaction; what a channel is told of already is left out."""
        insert_all_new(connection, alert_deliveries, [_row(each, now) for each in new])

    def add_test(self, channel: Channel, message: Message, now: datetime) -> int:
        """A person wants to see whether the channel works; the delivery's id."""
        row = _row(_of_channel(channel, TEST, message), now)
        with self._database.write() as connection:
            made = alert_deliveries.insert().values(row).returning(alert_deliveries.c.id)
            delivery_id: int = connection.execute(made).scalar_one()
        return delivery_id

    def busy_channels(self, now: datetime) -> Sequence[int]:
        """Channels that have something to be sent now; not those that rest, but for tests."""
        is_up = or_(alert_channels.c.rests_until.is_(None), alert_channels.c.rests_until <= now)
        wanted = (
            select(alert_deliveries.c.channel_id)
            .join(alert_channels, alert_channels.c.id == alert_deliveries.c.channel_id)
            .where(_WAITING, alert_deliveries.c.due_at <= now, or_(is_up, _TEST))
        )
        with self._database.read() as connection:
            return connection.execute(wanted.distinct()).scalars().all()

    def next_test(self, channel_id: int, now: datetime) -> Delivery | None:
        """A test that waits."""
        return self._first(_of(channel_id, now), _TEST)

    def next_retry(self, channel_id: int, now: datetime) -> Delivery | None:
        """What was tried before, or stands for others, and may be tried now."""
        begun = or_(alert_deliveries.c.tries > 0, _DIGEST)
        return self._first(_of(channel_id, now), begun)

    def next_fresh(self, channel_id: int, now: datetime) -> Delivery | None:
        """The oldest that was never tried."""
        return self._first(_of(channel_id, now), _FRESH)

    def backlog(self, channel_id: int, finished_since: datetime) -> Backlog:
        """How much there is to do, and was done."""
        waiting = select(func.count(), func.min(alert_deliveries.c.created_at)).where(
            alert_deliveries.c.channel_id == channel_id, _FRESH
        )
        finished = select(func.count()).where(
            alert_deliveries.c.channel_id == channel_id,
            alert_deliveries.c.finished_at > finished_since,
            alert_deliveries.c.state.in_([State.SENT.value, State.FAILED.value]),
            ~_TEST,
        )
        with self._database.read() as connection:
            count, since = connection.execute(waiting).one()
            return Backlog(count, since, connection.execute(finished).scalar_one())

    def begin(self, delivery: Delivery, until: datetime) -> bool:
        """Count a try before it is made; False if there is nothing to be sent any more.

        `until`: when it is to be tried again, should this process not live to say what became of it.
        """
        values = {"tries": alert_deliveries.c.tries + 1, "due_at": until}
        with self._database.write() as connection:
            begun = connection.execute(_this(delivery.id).where(_WAITING).values(values))
            return begun.rowcount == 1

    def sent(self, delivery: Delivery, now: datetime) -> None:
        """It has arrived, and so the channel is well."""
        with self._database.write() as connection:
            done = {"state": State.SENT.value, "finished_at": now, "error": ""}
            connection.execute(_this(delivery.id).values(done))
            connection.execute(_channel(delivery.channel_id).values(failures=0, rests_until=None))

    def failed(
        self, delivery: Delivery, error: str, now: datetime, again: datetime | None, rest: timedelta
    ) -> None:
        """It has not arrived. `again`: when it is tried next; None: never. The channel rests."""
        values: dict[str, Any] = {"error": error[:MAX_ERROR]}
        if again is None:
            values |= {"state": State.FAILED.value, "finished_at": now}
        else:
            values |= {"due_at": again}
        with self._database.write() as connection:
            connection.execute(_this(delivery.id).values(values))
            if not delivery.is_test:
                failures = alert_channels.c.failures + 1
                connection.execute(
                    _channel(delivery.channel_id).values(failures=failures, rests_until=now + rest)
                )

    def fold(self, channel: Channel, now: datetime) -> None:
        """Make one digest message of everything that was never tried."""
        fresh = and_(alert_deliveries.c.channel_id == channel.id, _FRESH)
        first = select(alert_deliveries).where(fresh).order_by(alert_deliveries.c.id).limit(LISTED)
        with self._database.write() as connection:
            messages = [unpacked(row.message) for row in connection.execute(first)]
            last = connection.execute(select(func.max(alert_deliveries.c.id)).where(fresh)).scalar()
            if last is None:
                return
            these = and_(fresh, alert_deliveries.c.id <= last)
            total = connection.execute(select(func.count()).where(these)).scalar_one()
            row = _row(_of_channel(channel, DIGEST, digest_message(messages, total, now)), now)
            made = alert_deliveries.insert().values(row).returning(alert_deliveries.c.id)
            digest_id = connection.execute(made).scalar_one()
            connection.execute(
                alert_deliveries.update()
                .where(these, alert_deliveries.c.id != digest_id)
                .values(state=State.FOLDED.value, finished_at=now, folded_into=digest_id)
            )

    def get(self, delivery_id: int) -> Delivery | None:
        """One row."""
        return self._first(alert_deliveries.c.id == delivery_id)

    def log(
        self,
        project_id: int | None = None,
        page: PageRequest = PageRequest(),  # noqa: B008 # frozen
    ) -> Page[Delivery]:
        """Of one project or of everything, the newest first."""
        own = alert_deliveries.c.project_id
        of_project = tells_of_kept() if project_id is None else own == project_id
        wanted = select(alert_deliveries).where(of_project).order_by(alert_deliveries.c.id.desc())
        with self._database.read() as connection:
            rows = connection.execute(wanted.offset(page.offset).limit(page.fetch)).all()
        return page.page([_delivery(row) for row in rows])

    def latest_of(self, channel_ids: Sequence[int]) -> dict[int, Delivery]:
        """Channel → what became of its last message."""
        each, channels = alert_deliveries.alias().c, alert_channels.c
        # By the index, whose end it is, channel for channel: not by looking through the log.
        last = (
            select(each.id)
            .where(
                each.channel_id == channels.id,
                each.finished_at.is_not(None),
                each.state != State.FOLDED.value,
            )
            .order_by(each.finished_at.desc(), each.id.desc())
            .limit(1)
            .correlate(alert_channels)
            .scalar_subquery()
        )
        lasts = select(last).where(channels.id.in_(channel_ids))
        wanted = select(alert_deliveries).where(alert_deliveries.c.id.in_(lasts))
        with self._database.read() as connection:
            return {row.channel_id: _delivery(row) for row in connection.execute(wanted)}

    def tidy(self, now: datetime) -> int:
        """Forget the oldest of the log; how many rows."""
        done = alert_deliveries.c.finished_at.is_not(None)
        with self._database.read() as connection:
            newest = select(alert_deliveries.c.id).order_by(alert_deliveries.c.id.desc())
            first_kept = connection.execute(newest.offset(MAX_LOG).limit(1)).scalar() or 0
            too_old = alert_deliveries.c.finished_at < now - MAX_LOG_AGE
            is_over = and_(done, or_(alert_deliveries.c.id <= first_kept, too_old))
            # Written down in the moment in which somebody deleted the channel.
            is_lost = and_(
                _IS_WAITING, alert_deliveries.c.channel_id.not_in(select(alert_channels.c.id))
            )
            gone = select(alert_deliveries.c.id).where(or_(is_over, is_lost)).limit(MAX_REMOVED)
            ids = connection.execute(gone).scalars().all()
        if ids:
            with self._database.write() as connection:
                these = alert_deliveries.c.id.in_(ids)
                connection.execute(alert_deliveries.delete().where(these))
        return len(ids)

    def _first(self, *conditions: ColumnElement[bool]) -> Delivery | None:
        wanted = select(alert_deliveries).where(*conditions).order_by(alert_deliveries.c.id)
        with self._database.read() as connection:
            row = connection.execute(wanted.limit(1)).first()
        return None if row is None else _delivery(row)


# Spelled out: SQLite uses a partial index only for what it knows when it plans.
_IS_WAITING: Final = alert_deliveries.c.state == literal_column(f"'{State.WAITING}'")
_WAITING: Final = and_(_IS_WAITING, tells_of_kept())
"""What is still to be sent: nothing of a project that was deleted meanwhile."""
_TEST: Final = alert_deliveries.c.occasion.startswith(f"{TEST}:", autoescape=True)
_DIGEST: Final = alert_deliveries.c.occasion.startswith(f"{DIGEST}:", autoescape=True)
_FRESH: Final = and_(_WAITING, alert_deliveries.c.tries == 0, ~_TEST, ~_DIGEST)


def _of(channel_id: int, now: datetime) -> ColumnElement[bool]:
    of_channel = alert_deliveries.c.channel_id == channel_id
    return and_(of_channel, _WAITING, alert_deliveries.c.due_at <= now)


def _this(delivery_id: int) -> Any:
    return alert_deliveries.update().where(alert_deliveries.c.id == delivery_id)


def _channel(channel_id: int) -> Any:
    return alert_channels.update().where(alert_channels.c.id == channel_id)


def _of_channel(channel: Channel, kind: str, message: Message) -> NewDelivery:
    occasion = f"{kind}:{secrets.token_hex(16)}"
    return NewDelivery(channel.id, channel.name, None, "", None, occasion, message)


def _row(new: NewDelivery, now: datetime) -> dict[str, Any]:
    return {
        "channel_id": new.channel_id,
        "channel_name": new.channel_name,
        "rule_id": new.rule_id,
        "rule_name": new.rule_name,
        "project_id": new.project_id,
        "issue_id": new.message.issue_id,
        "occasion": new.occasion,
        "message": packed(new.message),
        "state": State.WAITING.value,
        "created_at": now,
        "due_at": now,
        "tries": 0,
        "error": "",
    }


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        channel_id=row.channel_id,
        channel_name=row.channel_name,
        rule_id=row.rule_id,
        rule_name=row.rule_name,
        project_id=row.project_id,
        issue_id=row.issue_id,
        message=unpacked(row.message),
        state=State(row.state),
        created_at=row.created_at,
        due_at=row.due_at,
        finished_at=row.finished_at,
        tries=row.tries,
        error=row.error,
        folded_into=row.folded_into,
    )
