"""The register of compiled files: which there are, what they share, what is still to be made.

To compile: ask `texts.known` (or `functions.known`) which things are stored already, write the file
(`storage.files.compiled_files`), and `record` it. HolderGone then means: compile once more.
Damaged or lost: `retire` the name, compile anew. A file that uses others is damaged when one of
those is: retire both.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, select, update

from headwater.storage.batches import batches
from headwater.storage.database import Database
from headwater.storage.files.compiled_files import CompiledName, Kind
from headwater.storage.files.holders import Family, Holders
from headwater.storage.files.places import ROWS, NewPlace, Places
from headwater.storage.schema import (
    compiled_files,
    compiled_uses,
    function_places,
    text_places,
)

MAX_ATTEMPTS: Final = 3
"""How often the second stage of a file is tried: what fails every time would fail for ever."""

LEASE: Final = timedelta(minutes=15)
"""How long nobody else tries the second stage of a file that somebody claimed, and may have died
of: longer than a compilation may take."""

GIVEN_BACK_FOR: Final = timedelta(minutes=1)
"""How long a file waits that was claimed while the storage could not be read or written."""

SECOND: Final = {Kind.FUNCTIONS: Kind.MAP, Kind.INLINE_FUNCTIONS: Kind.INLINE}
"""What is made in a second stage, and from what."""

_FAMILY: Final = Family(compiled_files, compiled_uses, (text_places, function_places))


class NewCompiled(Struct, frozen=True):
    """A compiled file whose bytes are durable. `size` in bytes."""

    name: CompiledName
    size: int
    uses: Collection[str] = ()
    """Names of the other files that hold things for it."""
    texts: Sequence[NewPlace] = ()
    """What it holds for others."""
    functions: Sequence[NewPlace] = ()


class Compiled:
    """What is compiled, in one version of the format; other versions are as if they did not exist."""

    def __init__(self, database: Database, version: int) -> None:
        self._database = database
        self._holders = Holders(database, _FAMILY)
        self._version = version
        self.texts = Places(database, compiled_files, text_places, version)
        self.functions = Places(database, compiled_files, function_places, version)

    def find(self, sha256s: Sequence[str]) -> tuple[CompiledName, ...]:
        """Compiled files of these uploaded files: at most one of each kind for each of them."""
        found: list[CompiledName] = []
        with self._database.read() as connection:
            for some in batches(sha256s):
                wanted = select(compiled_files.c.name).where(
                    compiled_files.c.sha256.in_(some),
                    compiled_files.c.version == self._version,
                    compiled_files.c.retired_at.is_(None),
                )
                found.extend(map(CompiledName.parse, connection.execute(wanted).scalars()))
        return tuple(found)

    def record(self, new: NewCompiled, now: datetime) -> CompiledName:
        """The file can be found from now on; the name that look-ups find.

        That is another one's if somebody compiled the same at the same time: delete yours then.
        Raises HolderGone, and records nothing. Many places follow in transactions of their own.
        """
        is_small = len(new.texts) + len(new.functions) <= ROWS
        with self._database.write() as connection:
            row = self._row(new, now)
            holder_id = self._holders.insert(connection, row, new.uses)
            self._settle_first_stage(connection, new.name)
            if holder_id is not None and is_small:
                self.texts.add_few(connection, holder_id, new.texts)
                self.functions.add_few(connection, holder_id, new.functions)
        if holder_id is None:
            others = self.find([new.name.sha256])
            return next((each for each in others if each.kind is new.name.kind), new.name)
        if not is_small:
            self.texts.add(holder_id, new.texts)
            self.functions.add(holder_id, new.functions)
        return new.name

    def retire(self, names: Collection[CompiledName], now: datetime) -> None:
        """Give up files: they are damaged, lost, or of no use. Look-ups don't find them any more.

        Files that use them may go on as long as they can read them. One of a second stage is made
        again, unless that was tried MAX_ATTEMPTS times.
        """
        self._holders.retire([str(name) for name in names], now)
        seconds = [name for name in names if name.kind in SECOND]
        if not seconds:
            return
        with self._database.write() as connection:
            for name in seconds:
                connection.execute(
                    update(compiled_files)
                    .where(
                        *self._first_stage_of(name),
                        compiled_files.c.retired_at.is_(None),
                        compiled_files.c.attempts < MAX_ATTEMPTS,
                    )
                    .values(due_at=now)
                )

    def claim(self, now: datetime) -> CompiledName | None:
        """A file of the first stage whose second is still to be made; nobody else gets it for LEASE.

        One that was claimed MAX_ATTEMPTS times is not claimed again.
        """
        due = (
            select(compiled_files.c.id, compiled_files.c.name, compiled_files.c.attempts)
            .where(
                compiled_files.c.due_at <= now,
                compiled_files.c.version == self._version,
                compiled_files.c.retired_at.is_(None),
            )
            .order_by(
                compiled_files.c.attempts,  # what failed waits for all others
                compiled_files.c.made_at.desc(),  # events come from the newest release
                compiled_files.c.id.desc(),
            )
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        with self._database.write() as connection:
            row = connection.execute(due).first()
            if row is None:
                return None
            is_last = row.attempts + 1 >= MAX_ATTEMPTS
            connection.execute(
                update(compiled_files)
                .where(compiled_files.c.id == row.id)
                .values(attempts=row.attempts + 1, due_at=None if is_last else now + LEASE)
            )
            return CompiledName.parse(row.name)

    def give_back(self, claimed: CompiledName, now: datetime) -> None:
        """A file was claimed in vain, and not for any reason in it: that does not count."""
        with self._database.write() as connection:
            connection.execute(
                update(compiled_files)
                .where(compiled_files.c.name == str(claimed), compiled_files.c.attempts > 0)
                .values(attempts=compiled_files.c.attempts - 1, due_at=now + GIVEN_BACK_FOR)
            )

    def retire_unwanted(self, before: datetime, now: datetime) -> int:
        """Retire what was made before `before` of files that no upload names any more, and what is
        of an older version; how many."""
        is_older = compiled_files.c.version < self._version
        return self._holders.retire_unwanted(before, now, is_older)

    def drop_retired(self, before: datetime) -> tuple[CompiledName, ...]:
        """Forget files that were retired before `before` and that no other needs: the moment gives
        whoever found one just before the time to read it. Delete their bytes then.
        """
        return tuple(map(CompiledName.parse, self._holders.drop_retired(before)))

    def sizes(self) -> Mapping[str, int]:
        """Bytes of each that was not given up, by name."""
        return self._holders.sizes(compiled_files.c.version == self._version)

    def needed(self) -> Mapping[str, int]:
        """The same of those that others use, given up or not."""
        return self._holders.needed(compiled_files.c.version == self._version)

    def resting_on(self, names: Collection[str]) -> set[str]:
        """Names of those that are not readable without any of these."""
        return self._holders.resting_on(names)

    def unrecorded(self, names: Sequence[CompiledName]) -> tuple[CompiledName, ...]:
        """Those of the files that no row speaks of: what a crash before `record` left."""
        found = self._holders.unrecorded([str(name) for name in names])
        return tuple(map(CompiledName.parse, found))

    def _row(self, new: NewCompiled, now: datetime) -> dict[str, Any]:
        is_first = new.name.kind in SECOND.values()
        return {
            "name": str(new.name),
            "sha256": new.name.sha256,
            "kind": new.name.kind.value,
            "version": self._version,
            "size": new.size,
            "made_at": now,
            "due_at": now if is_first else None,
            "attempts": 0,
        }

    def _settle_first_stage(self, connection: Connection, name: CompiledName) -> None:
        if name.kind in SECOND:
            connection.execute(
                update(compiled_files)
                .where(*self._first_stage_of(name))
                .values(due_at=None, attempts=0)
            )

    def _first_stage_of(self, name: CompiledName) -> tuple[ColumnElement[bool], ...]:
        return (
            compiled_files.c.sha256 == name.sha256,
            compiled_files.c.kind == SECOND[name.kind].value,
            compiled_files.c.version == self._version,
        )
