"""Whether what the database knows of and what is stored are the same: looked at in both directions."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from headwater.artifacts.expire import CHUNK_LIFETIME, FINISH_SECONDS, Expiry
from headwater.protocol.chunks import Sha1
from headwater.storage.files.blobs import Blobs
from headwater.storage.files.compiled import Compiled
from headwater.storage.files.compiled_files import CompiledFiles, CompiledName
from headwater.storage.files.packs import Packs
from headwater.storage.files.store import Entry
from headwater.storage.files.stores import nothing_waits
from headwater.storage.uploads.chunks import Chunks
from headwater.storage.uploads.named_files import NamedFiles
from headwater.storage.uploads.unused import Tally

SAFE_AGE: Final = CHUNK_LIFETIME
"""What the database does not know and is younger may be of an upload that has not ended."""

UPLOADED: Final = "uploaded"
PACKED: Final = "packed"
COMPILED: Final = "compiled"
CHUNKS: Final = "chunks"
"""Kinds of files."""

Sizes: TypeAlias = Mapping[str, int]
"""Bytes, by name."""


class Found(Struct, frozen=True):
    """What was found of one kind of files."""

    kind: str
    known: Tally
    """In the database."""
    lost: Sizes
    """Of these, what is not stored, or has not as many bytes, or can't be read without what is lost."""
    orphans: Tally
    """Stored for longer than SAFE_AGE, and not in the database."""


class Audit(Struct, frozen=True):
    """Compares. Uploads and expiry may go on beside it."""

    named: NamedFiles
    files: Blobs
    """As uploaded, not packed."""
    packs: Packs
    pack_files: CompiledFiles
    compiled: Compiled
    compiled_files: CompiledFiles
    chunks: Chunks
    chunk_files: Blobs
    expiry: Expiry

    def look(self, now: datetime) -> Sequence[Found]:
        """Every kind. Raises OSError, DatabaseError."""
        known, raw = self.named.sizes(), dict(self.files.entries())
        # Afterwards, since a file is packed before it is no longer raw.
        packs = _Made.of(self.packs, self.pack_files)
        compiled = _Made.of(self.compiled, self.compiled_files)
        return (
            self._uploaded(known, raw, packs, now),
            packs.found(PACKED, now),
            compiled.found(COMPILED, now),
            self._chunks(now),
        )

    def repair(self, found: Sequence[Found], now: datetime) -> int:
        """Take away the orphans, and give up what was `found` to be lost of packs, compiled files and
        chunks; how many files could not be taken away now.

        Of an uploaded file that is lost, the next upload of it is asked for in any case. Raises
        ForeignStorage, OSError, DatabaseError.
        """
        replace(self.expiry, keeping=None, finish=nothing_waits).expire(now)
        for each in found:
            self._give_up(each, now)
        return self.expiry.finish(FINISH_SECONDS)

    def forget_unkept(self, now: datetime) -> None:
        """Give up compiled files and chunks that are not stored: no backup has any. Raises as `look`."""
        self._give_up(_Made.of(self.compiled, self.compiled_files).found(COMPILED, now), now)
        self._give_up(self._chunks(now), now)

    def _give_up(self, found: Found, now: datetime) -> None:
        names = tuple(found.lost)
        if found.kind == PACKED:
            self.packs.retire(names, now)
        elif found.kind == COMPILED:
            self.compiled.retire(tuple(map(CompiledName.parse, names)), now)
        elif found.kind == CHUNKS:
            self.chunks.forget(tuple(map(Sha1, names)), now)

    def _uploaded(
        self, known: Sizes, raw: Mapping[str, Entry], packs: "_Made", now: datetime
    ) -> Found:
        packed = {CompiledName.parse(name).sha256 for name in packs.stored.keys() - packs.lost}
        after = self.named.sizes()
        both = {name: size for name, size in known.items() if name not in packed - raw.keys()}
        strangers = raw.keys() - known.keys() - after.keys()
        return _found(UPLOADED, known, _lost(both, raw, after), raw, strangers, now)

    def _chunks(self, now: datetime) -> Found:
        known, stored = self.chunks.sizes(), dict(self.chunk_files.entries())
        after = self.chunks.sizes()
        strangers = stored.keys() - known.keys() - after.keys()
        return _found(CHUNKS, known, _lost(known, stored, after), stored, strangers, now)


class _Made(Struct, frozen=True):
    """Packs or compiled files."""

    known: Sizes
    stored: Mapping[str, Entry]
    lost: set[str]
    """Also what was given up, and what can't be read without it."""
    strangers: set[str]

    @classmethod
    def of(cls, register: Packs | Compiled, files: CompiledFiles) -> "_Made":
        known, needed = register.sizes(), register.needed()
        stored = {str(name): entry for name, entry in files.entries()}
        after = {**register.needed(), **register.sizes()}
        lost = set(_lost({**needed, **known}, stored, after))
        strangers = register.unrecorded([*map(CompiledName.parse, stored)])
        return cls(known, stored, lost | register.resting_on(lost), {*map(str, strangers)})

    def found(self, kind: str, now: datetime) -> Found:
        lost = {name: self.known[name] for name in self.lost & self.known.keys()}
        return _found(kind, self.known, lost, self.stored, self.strangers, now)


def _lost(known: Sizes, stored: Mapping[str, Entry], after: Sizes) -> Sizes:
    """Known before and after the look at what is stored: the rest was deleted meanwhile."""
    return {
        name: size
        for name, size in known.items()
        if name in after and (name not in stored or stored[name].size != size)
    }


def _found(
    kind: str,
    known: Sizes,
    lost: Sizes,
    stored: Mapping[str, Entry],
    strangers: Collection[str],
    now: datetime,
) -> Found:
    orphans = [stored[name].size for name in strangers if stored[name].written_at < now - SAFE_AGE]
    return Found(
        kind, Tally(len(known), sum(known.values())), lost, Tally(len(orphans), sum(orphans))
    )
