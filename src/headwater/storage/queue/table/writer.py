"""Puts envelopes into the queue's table: one statement, and one commit, for all that wait at the moment.

A server's event loop waits for PostgreSQL itself. In a thread of its own each statement would wait for
the interpreter as well, which the loop lets go for nothing but I/O: a third fewer envelopes.
"""

import asyncio
import select
import threading
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, cast

import zstandard
from psycopg import AsyncConnection

from headwater.storage.database import Database
from headwater.storage.many_rows import as_lists, insert_of_lists, insert_together
from headwater.storage.process_counts import ProcessCounts
from headwater.storage.queue.queue import MAX_QUEUE, Done, QueueFull, QueueUnavailable
from headwater.storage.queue.table.limit import TableLimit
from headwater.storage.queue.waiting_room import MAX_WRITTEN, Batch, WaitingRoom
from headwater.storage.schema import queue

AT_ONCE: Final = 2
"""Statements under way: while one waits for PostgreSQL's disk, the next is put together and sent. More
of them are smaller ones, and wait for one another's commits."""

CLOSE_SECONDS: Final = 2.0
"""How long the close waits for a look at the limit: longer than one takes that PostgreSQL answers."""

SHORT: Final = 2_000
"""Bytes of an envelope that is stored as it came in any case: PostgreSQL keeps it in one piece."""

MAX_INLINE: Final = 1024**2
"""Bytes that are compressed where all requests are served, in 2 ms; more, in a thread."""

_Row = tuple[int, bytes, datetime, str, str]
_Written = tuple[int, bytes, datetime, str, str, int | None]
_COLUMNS: Final = ("project_id", "envelope", "received_at", "event_id", "encoding", "plain_size")


class TableWriter:
    """The intake of one process. Once its event loop has offered something, what other threads offer goes
    that way as well; without one, as in a command, each envelope is written by who offers it."""

    def __init__(
        self, database: Database, counts: ProcessCounts | None = None, max_bytes: int = MAX_QUEUE
    ) -> None:
        """`max_bytes`: that may wait when an envelope comes; `counts`: of what became of them."""
        self._database = database
        self._limit = TableLimit(database, max_bytes)
        self._room = WaitingRoom[_Row](counts)
        self._idle: list[AsyncConnection[Any]] = []
        self._writing: dict[asyncio.Task[None], Batch[_Row]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._looking: threading.Thread | None = None
        self._is_called = False

    def offer(
        self,
        project_id: int,
        envelope: bytes,
        received_at: datetime,
        event_id: str,
        encoding: str,
        done: Done,
    ) -> None:
        """Take it, and say later what became of it. Raises QueueFull."""
        row = (project_id, envelope, received_at, event_id, encoding)
        try:
            loop = self._loop = asyncio.get_running_loop()
        except RuntimeError:
            if self._loop is None or not self._loop.is_running():
                self._room.check_open()
                batch = Batch([row], len(envelope), [done])
                self._room.tell(batch, self._written_here(batch))
                return
            self._room.enter(row, len(envelope), done)
            self._loop.call_soon_threadsafe(self._call, self._loop)
        else:
            self._room.enter(row, len(envelope), done)
            self._call(loop)

    def close(self) -> None:
        """Take no more. Whoever still waits for PostgreSQL, which nobody does that it answers, is told so;
        what it was sent already may be durable all the same."""
        self._room.close()
        waiting = [*self._writing.values(), *iter(self._room.take, None)]
        self._writing.clear()
        for batch in waiting:
            self._room.tell(batch, QueueUnavailable("the server is shutting down"))
        self._hang_up()
        if self._looking is not None:
            self._looking.join(CLOSE_SECONDS)

    def _call(self, loop: asyncio.AbstractEventLoop) -> None:
        # Not at once: what comes in the same moment goes with it.
        if not self._is_called and len(self._writing) < AT_ONCE:
            self._is_called = True
            loop.call_soon(self._begin, loop)

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        self._is_called = False
        while len(self._writing) < AT_ONCE and (batch := self._room.take(MAX_WRITTEN // AT_ONCE)):
            task = loop.create_task(self._write(batch, loop))
            self._writing[task] = batch
        if self._limit.is_to_look():
            # A thread that nobody waits for: with the database away it takes as long as it takes.
            self._looking = threading.Thread(target=self._limit.look, name="limit", daemon=True)
            self._looking.start()

    async def _write(self, batch: Batch[_Row], loop: asyncio.AbstractEventLoop) -> None:
        task = cast("asyncio.Task[None]", asyncio.current_task())
        error: QueueUnavailable | None = QueueUnavailable("the server is shutting down")
        try:
            error = await self._written(batch)
        finally:
            # Unless they were told at the close.
            if self._writing.pop(task, None) is not None:
                self._room.tell(batch, error)
                self._begin(loop)

    async def _written(self, batch: Batch[_Row]) -> QueueUnavailable | None:
        try:
            self._limit.check()
            is_short = batch.size <= MAX_INLINE
            rows = (
                _compressed(batch.items)
                if is_short
                else await asyncio.to_thread(_compressed, batch.items)
            )
            connection = self._living() or await self._database.connect()
            self._idle.append(await _inserted(connection, rows))
            if self._room.is_closed:
                self._hang_up()
        except QueueFull as error:
            return QueueUnavailable(str(error))
        except Exception as error:  # noqa: BLE001 # whatever it is, they must be told
            self._hang_up()  # what broke this connection broke the others
            return _not_taken(error)
        return None

    def _written_here(self, batch: Batch[_Row]) -> QueueUnavailable | None:
        try:
            if self._limit.is_to_look():
                self._limit.look()
            self._limit.check()
            with self._database.write_at_once() as connection:
                insert_together(connection, queue, _COLUMNS, _compressed(batch.items))
        except Exception as error:  # noqa: BLE001 # whatever it is, they must be told
            return _not_taken(error)
        return None

    def _living(self) -> AsyncConnection[Any] | None:
        """One that PostgreSQL has said nothing to, while it was idle: it only does to take its leave."""
        while self._idle:
            connection = self._idle.pop()
            said = select.poll()
            said.register(connection.pgconn.socket, select.POLLIN)
            if not said.poll(0):
                return connection
            connection.pgconn.finish()
        return None

    def _hang_up(self) -> None:
        for connection in self._idle:
            connection.pgconn.finish()
        self._idle.clear()


_INSERT: Final = insert_of_lists(queue, _COLUMNS)


async def _inserted(
    connection: AsyncConnection[Any], rows: Sequence[_Written]
) -> AsyncConnection[Any]:
    """The connection, which is closed if it fails."""
    try:
        await connection.execute(_INSERT, as_lists(rows))
    except BaseException:
        connection.pgconn.finish()
        raise
    return connection


def _not_taken(error: Exception) -> QueueUnavailable:
    if isinstance(error, QueueFull):
        return QueueUnavailable(str(error))
    return QueueUnavailable(f"the database did not take it: {error.__class__.__name__}")


def _compressed(rows: Sequence[_Row]) -> Sequence[_Written]:
    """PostgreSQL would do so itself, for three times the processor, and write it in more pieces."""
    compressor = zstandard.ZstdCompressor(level=1)  # the fastest; for one thread alone
    return [_written(row, compressor) for row in rows]


def _written(row: _Row, compressor: zstandard.ZstdCompressor) -> _Written:
    project_id, envelope, received_at, event_id, encoding = row
    if encoding or len(envelope) < SHORT:
        return *row, None
    packed = compressor.compress(envelope)
    return project_id, packed, received_at, event_id, "zstd", len(envelope)
