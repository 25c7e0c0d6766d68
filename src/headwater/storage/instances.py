"""The processes that work on this database, each with a sign of life and a canary in the storage.

A canary is a small file that each of them writes to the storage of source maps and that all others
must be able to read: if one can't, maps that one process stores are not there for another.
"""

import contextlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import delete, select

from headwater.storage.database import Database
from headwater.storage.files.store import BlobStore
from headwater.storage.files.unreachable import StorageUnreachable
from headwater.storage.many_rows import upsert_all
from headwater.storage.process_counts import Counted
from headwater.storage.schema import instances

ALIVE_FOR: Final = timedelta(seconds=60)
"""How long a sign of life holds: four times what is between two, so that a busy disk is no death."""

SETTLED_AFTER: Final = timedelta(seconds=90)
"""How long a new canary may stay unseen: a client of NFS remembers for up to a minute that a file was
not there."""

FORGOTTEN_AFTER: Final = timedelta(days=1)
"""How long the row and the canary of a process that was killed are kept."""

MAX_NAME: Final = 300
"""Bytes that are read of a canary."""

MAX_INSTANCES: Final = 200
"""Processes that are looked at: ten times what one database serves."""


class Instance(Struct, frozen=True):
    """One process. `role` is `web` or `digest`; `unread` names those whose canaries it can't read."""

    id: str
    role: str
    host: str
    version: str
    started_at: datetime
    beat_at: datetime
    unread: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.role} on {self.host}"


class Instances:
    """All of them, and the store where their canaries are."""

    def __init__(self, database: Database, canaries: BlobStore) -> None:
        self._database = database
        self._canaries = canaries

    def beat(
        self, instance: Instance, now: datetime, counts: Mapping[Counted, float] | None = None
    ) -> Instance:
        """Give a sign of life, tell what was counted, and look for the others' canaries; the instance as
        it is now.

        Raises SQLAlchemyError.
        """
        unread = self._heard(instance, now)
        beaten = replace(instance, beat_at=now, unread=unread)
        row = {name: getattr(beaten, name) for name in _COLUMNS} | {"unread": "\n".join(unread)}
        row["counts"] = json.dumps(list((counts or {}).items()))
        old = instances.c.beat_at < now - FORGOTTEN_AFTER
        with self._database.write() as connection:
            upsert_all(connection, instances, [row], ["id"])
            gone = connection.execute(delete(instances).where(old).returning(instances.c.id))
            forgotten = gone.scalars().all()
        for each in forgotten:
            with contextlib.suppress(OSError):
                self._canaries.delete(each)
        return beaten

    def leave(self, instance: Instance) -> None:
        """It ends in order: nobody looks for it any more. Raises SQLAlchemyError."""
        with self._database.write() as connection:
            connection.execute(delete(instances).where(instances.c.id == instance.id))
        with contextlib.suppress(OSError):
            self._canaries.delete(instance.id)

    def tidy(self, now: datetime) -> None:
        """Delete canaries of long ago: in a bucket they are too young to go with their process."""
        before = now - FORGOTTEN_AFTER
        with contextlib.suppress(OSError):
            for each in self._canaries.entries():
                if each.written_at < before:
                    self._canaries.delete(each.key, before)

    def strangers(self, now: datetime) -> Mapping[str, datetime]:
        """The processes that wrote a canary lately and are not of this database, and when they did.

        Raises OSError, SQLAlchemyError.
        """
        lately = {
            each.key: each.written_at
            for each in self._canaries.entries()
            if each.written_at >= now - ALIVE_FOR and _CANARY.fullmatch(each.key)
        }
        if not lately:
            return {}
        with self._database.read() as connection:
            # Only those alive: a copy of a database has the rows of the original's processes.
            alive = instances.c.beat_at >= now - ALIVE_FOR
            own = set(connection.execute(select(instances.c.id).where(alive)).scalars())
        return {id_: sang_at for id_, sang_at in lately.items() if id_ not in own}

    def said_by(self, id_: str) -> str:
        """The name of a process, as its canary has it. Raises OSError."""
        with self._canaries.open(id_) as file:
            return file.read(MAX_NAME).decode(errors="replace").strip()

    def alive(self, now: datetime) -> tuple[Instance, ...]:
        """Those that gave a sign of life lately, by host and role."""
        return tuple(instance for instance, _ in self.counts(now))

    def counts(self, now: datetime) -> Sequence[tuple[Instance, Mapping[Counted, float]]]:
        """The same, each with what it had counted at its last sign of life."""
        wanted = (
            select(instances)
            .where(instances.c.beat_at >= now - ALIVE_FOR)
            .order_by(instances.c.host, instances.c.role, instances.c.started_at)
            .limit(MAX_INSTANCES)
        )
        with self._database.read() as connection:
            rows = connection.execute(wanted).mappings().all()
        return [_counting(dict(row)) for row in rows]

    def unread(self, others: Sequence[Instance], now: datetime) -> Iterator[str]:
        """The names of those whose canary should be in this process's storage and is not."""
        for other in others:
            if now - other.started_at >= SETTLED_AFTER and not self._is_there(other):
                yield other.name

    def _heard(self, instance: Instance, now: datetime) -> tuple[str, ...]:
        """Sing, and listen to the others; whom it can't hear."""
        # That the storage can't be written is another sentence of the doctor's, and no death.
        try:
            self._sing(instance)
        except StorageUnreachable:
            return instance.unread  # nor would it answer who else is there: it took time enough
        except OSError:
            pass
        return tuple(self.unread(self.alive(now), now))

    def _sing(self, instance: Instance) -> None:
        temporary = self._canaries.temporary()
        try:
            temporary.write_text(f"{instance.name}\n")
            self._canaries.adopt(temporary, instance.id, is_synced=False)
        finally:
            temporary.unlink(missing_ok=True)

    def _is_there(self, other: Instance) -> bool:
        """Also where the storage does not answer now: that is another sentence of the doctor's."""
        try:
            with self._canaries.open(other.id) as file:
                return file.read() == f"{other.name}\n".encode()
        except StorageUnreachable:
            return True
        except OSError:
            return False


def _counting(row: dict[str, Any]) -> tuple[Instance, Mapping[Counted, float]]:
    counts = {tuple(counted): amount for counted, amount in json.loads(row.pop("counts"))}
    return Instance(**{**row, "unread": tuple(row["unread"].splitlines())}), counts


_CANARY: Final = re.compile(r"[0-9a-f]{32}")
"""Its key; the storage's trial leaves another file there."""

_COLUMNS: Final = Instance.__struct_fields__
