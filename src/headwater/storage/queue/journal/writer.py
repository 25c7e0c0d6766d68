"""Appends envelopes to the journal: one write and one sync for all that wait at the moment."""

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from headwater.storage.process_counts import ProcessCounts
from headwater.storage.queue.journal import segments
from headwater.storage.queue.journal.records import MAX_OVERHEAD, written
from headwater.storage.queue.journal.writing_thread import WritingThread
from headwater.storage.queue.queue import MAX_QUEUE, Done, QueueFull, QueueUnavailable

_Envelope = tuple[int, bytes, datetime, str, str]
"""What a record is written from."""

MIN_SEGMENTS: Final = 4
"""So many segments fit into the journal, whatever its limit: only a whole one is given back."""


class JournalWriter:
    """The intake of one process. Its thread starts with the first envelope.

    With `is_durable` an envelope is acknowledged when it is on the medium, and survives a power cut;
    without, when the system has it, and it survives the end of this process, however it ends.
    """

    def __init__(
        self,
        folder: Path,
        *,
        is_durable: bool = True,
        max_bytes: int = MAX_QUEUE,
        counts: ProcessCounts | None = None,
    ) -> None:
        self._folder = folder
        self._is_durable = is_durable
        self._max_bytes = max_bytes
        self._thread = WritingThread(self._append, counts)
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
        self._thread.enter(record, len(envelope), done)

    def close(self) -> None:
        """Write what waits, and stop."""
        self._thread.close()
        self._leave_segment()

    def _append(self, batch: Sequence[_Envelope], size: int) -> QueueUnavailable | None:
        try:
            segment = self._segment_with_room(size + MAX_OVERHEAD * len(batch))
            data = b"".join([written(*envelope, self._salt) for envelope in batch])
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
