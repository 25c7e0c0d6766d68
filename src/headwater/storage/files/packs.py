"""The register of packs: which uploaded files are kept in them, and what they share."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import select

from headwater.storage.database import Database
from headwater.storage.files.compiled_files import CompiledName
from headwater.storage.files.holders import Family, Holders
from headwater.storage.files.places import NewPlace, Places
from headwater.storage.schema import pack_uses, packs, piece_places

VERSION = 1
"""Of the format. Unlike compiled files, packs can't be made anew: a newer format must read these."""

_FAMILY = Family(packs, pack_uses, (piece_places,))


class NewPack(Struct, frozen=True):
    """A pack whose bytes are durable. Sizes in bytes."""

    name: CompiledName
    size: int
    original_size: int
    uses: Collection[str]
    """Names of the packs that it is not readable without."""
    pieces: Sequence[NewPlace]
    """What it holds for others."""


class KeptPack(Struct, frozen=True):
    """Where an original is kept. `original_size` in bytes."""

    name: CompiledName
    original_size: int
    is_retired: bool


class Packs:
    """Which originals are in which packs."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._holders = Holders(database, _FAMILY)
        self.pieces = Places(database, packs, piece_places, VERSION)

    def find(self, sha256: str) -> KeptPack | None:
        """The best pack of an original: one that was retired only if there is no other."""
        wanted = (
            select(packs.c.name, packs.c.original_size, packs.c.retired_at)
            .where(packs.c.sha256 == sha256)
            .order_by(packs.c.retired_at.is_not(None), packs.c.id.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            row = connection.execute(wanted).first()
        if row is None:
            return None
        name = CompiledName.parse(row.name)
        return KeptPack(name, row.original_size, row.retired_at is not None)

    def record(self, new: NewPack, now: datetime) -> bool:
        """The original can be read from this pack from now on; False if there is another one.

        Raises HolderGone, and records nothing.
        """
        row = {
            "name": str(new.name),
            "sha256": new.name.sha256,
            "size": new.size,
            "original_size": new.original_size,
            "made_at": now,
        }
        with self._database.write() as connection:
            pack_id = self._holders.insert(connection, row, new.uses)
        if pack_id is None:
            return False
        self.pieces.add(pack_id, new.pieces)
        return True

    def retire(self, names: Collection[str], now: datetime) -> None:
        """Give up packs: they are damaged. What can still be read from them still is."""
        self._holders.retire(names, now)

    def retire_unwanted(self, before: datetime, now: datetime) -> int:
        """Retire packs that were made before `before` of files that no upload names; how many."""
        return self._holders.retire_unwanted(before, now)

    def drop_retired(self, before: datetime) -> tuple[CompiledName, ...]:
        """Forget packs that were retired before `before`, that no other needs, and whose original
        nobody names or another pack has. Delete their bytes then.
        """
        other = packs.alias()
        has_other = select(other.c.id).where(
            other.c.sha256 == packs.c.sha256, other.c.retired_at.is_(None)
        )
        is_done = ~self._holders.is_named() | has_other.exists()
        return tuple(map(CompiledName.parse, self._holders.drop_retired(before, is_done)))

    def sizes(self) -> Mapping[str, int]:
        """Bytes of each that was not given up, by name."""
        return self._holders.sizes()

    def needed(self) -> Mapping[str, int]:
        """The same of those that others use, given up or not."""
        return self._holders.needed()

    def resting_on(self, names: Collection[str]) -> set[str]:
        """Names of those that are not readable without any of these."""
        return self._holders.resting_on(names)

    def unrecorded(self, names: Sequence[CompiledName]) -> tuple[CompiledName, ...]:
        """Those of the packs that no row speaks of: what a crash before `record` left."""
        found = self._holders.unrecorded([str(name) for name in names])
        return tuple(map(CompiledName.parse, found))

    def named(self, sha256s: Sequence[str]) -> set[str]:
        """Those of the originals that an upload names."""
        return self._holders.named(sha256s)
