"""Issues whose events somebody asked to be resolved again: it goes on where the events go."""

from typing import Final

from sqlalchemy import Connection, func, select

from headwater.storage.many_rows import upsert_all
from headwater.storage.schema import events, healings

ISSUE: Final = "issue"
"""The kind of such a healing; `storage.events.healings.Kind` has the others."""


def heal_instead(connection: Connection, origin: int, target: int) -> None:
    """What was asked for of an issue, and is not done, is asked for of the one that its events go to,
    from the newest on; of the same issue again, if it got other events meanwhile."""
    wanted = select(healings).where(
        healings.c.kind == ISSUE,
        healings.c.subject == str(origin),
        healings.c.finished_at.is_(None),
    )
    row = connection.execute(wanted).first()
    if row is None:
        return
    newest = select(func.max(events.c.id)).where(events.c.project_id == row.project_id)
    again = {
        "project_id": row.project_id,
        "kind": ISSUE,
        "subject": str(target),
        "cursor": (connection.execute(newest).scalar() or 0) + 1,
        "total": row.total,
        "done": 0,
        "changed": 0,
        "asked_at": row.asked_at,
        "claimed_until": None,
        "finished_at": None,
    }
    upsert_all(connection, healings, [again], ("project_id", "kind", "subject"))
