"""A file in memory that counts how often it is read."""

from headwater.sourcemaps.compiled.memory import MemoryBytes


class CountedBytes(MemoryBytes):
    """A compiled file's bytes."""

    def __init__(self, key: str, content: bytes) -> None:
        super().__init__(key, content)
        self.reads = 0

    def read(self, offset: int, length: int) -> bytes:
        self.reads += 1
        return super().read(offset, length)
