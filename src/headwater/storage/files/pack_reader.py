"""Kept originals out of their packs, whole and in order, checked against their digests."""

import hashlib
import io
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeVar

from headwater.storage.files.compiled_files import CompiledFiles, CompiledName
from headwater.storage.files.pack import Frame, Pack, PackDamaged, Run
from headwater.storage.files.unreachable import StorageUnreachable

CACHED_FRAMES: Final = 8
"""Decompressed frames that are kept, of at most 1 MB each: runs of one original come from a few
frames in turn."""

CACHED_PACKS: Final = 32
"""Packs whose indexes are kept: an original is made of a handful."""

K = TypeVar("K")
V = TypeVar("V")


class PackReader:
    """Reads originals. For one thread at a time; it costs nothing to make."""

    def __init__(self, files: CompiledFiles) -> None:
        """`files` are the packs."""
        self._files = files
        self._packs: OrderedDict[str, Pack] = OrderedDict()
        self._frames: OrderedDict[tuple[str, int], bytes] = OrderedDict()

    def pack(self, key: str) -> Pack:
        """A pack by its name. Raises PackDamaged, also if it is lost."""

        def opened() -> Pack:
            try:
                return Pack(self._files.open(CompiledName.parse(key)))
            except ValueError as error:
                raise PackDamaged(key, str(error)) from None
            except (PackDamaged, StorageUnreachable):
                raise
            except OSError as error:
                raise PackDamaged(key, f"{error.strerror}") from error

        return _kept(self._packs, key, CACHED_PACKS, opened)

    def original(self, key: str) -> Iterator[bytes]:
        """The original's bytes, in order. Raises PackDamaged, at the latest in the end, if they are
        not those of the digest that is in the pack's name.
        """
        found = hashlib.sha256()
        index = self.pack(key).index
        for run in index.recipe:
            for piece in self.run(key, index.holders, run):
                found.update(piece)
                yield piece
        if found.hexdigest() != CompiledName.parse(key).sha256:
            raise PackDamaged(key, f"the SHA-256 of what it holds is {found.hexdigest()}")

    def run(
        self, key: str, holders: Sequence[str], run: Run, *, is_dictionary: bool = False
    ) -> Iterator[bytes]:
        """Bytes of the stream of one of a pack's holders."""
        if not 0 <= run.holder < len(holders):
            raise PackDamaged(key, f"it speaks of a pack {run.holder}")
        pack = self.pack(holders[run.holder])
        for frame in pack.frames(run.start, run.length):
            if is_dictionary and frame.dictionary:
                raise PackDamaged(key, "a dictionary needs a dictionary")
            content = self._frame(pack, frame)
            start = max(0, run.start - frame.start)
            yield content[start : run.start + run.length - frame.start]

    def _frame(self, pack: Pack, frame: Frame) -> bytes:
        def read() -> bytes:
            dictionary = b"".join(
                piece
                for run in frame.dictionary
                for piece in self.run(pack.key, pack.index.holders, run, is_dictionary=True)
            )
            return pack.content(frame, dictionary)

        return _kept(self._frames, (pack.key, frame.start), CACHED_FRAMES, read)


class PackedOriginal(io.RawIOBase):
    """An original as a file that is read from its start to its end."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:  # typeshed's name for bytes-like is not public
        """Fill `buffer` from the present piece; 0 at the end. Raises PackDamaged."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def _kept(kept: OrderedDict[K, V], key: K, limit: int, make: Callable[[], V]) -> V:
    """What is kept under a key; made and kept, if there is nothing."""
    if key in kept:
        kept.move_to_end(key)
        return kept[key]
    made = kept[key] = make()
    while len(kept) > limit:
        kept.popitem(last=False)
    return made
