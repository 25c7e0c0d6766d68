"""A compiled file of a minified file: its text, and where awaited functions stand in it."""

from collections.abc import Callable, Iterable, Sequence
from sys import getsizeof
from typing import Final, NamedTuple

import msgspec
import numpy as np

from headwater.sourcemaps.compiled.cache import Cache
from headwater.sourcemaps.compiled.layout import Kind, ScriptHead
from headwater.sourcemaps.compiled.parts import OPEN_BYTES, Bytes, Parts, PartWriter
from headwater.sourcemaps.compiled.places import ROWS, Table, TableWriter
from headwater.sourcemaps.compiled.records import structure
from headwater.sourcemaps.compiled.spots import Spot, spot
from headwater.sourcemaps.compiled.texts import text_at, write_text

_SPOT_BYTES: Final = 500
"""Of a spot that is kept, with its place and without its text."""

Point = tuple[int, int]
"""Line and column from 0, in UTF-16 units."""


class AwaitedFunction(NamedTuple):
    """A function that stands behind an `await`, and where the arguments begin of its call there."""

    begins: Point
    called_at: Point | None


def write_script(
    write: Callable[[bytes], object],
    key: str,
    text: Iterable[str],
    awaited: Sequence[AwaitedFunction],
    references: tuple[str | None, str | None],
) -> int:
    """Append a file of kind SCRIPT; its size in bytes.

    `key` is its name, `awaited` sorted by place, `references` the file's map and debug id.
    """
    parts = PartWriter(write, key, Kind.SCRIPT)
    _, ref = write_text(parts, text)
    rows = TableWriter(parts, ROWS)
    if awaited:
        called = [(-1, -1) if each.called_at is None else each.called_at for each in awaited]
        places = np.array([each.begins for each in awaited], dtype=np.int32)
        rows.add([*places.T, *(np.array(called, dtype=np.int32).T + 1)])
    return parts.finish(msgspec.msgpack.encode(ScriptHead(ref, rows.finish(), *references)))


class ScriptFile:
    """Reads a file of kind SCRIPT. Everything may raise CompiledFileDamaged or OSError."""

    def __init__(self, file: Bytes, cache: Cache) -> None:
        parts = self._parts = Parts(file, Kind.SCRIPT, cache)
        content = parts.head()
        head = structure(content, ScriptHead)
        self.text = text_at(parts, head.text.address)
        self.memory = OPEN_BYTES + len(content) + self.text.bytes
        """Bytes that it takes as long as it is open, beside what the cache counts."""
        self.source_mapping_url = head.source_mapping_url
        self.debug_id = head.debug_id
        self._awaited = Table(parts, head.awaits)

    def spots(self, places: Sequence[Point]) -> Sequence[Spot | None]:
        """What is near each place; None behind the last line.

        Those of a stack trace that comes again are kept as one answer.
        """
        cache, key = self._parts.cache, (self._parts, tuple(places))
        found: Sequence[Spot | None] | None = cache.get(key)
        if found is None:
            spots = [spot(self.text, *place) for place in places]
            found = [None if each is None else each.near for each in spots]
            texts = sum(getsizeof(each.text) for each in found if each is not None)
            cache.put(key, found, texts + _SPOT_BYTES * (1 + len(places)))
        return found

    def target(self, line: int, column: int) -> Point | None:
        """Where to look up what an `await` is followed by, at this place.

        The place itself if no function begins there; if one does that is called where it stands,
        the beginning of the arguments; None if it is not called.
        """
        row = self._awaited.at_or_before(line, column)
        if row is None or (row[0], row[1]) != (line, column):
            return line, column
        return (row[2] - 1, row[3] - 1) if row[2] else None
