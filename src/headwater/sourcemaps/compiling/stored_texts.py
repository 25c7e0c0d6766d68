"""Texts of sources put into a compiled map, each once, and not at all if another file holds it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from headwater.sourcemaps.compiled.texts import digest_of
from headwater.sourcemaps.compiled.write import MapWriter, TextPlace
from headwater.sourcemaps.reading.literals import PIECE, pieces_of

MIN_SHARED: Final = 512
"""Bytes of JSON of the shortest text that is looked for in other files: what is needed to find a
shorter one again takes as much room as the text."""
MAX_SHARED: Final = 50_000
"""Texts of one map that are noted to be found again, some 300 bytes of memory each. The largest
application known has 12,000 sources."""
_BATCH: Final = 256
"""Sources that are looked for in other files at once."""
_BATCH_BYTES: Final = 2 * 1024**2
"""Bytes of JSON of their texts, of which the short ones are kept decoded meanwhile."""

Known = Callable[[Sequence[bytes]], Mapping[bytes, TextPlace]]
"""Where other compiled maps hold the texts with these digests, as far as they do."""


class SourceText(NamedTuple):
    """A source that is to be written, with its undecoded text."""

    name: str | None
    is_ignored: bool
    literal: memoryview | None


class Waiting(NamedTuple):
    """A source with its text's digest, which is empty without a text; `text` only of a short one."""

    source: SourceText
    digest: bytes
    text: str | None

    def pieces(self) -> Iterable[str]:
        """The text, which is decoded again if it is long."""
        if self.text is not None:
            return (self.text,)
        return () if self.source.literal is None else pieces_of(self.source.literal)


class StoredTexts:
    """Writes sources and their texts."""

    def __init__(self, writer: MapWriter, known: Known) -> None:
        self._writer = writer
        self._known = known
        self._waiting: list[Waiting] = []
        self._bytes = 0
        self._places: dict[bytes, TextPlace] = {}
        self.new: list[TextPlace] = []
        """What this file holds that others may want."""

    def add(self, source: SourceText) -> None:
        """Append a source, in the map's order."""
        literal = source.literal
        if literal is None:
            self._waiting.append(Waiting(source, b"", None))
        elif len(literal) <= PIECE:
            text = next(iter(pieces_of(literal)))
            self._waiting.append(Waiting(source, digest_of((text,)), text))
        else:
            self._waiting.append(Waiting(source, digest_of(pieces_of(literal)), None))
        self._bytes += 0 if literal is None else min(len(literal), PIECE)
        if len(self._waiting) >= _BATCH or self._bytes >= _BATCH_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        wanted = {each.digest for each in self._waiting if _is_shared(each)} - self._places.keys()
        found = self._known(tuple(wanted)) if wanted else {}
        for each in self._waiting:
            self._write(each, found)
        self._waiting, self._bytes = [], 0

    def _write(self, each: Waiting, found: Mapping[bytes, TextPlace]) -> None:
        place = self._places.get(each.digest) or found.get(each.digest)
        name, is_ignored, literal = each.source
        if literal is None:
            self._writer.add_source(name, None, is_ignored=is_ignored)
            return
        if place is None or not self._writer.add_source(name, place, is_ignored=is_ignored):
            place = self._writer.add_source_with(name, each.pieces(), is_ignored=is_ignored)
            if _is_shared(each) and len(self.new) < MAX_SHARED:
                self.new.append(place)
        if len(self._places) < MAX_SHARED:
            self._places[each.digest] = place


def _is_shared(each: Waiting) -> bool:
    return each.source.literal is not None and len(each.source.literal) >= MIN_SHARED
