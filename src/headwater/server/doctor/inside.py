"""What is known on the server itself: its folders, its database, its queue and its processes."""

import time
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from msgspec import Struct

from headwater.server.doctor.check import Check, examined, failed, passed, skipped, warned
from headwater.server.doctor.disks import disk_checks
from headwater.storage.database import Database
from headwater.storage.files.folder import MARK, is_marked
from headwater.storage.files.store import BlobStore
from headwater.storage.files.trial import try_store
from headwater.storage.instances import Instance, Instances
from headwater.storage.migrate import revisions
from headwater.storage.probe import write_to_database
from headwater.storage.queue.backlog import oldest_waiting

SLOW_WRITE_SECONDS: Final = 0.5
"""A commit takes some milliseconds; one that takes this long is what events wait for."""

LATE: Final = timedelta(seconds=60)
"""An event waits less than a second for its digest, but for a burst or a large map to be compiled."""

STUCK: Final = timedelta(minutes=10)
"""Nothing that is at work keeps an event waiting so long."""


class Surroundings(Struct, frozen=True):
    """What the settings say of this server. `reserve`: bytes that stay free; None: by the disk."""

    data_dir: Path
    sourcemaps: Path
    queue: Path
    reserve: int | None
    trusts_anyone: bool
    lasting: Collection[Path]
    """Folders that must survive a restart."""
    marked: Path | None = None
    """The folder to which nothing is written without the mark of a storage."""


class Inside:
    """Looks at everything once for each call; writes and deletes small files on the way."""

    def __init__(self, database: Database, surroundings: Surroundings, storage: BlobStore) -> None:
        """`storage`: that of source maps, the part for canaries."""
        self._database = database
        self._around = surroundings
        self._storage = storage
        self._instances = Instances(database, storage)

    def checks(self) -> tuple[Check, ...]:
        """All of them, in the order in which one failure explains those after it."""
        looks = (
            ("settings", self._settings),
            ("disk", self._disks),
            ("storage", self._keeps),
            ("database", self._writes),
            ("schema", self._schema),
            ("processes", self._processes),
            ("shared storage", self._shared),
            ("queue", self._queue),
        )
        return tuple(check for name, look in looks for check in examined(name, look))

    def oldest_waiting(self) -> datetime | None:
        """When the oldest event was received that is not digested yet; None if none waits."""
        return oldest_waiting(self._database, self._around.queue)

    def _settings(self) -> Iterator[Check]:
        if self._around.trusts_anyone:
            yield warned(
                "settings",
                "TRUSTED_PROXIES is `*`: anybody's X-Forwarded headers are believed, so that anybody"
                " decides which address uploads are sent to.",
                "Name the addresses of your proxies: `TRUSTED_PROXIES=10.0.0.0/8`.",
            )
        else:
            yield passed("settings", "They can be used.")

    def _disks(self) -> Iterator[Check]:
        around = self._around
        for name, folder, variable in (
            ("data folder", around.data_dir, "HEADWATER_DATA_DIR"),
            ("source maps", around.sourcemaps, "SOURCEMAP_STORAGE_PATH"),
        ):
            if folder == around.marked and not is_marked(folder):
                yield failed(
                    name,
                    f"{folder} is not the storage that files were stored in: it has no {MARK}.",
                    f"Mount its volume there, or name the folder where it is: `{variable}=…`.",
                )
                continue
            lasts = folder in around.lasting
            yield from disk_checks(name, folder, variable, around.reserve, lasts=lasts)

    def _keeps(self) -> Iterator[Check]:
        began = time.monotonic()
        try:
            try_store(self._storage)
        except OSError as error:
            yield failed(
                "storage",
                f"Source maps can't be stored and read back: {error.strerror}.",
                "Look at SOURCEMAP_STORAGE_URL, its AWS_ variables and the bucket's rights, or whether"
                " the volume at SOURCEMAP_STORAGE_PATH is mounted.",
            )
            return
        took = time.monotonic() - began
        where = self._storage.place
        yield passed(
            "storage",
            f"A file was written, read back and listed in {took * 1000:.0f} ms ({where}).",
        )

    def _writes(self) -> Iterator[Check]:
        began = time.monotonic()
        write_to_database(self._database)
        took = time.monotonic() - began
        kind = "SQLite" if self._database.is_sqlite else "PostgreSQL"
        if took > SLOW_WRITE_SECONDS:
            yield warned(
                "database",
                f"{kind} took {took:.1f} s for one small commit.",
                "Put the database on a local disk that syncs quickly (no NFS for SQLite), and look"
                " what else writes there.",
            )
        else:
            yield passed("database", f"{kind} committed in {took * 1000:.0f} ms.")
        if self._database.is_sqlite:
            yield from self._log()

    def _log(self) -> Iterator[Check]:
        with self._database.read() as connection:
            mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
        if mode == "wal":
            yield passed("database log", "SQLite is in WAL mode: readers don't wait for writers.")
        else:
            yield failed(
                "database log",
                f"SQLite is in `{mode}` mode, since this disk has no shared memory for WAL.",
                "Move HEADWATER_DATA_DIR to a local disk, or use PostgreSQL with DATABASE_URL.",
            )

    def _schema(self) -> Iterator[Check]:
        present, newest = revisions(self._database)
        if present == newest:
            yield passed("schema", f"The database is at migration {present}, the newest.")
        else:
            yield failed(
                "schema",
                f"The database is at migration {present or 'none'}, this program knows {newest}.",
                "Run `headwater migrate` with this version, or the newer version everywhere.",
            )

    def _processes(self) -> Iterator[Check]:
        alive = self._instances.alive(datetime.now(UTC))
        for role, loss in (
            ("web", "nothing answers requests"),
            ("digest", "events are accepted and wait"),
        ):
            hosts = sorted({each.host for each in alive if each.role == role})
            if hosts:
                yield passed(role, f"Alive on {', '.join(hosts)}.")
            else:
                yield failed(
                    role,
                    f"No {role} process gave a sign of life within a minute: {loss}.",
                    f"Start `headwater serve`, or `headwater serve --role {role}`, and read its log.",
                )
        versions = sorted({each.version for each in alive})
        if len(versions) > 1:
            yield warned(
                "versions",
                f"Processes of different versions are at work: {', '.join(versions)}.",
                "Finish the upgrade: restart those of the older version.",
            )

    def _shared(self) -> Iterator[Check]:
        now = datetime.now(UTC)
        alive = self._instances.alive(now)
        unread = [(each.name, name) for each in alive for name in each.unread]
        unread += [("this process", name) for name in self._instances.unread(alive, now)]
        if unread:
            said = "; ".join(
                f"{reader} can't read what {writer} wrote" for reader, writer in unread
            )
            yield failed(
                "shared storage",
                f"Storage is not shared: {said}.",
                "Mount one volume (NFS, EFS, a shared claim) at SOURCEMAP_STORAGE_PATH of every"
                " process, with write access for its user, or give all the same SOURCEMAP_STORAGE_URL.",
            )
        else:
            yield _sharing(alive)

    def _queue(self) -> Iterator[Check]:
        oldest = self.oldest_waiting()
        waited = datetime.now(UTC) - oldest if oldest else timedelta()
        said = f"The oldest event has been waiting for {waited.total_seconds():,.0f} s"
        remedy = (
            "Look at the digest's log; with PostgreSQL, start more `headwater serve --role digest`."
        )
        if waited > STUCK:
            yield failed("queue", f"{said}: the digest does not get through.", remedy)
        elif waited > LATE:
            yield warned("queue", f"{said}.", remedy)
        else:
            yield passed("queue", f"{said}." if oldest else "No event is waiting.")


def _sharing(alive: tuple[Instance, ...]) -> Check:
    hosts = sorted({each.host for each in alive})
    if len(hosts) > 1:
        return passed("shared storage", f"Shared by {len(alive)} processes on {', '.join(hosts)}.")
    if hosts:
        return passed("shared storage", f"Only {hosts[0]} is at work, and there is one storage.")
    return skipped("shared storage", "No process is at work, so that none could be asked.")
