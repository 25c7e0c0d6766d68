"""A compiled file that remembers how it was read."""

from collections.abc import Iterable, Sequence

from headwater.sourcemaps.compiled.memory import MemoryBytes
from headwater.sourcemaps.compiled.parts import Range, Raw


class Recording(MemoryBytes):
    """Seems to be on a disk, and remembers what was asked of it."""

    waits = True

    def __init__(self, content: bytes) -> None:
        super().__init__("key", content)
        self.read_at_once: list[Sequence[Range]] = []
        self.announced: list[Range] = []

    def read_all(self, ranges: Sequence[Range]) -> list[Raw]:
        self.read_at_once.append(ranges)
        return super().read_all(ranges)

    def will_read(self, ranges: Iterable[Range]) -> None:
        self.announced += ranges
