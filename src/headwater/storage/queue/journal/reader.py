"""Reads the journal behind its writers. How far is kept in the database, in the very transaction that
saves what was read; a segment that is read to its end and has no writer any more is deleted."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import Connection, select
from sqlalchemy.dialects import sqlite

from headwater.storage.database import Database
from headwater.storage.files.durable import sync_folder
from headwater.storage.queue.journal import segments
from headwater.storage.queue.journal.records import Record
from headwater.storage.queue.journal.segment import Segment
from headwater.storage.queue.queue import MAX_CLAIM, QueuedEnvelope
from headwater.storage.schema import journal_positions

_AT_WORK: Final = ""
"""In place of a segment's name: the row is there while a worker is, or after it was killed."""


class JournalReader:
    """The outlet of an instance's only worker; used by one thread. Claims raise OSError, too."""

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder = folder
        self._database = database
        self._segments: dict[str, Segment] = {}
        self._claimed: dict[int, tuple[Segment, Record]] = {}
        self._next_id = 1
        self._log = structlog.get_logger()

    def start_over(self) -> None:
        """Go back to what the database says was read: what comes next may have killed a worker."""
        self._let_go()
        with self._database.read() as connection:
            known = {row.segment: row for row in connection.execute(select(journal_positions))}
        was_killed = known.pop(_AT_WORK, None) is not None
        for name in segments.names(self._folder):
            row = known.pop(name, None)
            segment = self._open(name, row.offset if row else 0)
            if segment is not None:
                segment.tried = (segment.position, row.attempts if row else 0)
                if was_killed:
                    segment.suspect_until = _end_of(segment.records(MAX_CLAIM))
        with self._database.write() as connection:
            _note(connection, _AT_WORK, 0, 0)
            for gone in known:
                _forget(connection, gone)

    def claim(self, limit: int, _now: datetime) -> Sequence[QueuedEnvelope]:
        """Up to `limit` envelopes of one segment, as `storage.queue.queue.Outlet` has it."""
        for name in segments.names(self._folder):
            segment = self._segments.get(name) or self._open(name, 0)
            if segment is None:
                continue
            is_suspect = segment.position < segment.suspect_until
            records = segment.records(1 if is_suspect else min(limit, MAX_CLAIM))
            if records:
                attempts = self._one_more_attempt(segment) if is_suspect else 1
                return self._hand_out(segment, records, attempts)
            self._claimed = {}
            if segment.is_over():
                self._delete(segment)
        return ()

    def finish(self, connection: Connection, envelopes: Sequence[QueuedEnvelope]) -> set[int]:
        """Note how far was read. Nobody else reads, so that none of them is taken off already."""
        segment, record = self._claimed[envelopes[-1].id]
        _note(connection, segment.name, record.end, 0)
        return set()

    def give_back(self, envelopes: Sequence[QueuedEnvelope], *, were_tried: bool) -> None:
        """These, the last of those that were claimed, come again; one by one if they were tried."""
        if not envelopes:
            return
        segment, first = self._claimed[envelopes[0].id]
        _, last = self._claimed[envelopes[-1].id]
        segment.position = first.start
        if were_tried:
            segment.suspect_until = max(segment.suspect_until, last.end)
        elif segment.tried[0] == first.start and segment.tried[1]:
            self._write_down(segment, segment.tried[1] - 1)

    def close(self) -> None:
        """Let go of all files; what was claimed is finished or given back."""
        self._let_go()
        with self._database.write() as connection:
            _forget(connection, _AT_WORK)

    def _let_go(self) -> None:
        for segment in self._segments.values():
            segment.close()
        self._segments, self._claimed = {}, {}

    def _open(self, name: str, position: int) -> Segment | None:
        try:
            segment = Segment(self._folder, name, position)
        except FileNotFoundError:
            return None
        self._segments[name] = segment
        return segment

    def _hand_out(
        self, segment: Segment, records: list[Record], attempts: int
    ) -> list[QueuedEnvelope]:
        first, self._next_id = self._next_id, self._next_id + len(records)
        self._claimed = {
            number: (segment, record) for number, record in enumerate(records, start=first)
        }
        segment.position = records[-1].end
        return [
            QueuedEnvelope(
                id=number,
                project_id=record.project_id,
                received_at=record.received_at,
                envelope=record.body,
                attempts=attempts,
                event_id=record.event_id,
                encoding=record.encoding,
            )
            for number, (_, record) in self._claimed.items()
        ]

    def _one_more_attempt(self, segment: Segment) -> int:
        position, times = segment.tried
        times = times + 1 if position == segment.position else 1
        self._write_down(segment, times)
        return times

    def _write_down(self, segment: Segment, attempts: int) -> None:
        with self._database.write() as connection:
            _note(connection, segment.name, segment.position, attempts)
        # Only now: an attempt that could not be written down was none.
        segment.tried = (segment.position, attempts)

    def _delete(self, segment: Segment) -> None:
        if segment.is_damaged:
            self._log.error("part of the queue was unreadable", kept_as=f"{segment.name}, .damaged")
        # The file first: a position without a file is forgotten at the next start, but a file
        # without its position would be digested again.
        segment.close(delete=True)
        del self._segments[segment.name]
        sync_folder(self._folder)
        with self._database.write() as connection:
            _forget(connection, segment.name)


def _end_of(records: list[Record]) -> int:
    return records[-1].end if records else 0


def _forget(connection: Connection, name: str) -> None:
    connection.execute(journal_positions.delete().where(journal_positions.c.segment == name))


def _note(connection: Connection, name: str, offset: int, attempts: int) -> None:
    row = {"segment": name, "offset": offset, "attempts": attempts}
    insert = sqlite.insert(journal_positions).values(row)
    connection.execute(
        insert.on_conflict_do_update(
            index_elements=["segment"], set_={"offset": offset, "attempts": attempts}
        )
    )
