"""An instance moves from SQLite to PostgreSQL: every row, and every envelope that waits in the journal.

One transaction on each side: nobody changes anything meanwhile, and a move that fails or is killed leaves
the target as empty as it was, and the source as it is in any case.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import structlog
from sqlalchemy import (
    Connection,
    LargeBinary,
    Select,
    String,
    Table,
    column,
    func,
    literal,
    select,
    table,
    text,
)

from headwater.storage.database import Database, may_idle
from headwater.storage.instances import ALIVE_FOR
from headwater.storage.many_rows import insert_rows
from headwater.storage.queue.journal.undigested import JournalInUse, undigested
from headwater.storage.schema import (
    artifact_changes,
    dead_letters,
    installation,
    instances,
    journal_positions,
    metadata,
    queue,
    told_rates,
)

LEFT: Final = (instances, journal_positions, told_rates)
"""Tables that are of the old place: its processes, what they tell each other, and its journal."""

FILLED: Final = (artifact_changes, installation)
"""Tables that have a row before anybody has put something there."""

AT_A_TIME: Final = 500
"""Rows in memory; of tables that hold bytes, AT_A_TIME_WITH_BYTES."""

AT_A_TIME_WITH_BYTES: Final = 50

WHOLE_ENVELOPES: Final = (queue, dead_letters)
"""Tables of which one row is read at a time: it may have as many bytes as a request."""

_BITS: Final = 2**64

Tell = Callable[[str, int], None]
"""Told what was copied, by its table's name, and how many rows that were."""


class CannotMove(Exception):
    """Nothing was moved; the message says why."""


def move(source: Database, journal: Path, target: Database, now: datetime, tell: Tell) -> int:
    """Copy everything, and compare it with what is there then; how many envelopes waited in the journal.

    Raises CannotMove, DatabaseError, OSError.
    """
    with source.write() as here, target.write() as there:
        may_idle(there)
        _check_stopped(here, now)
        _check_empty(there)
        for each in FILLED:
            there.execute(each.delete())
        for each in metadata.sorted_tables:
            if each not in LEFT:
                tell(each.name, _copy_table(here, there, each))
        _go_on_counting(here, there)
        waiting = _copy_journal(here, there, journal)
        there.execute(text("ANALYZE"))
        return waiting


def _check_stopped(here: Connection, now: datetime) -> None:
    beats = instances.c.beat_at >= now - ALIVE_FOR
    alive = here.execute(select(instances.c.role, instances.c.host).where(beats)).first()
    if alive is not None:
        raise CannotMove(
            f"A server works on this instance ({alive.role} on {alive.host}): stop it first. One that was"
            f" killed is forgotten {ALIVE_FOR.seconds} seconds after its last sign of life."
        )


def _check_empty(there: Connection) -> None:
    names = ", ".join(metadata.tables)
    # Whoever starts a server on it meanwhile waits until all is there.
    there.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))
    for each in metadata.sorted_tables:
        is_filled = there.execute(select(literal(1)).select_from(each).limit(1)).first()
        if is_filled and each not in FILLED:
            raise CannotMove(
                f"The database that DATABASE_URL names is not empty: {each.name} has rows. Give an empty"
                " one; a server that was started on it has put an owner there."
            )


def _copy_table(here: Connection, there: Connection, each: Table) -> int:
    sent, texts = _Sum(), _Texts(each)
    rows = texts.storable(_rows(here, each))
    insert_rows(there, each, each.columns.keys(), sent.watched(rows))
    _compare(each.name, sent, _Sum.of(_rows(there, each)))
    if texts.changed:
        structlog.get_logger().warning(
            "the character 0, which PostgreSQL can't store, was replaced by U+FFFD",
            table=each.name,
            texts=texts.changed,
        )
    return sent.count


def _copy_journal(here: Connection, there: Connection, journal: Path) -> int:
    """As the last rows of the queue."""
    positions = {row.segment: row.offset for row in here.execute(select(journal_positions))}
    last: int = there.execute(select(func.coalesce(func.max(queue.c.id), 0))).scalar_one()
    columns = [queue.c[name] for name in _OF_RECORDS]
    sent = _Sum()
    records = (
        (each.project_id, each.received_at, each.event_id, each.encoding, each.body)
        for each in undigested(journal, positions)
    )
    try:
        insert_rows(there, queue, _OF_RECORDS, sent.watched(records))
    except JournalInUse:
        raise CannotMove("A server was started on this instance: stop it first.") from None
    arrived = there.execute(
        select(*columns).where(queue.c.id > last), execution_options={"yield_per": 1}
    )
    _compare("the journal", sent, _Sum.of(arrived))
    return sent.count


_OF_RECORDS: Final = ("project_id", "received_at", "event_id", "encoding", "envelope")


def _rows(connection: Connection, each: Table) -> Iterable[Sequence[Any]]:
    has_bytes = any(isinstance(one.type, LargeBinary) for one in each.columns)
    size = AT_A_TIME_WITH_BYTES if has_bytes else AT_A_TIME
    if each in WHOLE_ENVELOPES:
        size = 1
    return connection.execute(select(each), execution_options={"yield_per": size})


def _go_on_counting(here: Connection, there: Connection) -> None:
    """New rows get higher numbers than any that was ever given."""
    given: Select[Any] = select(column("seq")).select_from(table("sqlite_sequence"))
    for each in metadata.sorted_tables:
        if "id" not in each.columns:
            continue
        own = there.execute(select(func.pg_get_serial_sequence(each.name, "id"))).scalar()
        if own is None:
            continue
        highest: int = there.execute(select(func.coalesce(func.max(each.c.id), 0))).scalar_one()
        ever = here.execute(given.where(column("name") == each.name)).scalar() or 0
        number = max(highest, ever)
        there.execute(select(func.setval(own, max(1, number), number > 0)))


class _Texts:
    """Of a table, as PostgreSQL can store them. `changed`: how many were not so."""

    def __init__(self, each: Table) -> None:
        self._places = [at for at, of in enumerate(each.columns) if isinstance(of.type, String)]
        self.changed = 0

    def storable(self, rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        """The rows with U+FFFD where SQLite has the character 0."""
        for row in rows:
            odd = [at for at in self._places if "\x00" in (row[at] or "")]
            self.changed += len(odd)
            yield _replaced(row, odd) if odd else row


def _replaced(row: Sequence[Any], places: Collection[int]) -> Sequence[Any]:
    return [
        value.replace("\x00", "\ufffd") if at in places else value for at, value in enumerate(row)
    ]


class _Sum:
    """How many rows there are, and a checksum of them all that is the same in any order."""

    def __init__(self) -> None:
        self.count = 0
        self.digest = 0

    @classmethod
    def of(cls, rows: Iterable[Sequence[Any]]) -> "_Sum":
        """Of all of these."""
        found = cls()
        for _ in found.watched(rows):
            pass
        return found

    def watched(self, rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        """The rows, which are counted as they pass."""
        for row in rows:
            digest = hashlib.blake2b(repr(tuple(row)).encode(), digest_size=8).digest()
            self.count += 1
            self.digest = (self.digest + int.from_bytes(digest, "big")) % _BITS
            yield row


def _compare(name: str, sent: _Sum, arrived: _Sum) -> None:
    if (sent.count, sent.digest) != (arrived.count, arrived.digest):
        raise CannotMove(
            f"What arrived of {name} is not what was sent: {arrived.count} of {sent.count} rows, checksum"
            f" {arrived.digest:016x} instead of {sent.digest:016x}."
        )
