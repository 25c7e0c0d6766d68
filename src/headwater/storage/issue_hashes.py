"""Which issue a hash belongs to. Why there are two kinds: docs/decisions/0003-two-hashes.md."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from headwater.storage.insert import insert_if_new
from headwater.storage.schema import issue_hashes, issues


class HashTaken(Exception):
    """Another transaction gave the hash to another issue meanwhile; undo, and look again."""


@dataclass(frozen=True, slots=True)
class EventHashes:
    """An event's two hashes; `is_final` unless `final` rests on minified frames alone."""

    provisional: str
    final: str
    is_final: bool


def find_issue(connection: Connection, project_id: int, hashes: EventHashes) -> int | None:
    """The issue that an event with these hashes belongs to, or None if it is a new one."""
    wanted = select(issue_hashes.c.hash, issue_hashes.c.issue_id).where(
        issue_hashes.c.project_id == project_id,
        issue_hashes.c.hash.in_({hashes.provisional, hashes.final}),
    )
    known: dict[str, int] = {row.hash: row.issue_id for row in connection.execute(wanted)}
    if hashes.final in known:
        return known[hashes.final]
    guess = known.get(hashes.provisional)
    if guess is None or not hashes.is_final:
        return guess
    # Two resolved events whose minified frames merely looked alike must stay apart.
    return None if _has_final_hash(connection, guess) else guess


def attach(connection: Connection, project_id: int, issue_id: int, hashes: EventHashes) -> None:
    """Lead both hashes to the issue. A provisional one that leads elsewhere already stays there.

    Raises HashTaken.
    """
    row = {"project_id": project_id, "issue_id": issue_id}
    is_new = insert_if_new(
        connection, issue_hashes, row | {"hash": hashes.final, "is_final": hashes.is_final}
    )
    if not is_new:
        _confirm(connection, project_id, issue_id, hashes)
    if hashes.provisional != hashes.final:
        insert_if_new(
            connection, issue_hashes, row | {"hash": hashes.provisional, "is_final": False}
        )


def _confirm(connection: Connection, project_id: int, issue_id: int, hashes: EventHashes) -> None:
    this = (issue_hashes.c.project_id == project_id) & (issue_hashes.c.hash == hashes.final)
    row = connection.execute(
        select(issue_hashes.c.issue_id, issue_hashes.c.is_final).where(this)
    ).one()
    if row.issue_id != issue_id:
        raise HashTaken
    if hashes.is_final and not row.is_final:
        connection.execute(issue_hashes.update().where(this).values(is_final=True))


def _has_final_hash(connection: Connection, issue_id: int) -> bool:
    # Locked, so that of two events that want to adopt the issue at once the second one sees the first.
    connection.execute(select(issues.c.id).where(issues.c.id == issue_id).with_for_update())
    final = select(issue_hashes.c.hash).where(
        issue_hashes.c.issue_id == issue_id, issue_hashes.c.is_final.is_(True)
    )
    return connection.execute(final.limit(1)).first() is not None
