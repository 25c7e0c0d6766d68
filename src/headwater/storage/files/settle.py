"""Raw uploaded files become packs, some time after they came: a fifth of the size, or a hundredth.

At every step everything can be read, whenever the power fails: the pack is durable, then it is read
back as a whole, then it has a row, and only then the raw file goes. A cut in between leaves a pack
that no row names, which expiry takes away, or a raw file beside its pack, which goes the next time.
"""

import itertools
import secrets
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

import structlog
from msgspec import Struct

from headwater.storage.files.blobs import BlobNotFound, Blobs, DigestMismatch
from headwater.storage.files.compiled_files import CompiledFiles, CompiledName, Kind, new_name
from headwater.storage.files.holders import HolderGone
from headwater.storage.files.pack import PackDamaged
from headwater.storage.files.pack_reader import PackReader
from headwater.storage.files.packing import Packed, pack
from headwater.storage.files.packs import NewPack, Packs
from headwater.storage.files.places import cut

SETTLE_AFTER: Final = timedelta(hours=1)
"""How long a file is left raw: whoever stored it may still be compiling it, by its path."""

MIN_PACKED: Final = 16 * 1024
"""Bytes: a smaller file stays raw for ever, it would take a file of its own on disk either way."""

SETTLE_SECONDS: Final = 30 * 60
"""Of one turn; what is left waits for the next, so that expiry has its turn as well."""

MAX_DAMAGED: Final = 8
"""Damaged packs that are found and given up while one file is packed; more is for the next time."""

_AT_ONCE: Final = 500
"""Files whose names are looked up together."""


class Settling(Struct, frozen=True):
    """Turns raw files into packs."""

    raw: Blobs
    packs: Packs
    files: CompiledFiles

    def settle(self, now: datetime) -> int:
        """Pack what came before SETTLE_AFTER and is named by an upload; how many files.

        Safe in several processes at once: of two packs of a file one is kept.
        """
        before = now - SETTLE_AFTER
        deadline = time.monotonic() + SETTLE_SECONDS
        waiting = itertools.takewhile(lambda _: time.monotonic() < deadline, self._waiting(before))
        return sum(self.settle_one(sha256, before, now) for sha256 in waiting)

    def settle_one(self, sha256: str, before: datetime, now: datetime) -> bool:
        """Pack a raw file, and delete it if it was last written before `before`.

        False if it stays: it is damaged or was deleted, or packs that it needs went meanwhile.
        """
        if not self.raw.exists(sha256):  # another process was quicker
            return False
        if not self._is_kept(sha256, now) and not self._keep(sha256, now):
            return False
        self.raw.delete_older(sha256, before)
        return True

    def write(self, sha256: str, name: CompiledName) -> Packed:
        """Write the pack of a raw file, durably. It counts for nothing until it has a row.

        Raises BlobNotFound, DigestMismatch if the raw file is damaged, or PackDamaged.
        """
        with self.files.temporary() as path:
            with self.raw.open(sha256) as file, path.open("xb") as out:
                packed = pack(
                    file,
                    str(name),
                    sha256,
                    self.packs.pieces.known,
                    PackReader(self.files),
                    out.write,
                )
            self.files.adopt(path, name)
        return packed

    def check(self, name: CompiledName) -> None:
        """Read all of a pack's original. Raises PackDamaged."""
        for _ in PackReader(self.files).original(str(name)):
            pass

    def _waiting(self, before: datetime) -> Iterator[str]:
        large = list(self.raw.older_than(before, MIN_PACKED))
        # Each process in an order of its own, so that they seldom pack the same file.
        secrets.SystemRandom().shuffle(large)
        for some in cut(large, _AT_ONCE):
            named = self.packs.named(some)
            yield from (sha256 for sha256 in some if sha256 in named)

    def _is_kept(self, sha256: str, now: datetime) -> bool:
        found = self.packs.find(sha256)
        if found is None or found.is_retired:
            return False
        try:
            self.check(found.name)
        except PackDamaged as error:
            self._give_up(sha256, {error.key, str(found.name)}, error, now)
            return False
        return True

    def _keep(self, sha256: str, now: datetime) -> bool:
        for _ in range(MAX_DAMAGED):
            name = new_name(sha256, Kind.PACK)
            try:
                return self._pack(sha256, name, now)
            except PackDamaged as error:
                self.files.delete(name)
                self._give_up(sha256, {error.key}, error, now)
            except BlobNotFound:  # another process was quicker, or the upload is gone
                return False
            except (DigestMismatch, HolderGone) as error:
                self.files.delete(name)
                structlog.get_logger().warning("a file stays raw", file=sha256, why=str(error))
                return False
        return False

    def _pack(self, sha256: str, name: CompiledName, now: datetime) -> bool:
        packed = self.write(sha256, name)
        self.check(name)
        size = self.files.open(name).size
        if not self.packs.record(NewPack(name, size, packed.size, packed.uses, packed.pieces), now):
            self.files.delete(name)  # another process was quicker
            return self._is_kept(sha256, now)
        return True

    def _give_up(self, sha256: str, names: set[str], why: PackDamaged, now: datetime) -> None:
        structlog.get_logger().error("a pack is given up", file=sha256, why=why.strerror)
        self.packs.retire(names, now)
