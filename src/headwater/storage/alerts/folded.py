"""What a digest message stands for: the rows that are folded into it, and its words made of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select

from headwater.storage.alerts.message import DIGEST, LISTED, Line, Message, packed, unpacked
from headwater.storage.database import Database
from headwater.storage.hidden_projects import has_kept_home, is_kept
from headwater.storage.schema import alert_deliveries

MAX_TAKEN: Final = 500
"""Rows that one transaction takes out of a digest message."""

_IS_DIGEST: Final = alert_deliveries.c.occasion.startswith(f"{DIGEST}:", autoescape=True)
_PART: Final = alert_deliveries.alias("folded")


def tells_of_kept() -> ColumnElement[bool]:
    """Whether a delivery tells nothing of a deleted project: neither itself, nor as a digest message."""
    part = _PART.c
    # A digest is of no project. By the index: what is folded ended when the digest was made.
    tells_of_deleted = exists().where(
        part.channel_id == alert_deliveries.c.channel_id,
        part.finished_at == alert_deliveries.c.created_at,
        part.folded_into == alert_deliveries.c.id,
        ~is_kept(part.project_id),
    )
    is_whole = or_(~_IS_DIGEST, ~tells_of_deleted.correlate(alert_deliveries))
    return and_(has_kept_home(alert_deliveries.c.project_id), is_whole)


def digest_message(messages: Sequence[Message], total: int, now: datetime) -> Message:
    """One message for `total` others, of which these are the first."""
    lines = tuple(Line(each.sentence, each.title, each.path) for each in messages)
    projects = {each.project for each in messages}
    return Message(
        kind=DIGEST,
        sentence=f"{total:,} alerts in one message",
        title="More came than are told one by one",
        path="/alerts/log",
        at=now,
        project=projects.pop() if len(projects) == 1 and total <= LISTED else "",
        total=total,
        listed=lines,
    )


class Folded:
    """Takes what is of a deleted project out of digest messages, which are not sent or shown until then."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take_out(self, project_id: int) -> bool:
        """MAX_TAKEN rows of one digest message, and make it anew of the others; False: there is none."""
        own = alert_deliveries.c.project_id == project_id
        folded = alert_deliveries.c.folded_into
        with self._database.read() as connection:
            found = connection.execute(select(folded).where(own, folded.is_not(None)).limit(1))
            digest_id = found.scalar()
        if digest_id is None:
            return False
        with self._database.write() as connection:
            this = alert_deliveries.c.id == digest_id
            digest = connection.execute(
                select(alert_deliveries).where(this).with_for_update()
            ).first()
            some = select(alert_deliveries.c.id).where(own, folded == digest_id).limit(MAX_TAKEN)
            taken = alert_deliveries.delete().where(alert_deliveries.c.id.in_(some))
            count = connection.execute(taken).rowcount
            if digest is not None:
                message = unpacked(digest.message)
                _make_anew(connection, digest, message.total - count, message.at)
        return True


def _make_anew(connection: Connection, digest: Any, total: int, made_at: datetime) -> None:
    this = alert_deliveries.c.id == digest.id
    rest = select(alert_deliveries.c.message).where(
        alert_deliveries.c.channel_id == digest.channel_id,
        alert_deliveries.c.finished_at == digest.created_at,
        alert_deliveries.c.folded_into == digest.id,
        has_kept_home(alert_deliveries.c.project_id),
    )
    first = connection.execute(rest.order_by(alert_deliveries.c.id).limit(LISTED)).scalars()
    messages = [unpacked(each) for each in first]
    if messages:
        message = packed(digest_message(messages, total, made_at))
        connection.execute(alert_deliveries.update().where(this).values(message=message))
    else:
        connection.execute(alert_deliveries.delete().where(this))
