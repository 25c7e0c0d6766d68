"""Files that hold things for one another, from their first row to their last.

A family is three kinds of tables: the files themselves (holders), which file uses which holder, and
where each thing is. Rows are written in this order: the file and what it uses in one transaction,
then its places, some at a time, so that nobody waits long for the database. A process that dies in
between has only places less, and things that are stored twice.

A file ends in two steps. Retired, it holds nothing for new files; once nothing uses it any more,
and some time went by, its row is dropped, and only then its bytes.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Row, Table, select, update
from sqlalchemy.exc import IntegrityError

from headwater.storage.batches import batches
from headwater.storage.database import Database
from headwater.storage.files.places import ROWS, forget_places
from headwater.storage.many_rows import insert_if_new
from headwater.storage.schema import artifact_files


class HolderGone(Exception):
    """A file that was to be used was given up meanwhile. Without it, things work: try again."""


class Family(Struct, frozen=True):
    """The tables of one kind of files; `places` may be several: what they hold is of several kinds."""

    holders: Table
    uses: Table
    places: tuple[Table, ...]


class Holders:
    """The files of one family."""

    def __init__(self, database: Database, family: Family) -> None:
        self._database = database
        self._family = family

    def insert(
        self, connection: Connection, row: Mapping[str, Any], uses: Collection[str]
    ) -> int | None:
        """A new file, which uses others by name; its id, or None if there is one instead of it.

        Raises HolderGone. From now on none of the others can be dropped.
        """
        holders = self._family.holders
        if not insert_if_new(connection, holders, row):
            return None
        wanted = select(holders.c.id).where(holders.c.name == row["name"])
        user_id: int = connection.execute(wanted).scalar_one()
        self._use(connection, user_id, tuple(set(uses)))
        return user_id

    def retire(self, names: Collection[str], now: datetime, *if_still: ColumnElement[bool]) -> int:
        """Nothing new uses these files any more, and look-ups prefer others; how many it were.

        Names that are unknown, retired already, or don't fulfil the conditions when it is their
        turn, are left alone. What the files hold is stored anew when it comes again.
        """
        holders = self._family.holders
        total = 0
        for some in batches(tuple(names)):
            with self._database.write() as connection:
                retired = connection.execute(
                    update(holders)
                    .where(holders.c.name.in_(some), holders.c.retired_at.is_(None), *if_still)
                    .values(retired_at=now)
                    .returning(holders.c.id)
                )
                ids = retired.scalars().all()
            for holder_id in ids:
                self._forget_places(holder_id)
            total += len(ids)
        return total

    def retire_unwanted(self, before: datetime, now: datetime, *or_if: ColumnElement[bool]) -> int:
        """Retire what was made before `before` of files that no upload names any more; how many.

        What they hold for others stays as long as those need it, but new files don't use it:
        otherwise each would live as long as one line of it is in the newest release.
        """
        holders = self._family.holders
        is_unwanted = ~self.is_named()
        for condition in or_if:
            is_unwanted = is_unwanted | condition
        wanted = select(holders.c.name).where(
            holders.c.made_at < before, holders.c.retired_at.is_(None), is_unwanted
        )
        with self._database.read() as connection:
            names = connection.execute(wanted).scalars().all()
        return self.retire(names, now, is_unwanted)

    def drop_retired(self, before: datetime, *only: ColumnElement[bool]) -> tuple[str, ...]:
        """Forget files that were retired before `before` and that no other uses; their names.

        Their bytes can be deleted then: nobody can find or use them any more.
        """
        dropped: list[str] = []
        while some := self._unused(before, *only):
            for row in some:
                self._forget_places(row.id)
            gone = [row.name for row in some if self._drop(row.id)]
            if not gone:
                break
            dropped.extend(gone)
        return tuple(dropped)

    def sizes(self, *only: ColumnElement[bool]) -> Mapping[str, int]:
        """Bytes of each, by name, of those that were not given up."""
        holders = self._family.holders
        wanted = select(holders.c.name, holders.c.size).where(holders.c.retired_at.is_(None), *only)
        with self._database.read() as connection:
            return {name: size for name, size in connection.execute(wanted)}  # noqa: C416 - rows are no pairs to mypy

    def needed(self, *only: ColumnElement[bool]) -> Mapping[str, int]:
        """The same of those that others use, given up or not."""
        holders, uses = self._family.holders, self._family.uses
        used = select(uses.c.holder_id).where(uses.c.holder_id == holders.c.id).exists()
        wanted = select(holders.c.name, holders.c.size).where(used, *only)
        with self._database.read() as connection:
            return {name: size for name, size in connection.execute(wanted)}  # noqa: C416 - rows are no pairs to mypy

    def resting_on(self, names: Collection[str]) -> set[str]:
        """Those that use any of these files, or others that do."""
        found: set[str] = set()
        new = set(names)
        while new:
            new = self._users(tuple(new)) - found
            found |= new
        return found

    def unrecorded(self, names: Sequence[str]) -> tuple[str, ...]:
        """Those of the names that no row has: what a crash before the row left."""
        holders = self._family.holders
        recorded: set[str] = set()
        with self._database.read() as connection:
            for some in batches(names):
                wanted = select(holders.c.name).where(holders.c.name.in_(some))
                recorded.update(connection.execute(wanted).scalars())
        return tuple(name for name in names if name not in recorded)

    def named(self, sha256s: Sequence[str]) -> set[str]:
        """Those that an upload names."""
        found: set[str] = set()
        with self._database.read() as connection:
            for some in batches(sha256s):
                wanted = select(artifact_files.c.sha256).where(artifact_files.c.sha256.in_(some))
                found.update(connection.execute(wanted).scalars())
        return found

    def is_named(self) -> ColumnElement[bool]:
        """Of a file: that an upload names what it was made from."""
        named = artifact_files.c.sha256 == self._family.holders.c.sha256
        return select(artifact_files.c.id).where(named).exists()

    def _use(self, connection: Connection, user_id: int, names: Sequence[str]) -> None:
        holders = self._family.holders
        ids: list[int] = []
        for some in batches(names):
            wanted = select(holders.c.id).where(
                holders.c.name.in_(some), holders.c.retired_at.is_(None)
            )
            ids.extend(connection.execute(wanted).scalars())
        if len(ids) != len(names):
            raise HolderGone(f"{len(names) - len(ids)} files were given up that this one uses")
        rows = [{"user_id": user_id, "holder_id": each} for each in ids]
        if rows:
            connection.execute(self._family.uses.insert(), rows)

    def _users(self, names: Sequence[str]) -> set[str]:
        holders, uses = self._family.holders, self._family.uses
        users = holders.alias()
        found: set[str] = set()
        with self._database.read() as connection:
            for some in batches(names):
                wanted = (
                    select(users.c.name)
                    .join(uses, uses.c.user_id == users.c.id)
                    .join(holders, holders.c.id == uses.c.holder_id)
                    .where(holders.c.name.in_(some))
                )
                found.update(connection.execute(wanted).scalars())
        return found

    def _is_unused(self) -> ColumnElement[bool]:
        uses = self._family.uses
        used = select(uses.c.holder_id).where(uses.c.holder_id == self._family.holders.c.id)
        return ~used.exists()

    def _unused(self, before: datetime, *only: ColumnElement[bool]) -> Sequence[Row[int, str]]:
        holders = self._family.holders
        wanted = (
            select(holders.c.id, holders.c.name)
            .where(holders.c.retired_at < before, self._is_unused(), *only)
            .limit(ROWS)
        )
        with self._database.read() as connection:
            return connection.execute(wanted).all()

    def _drop(self, holder_id: int) -> bool:
        holders = self._family.holders
        try:
            with self._database.write() as connection:
                gone = connection.execute(
                    holders.delete().where(holders.c.id == holder_id, self._is_unused())
                )
                return gone.rowcount == 1
        except IntegrityError:  # PostgreSQL: somebody began to use it in this moment
            return False

    def _forget_places(self, holder_id: int) -> None:
        for places in self._family.places:
            forget_places(self._database, places, holder_id)
