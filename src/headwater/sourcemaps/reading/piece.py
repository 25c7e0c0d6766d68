"""A source map without sections, its members read one after another and none of them whole."""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, Final

import numpy as np

from headwater.sourcemaps.reading.document import (
    Document,
    MalformedSourceMap,
    beginning_of,
    is_absent,
    text_of,
)
from headwater.sourcemaps.reading.entries import MAX_ENTRY, batches, is_list
from headwater.sourcemaps.reading.field_faults import FieldFaults
from headwater.sourcemaps.reading.literals import literals_of
from headwater.sourcemaps.reading.mappings import MappingsDecoder, windows_of
from headwater.sourcemaps.reading.members import check_header, name_of, rooted
from headwater.sourcemaps.reading.order import InOrder, Rows
from headwater.sourcemaps.reading.range_mappings import RangeMarker, read_range_mappings
from headwater.sourcemaps.reading.vlq import Flags

MAX_SOURCE: Final = 4096
"""Characters of a source's name with `sourceRoot` in front, as many as a path has on Linux: every
frame of a trace carries one."""

Take = Callable[[int], None]
"""Called with a number of entries or mappings; raises SourceMapTooLarge when they are too many."""

_QUOTE: Final = b'"'
_BACKSLASH: Final = b"\\"
_ORDER_OF_FAULTS: Final = (
    "header",
    "sources",
    "names",
    "mappings",
    "sourcesContent",
    "ignoreList",
    "rangeMappings",
)


class Piece:
    """Read `names` and `sources` first: their numbers are needed for the rest.

    Lenient: what can be used is used, everything else is in `faults`.
    """

    def __init__(self, document: Document) -> None:
        """Raises MalformedSourceMap when there are no mappings to read."""
        raw = memoryview(document.mappings)
        if bytes(raw[:1]) != _QUOTE:
            found = beginning_of(document.mappings)
            raise MalformedSourceMap(f"`mappings` must be a string, there is {found}")
        self.document = document
        self._faults: dict[str, list[str]] = {what: [] for what in _ORDER_OF_FAULTS}
        check_header(document, self._faults["header"])

    @property
    def faults(self) -> Iterator[str]:
        """What a validator would refuse in what was read."""
        return chain.from_iterable(self._faults.values())

    def names(self) -> Iterator[list[str]]:
        """The names, some at a time."""
        raw, faults = self.document.names, self._faults["names"]
        if is_absent(raw):
            return
        if not is_list(memoryview(raw)):
            faults.append(f"`names` must be a list, there is {beginning_of(raw)}")
            return
        are_strings = True
        for batch in batches(memoryview(raw)):
            # A set of types first: a large map has 300,000 names, nearly always nothing but strings.
            if not set(map(type, batch)) <= {str}:
                are_strings = False
                batch = list(map(name_of, batch))  # noqa: PLW2901
            yield _cut(batch, "names", faults, MAX_ENTRY)
        if not are_strings:
            faults.insert(0, "`names` has entries that are no strings")

    def count_sources(self) -> int:
        """How many sources there are."""
        raw, root, faults = (
            self.document.sources,
            self.document.sourceRoot,
            self._faults["sources"],
        )
        if not is_list(memoryview(raw)):
            faults.append(f"`sources` must be a list, there is {beginning_of(raw)}")
            return 0
        count, are_fit = 0, True
        for batch in batches(memoryview(raw)):
            count += len(batch)
            are_fit &= set(map(type, batch)) <= {str, type(None)}
        if not are_fit:
            faults.insert(0, "`sources` has entries that are neither a string nor null")
        if not is_absent(root) and text_of(root) is None:
            faults.append(f"`sourceRoot` must be a string, there is {beginning_of(root)}")
        return count

    def sources(self) -> Iterator[str | None]:
        """Their names, with `sourceRoot` in front; None where the map has null."""
        raw = memoryview(self.document.sources)
        # One character more than is kept, so that a cut is noticed.
        root = (text_of(self.document.sourceRoot) or "")[: MAX_SOURCE + 1]
        for batch in batches(raw) if is_list(raw) else ():
            names = [rooted(root, entry) for entry in batch]
            yield from _cut(names, "sources", self._faults["sources"], MAX_SOURCE)

    def contents(self, sources: int) -> Iterator[memoryview | None]:
        """An undecoded JSON string for each source; None where the map has none.

        A source's content belongs to its index, never to its name: esbuild lists one name twice
        with different contents.
        """
        read = 0
        if not is_absent(self.document.sourcesContent):
            faults = self._faults["sourcesContent"]
            for literal in literals_of(memoryview(self.document.sourcesContent), sources, faults):
                read += 1
                yield literal
        for _ in range(read, sources):
            yield None

    def ignored(self, sources: int) -> Flags:
        """Which sources the map's maker calls third-party code."""
        flags = np.zeros(sources, dtype=np.bool_)
        faults = self._faults["ignoreList"]
        for raw in (self.document.ignoreList, self.document.x_google_ignoreList):
            if is_absent(raw):
                continue
            if not is_list(memoryview(raw)):
                faults.append(f"`ignoreList` must be a list, there is {beginning_of(raw)}")
                continue
            count = 0
            for batch in batches(memoryview(raw)):
                count += len(batch)
                flags[[each for each in batch if type(each) is int and 0 <= each < sources]] = True
            if int(flags.sum()) != count:
                faults.append("`ignoreList` has entries that are not an index of a source")
            break
        return flags

    def mappings(self, sources: int, names: int, take: Take) -> Iterator[Rows]:
        """The mappings, some thousand at a time, sorted by generated place.

        7 x n: lines, columns, sources, source lines, source columns, names, whether it is a range.
        Raises SourceMapTooLarge.
        """
        noted = FieldFaults("rangeMappings")
        ranges = read_range_mappings(self.document.rangeMappings, noted)
        marker = RangeMarker(ranges, noted) if len(ranges) else None
        for rows in self._sorted(sources, names, take):
            if not rows.shape[1]:
                continue
            if marker is None:
                flags = np.zeros(rows.shape[1], dtype=np.int32)
            else:
                flags = marker.flags(rows[0], rows[2]).astype(np.int32)
            yield np.concatenate((rows, flags[None, :]))
        if marker is not None:
            marker.finish()
        self._faults["rangeMappings"].extend(noted.sentences())

    def _sorted(self, sources: int, names: int, take: Take) -> Iterator[Rows]:
        decoder, order = MappingsDecoder(sources, names), InOrder()
        for window in windows_of(memoryview(self.document.mappings)[1:-1]):
            rows = decoder.decode(_unescaped(window))
            take(rows.shape[1])
            yield from order.add(rows)
        yield from order.rest()
        self._faults["mappings"].extend(decoder.finish().faults())


def _unescaped(window: bytes) -> bytes:
    """PHP writes `\\/` for a slash. Windows end at separators, which are no part of any escape."""
    if _BACKSLASH not in window:
        return window
    return (text_of(_QUOTE + window + _QUOTE) or "!").encode("ascii", "replace")


def _cut(entries: list[Any], what: str, faults: list[str], limit: int) -> list[Any]:
    longest = max((len(entry) for entry in entries if isinstance(entry, str)), default=0)
    if longest <= limit:
        return entries
    sentence = f"`{what}` has entries over {limit:,} characters; they were cut"
    if sentence not in faults:
        faults.append(sentence)
    return [entry[:limit] if isinstance(entry, str) else entry for entry in entries]
