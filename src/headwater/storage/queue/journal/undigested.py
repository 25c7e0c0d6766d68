"""What waits in a journal whose processes have ended: read from where the digest had come to."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from headwater.storage.queue.journal import segments
from headwater.storage.queue.journal.records import Record
from headwater.storage.queue.journal.segment import Segment


class JournalInUse(Exception):
    """A server appends to it."""


def undigested(folder: Path, positions: Mapping[str, int]) -> Iterator[Record]:
    """Every record that is not digested yet, oldest first. `positions`: by segment, how far it was read.

    Damaged places are stepped over, as the digest does. Nothing is changed. Raises JournalInUse, OSError.
    """
    names = segments.names(folder)
    for name in names:
        with closing(Segment(folder, name, positions.get(name, 0))) as segment:
            yield from _rest(segment)
    if segments.names(folder) != names:
        raise JournalInUse


def _rest(segment: Segment) -> Iterator[Record]:
    while True:
        yield from segment.rest()
        if segment.is_over():
            return
        if not segment.records(1):
            raise JournalInUse
