"""Compiled files that are kept in memory: of maps that are inside scripts, of folders, of tests."""

from collections.abc import Iterable, Sequence

from headwater.sourcemaps.compiled.parts import Range, Raw


class MemoryBytes:
    """A compiled file's bytes."""

    waits = False

    def __init__(self, key: str, content: bytes) -> None:
        self.key = key
        self._content = content

    @property
    def size(self) -> int:
        return len(self._content)

    def read(self, offset: int, length: int) -> bytes:
        return self._content[offset : offset + length]

    def read_all(self, ranges: Sequence[Range]) -> list[Raw]:
        return [self.read(*each) for each in ranges]

    def will_read(self, ranges: Iterable[Range]) -> None:
        """Nothing has to be fetched."""
