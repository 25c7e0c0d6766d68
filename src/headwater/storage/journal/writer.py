"""Appends envelopes to the journal: one write and one sync for all that wait at the moment."""

import os
import threading
from datetime import datetime
from itertools import accumulate
from pathlib import Path
from typing import Final

from headwater.storage.journal import segments
from headwater.storage.journal.records import MAX_OVERHEAD, written
from headwater.storage.queue import (
    MAX_BATCH_BYTES,
    MAX_WAITING,
    MAX_WAITING_BYTES,
    Done,
    QueueFull,
    QueueUnavailable,
)

_Waiting = tuple[tuple[int, bytes, datetime, str, str], int, Done]
"""What a record is written from, its bytes, and who waits for it."""

MAX_QUEUE: Final = 2 * 1024**3
"""Bytes of all segments, unless the settings say otherwise: hours of a busy instance's events."""

MIN_SEGMENTS: Final = 4
"""So many segments fit into the journal, whatever its limit: only a whole one is given back."""


class JournalWriter:
    """The intake of one process. Its thread starts with the first envelope.

    With `is_durable` an envelope is acknowledged when it is on the medium, and survives a power cut;
    without, when the system has it, and it survives the end of this process, however it ends.
    """

    def __init__(
        self, folder: Path, *, is_durable: bool = True, max_bytes: int = MAX_QUEUE
    ) -> None:
        self._folder = folder
        self._is_durable = is_durable
        self._max_bytes = max_bytes
        self._waiting: list[_Waiting] = []
        self._waiting_bytes = 0
        self._changed = threading.Condition(threading.Lock())
        self._thread: threading.Thread | None = None
        self._closed = False
        self._segment: int | None = None
        self._salt = self._end = self._length = 0

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
        record = (project_id, envelope, received_at, event_id, encoding)
        size = len(envelope)
        with self._changed:
            self._check_room(size)
            self._waiting.append((record, size, done))
            self._waiting_bytes += size
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
                self._thread.start()
            if len(self._waiting) == 1:
                self._changed.notify()

    def close(self) -> None:
        """Write what waits, and stop."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()
        self._leave_segment()

    def _check_room(self, size: int) -> None:
        if self._closed:
            raise QueueFull("the server is shutting down")
        if len(self._waiting) >= MAX_WAITING:
            raise QueueFull(f"{MAX_WAITING} envelopes are waiting for the disk already")
        if self._waiting and self._waiting_bytes + size > MAX_WAITING_BYTES:
            raise QueueFull(f"{MAX_WAITING_BYTES} bytes are waiting for the disk already")

    def _run(self) -> None:
        while batch := self._next_batch():
            error = self._append(batch)
            for _, _, done in batch:
                done(error)

    def _next_batch(self) -> list[_Waiting]:
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            if self._waiting_bytes <= MAX_BATCH_BYTES:
                batch, self._waiting, self._waiting_bytes = self._waiting, [], 0
                return batch
            sizes = accumulate(size for _, size, _ in self._waiting)
            count = max(1, sum(1 for total in sizes if total <= MAX_BATCH_BYTES))
            batch, self._waiting = self._waiting[:count], self._waiting[count:]
            self._waiting_bytes -= sum(size for _, size, _ in batch)
        return batch

    def _append(self, batch: list[_Waiting]) -> QueueUnavailable | None:
        try:
            segment = self._segment_with_room(sum(size + MAX_OVERHEAD for _, size, _ in batch))
            data = b"".join([written(*record, self._salt) for record, _, _ in batch])
            self._write(segment, data)
            if self._is_durable:
                segments.sync(segment)
        except OSError as error:
            # What of it is on the disk nobody knows: nothing is appended behind it.
            self._leave_segment()
            return QueueUnavailable(f"the disk did not take it: {error.strerror}")
        except QueueFull as error:
            return QueueUnavailable(str(error))
        except Exception as error:  # noqa: BLE001 # for want of memory, say: this thread must go on
            self._leave_segment()
            return QueueUnavailable(f"the journal did not take it: {error.__class__.__name__}")
        self._end += len(data)
        return None

    def _write(self, segment: int, data: bytes) -> None:
        rest, position = memoryview(data), self._end
        while rest:
            count = os.pwrite(segment, rest, position)
            rest, position = rest[count:], position + count

    def _segment_with_room(self, size: int) -> int:
        if self._segment is not None and self._end + size <= self._length:
            return self._segment
        self._leave_segment()
        length = max(min(segments.SEGMENT_BYTES, self._max_bytes // MIN_SEGMENTS), size)
        held = segments.total_bytes(self._folder)
        if held + length > self._max_bytes:
            raise QueueFull(
                f"{held} bytes of envelopes wait to be digested; the limit is {self._max_bytes} bytes"
                " (the server's HEADWATER_MAX_QUEUE)"
            )
        name, self._segment = segments.make(self._folder, length)
        self._salt, self._end, self._length = segments.salt_of(name), 0, length
        return self._segment

    def _leave_segment(self) -> None:
        if self._segment is not None:
            os.close(self._segment)
            self._segment = None
