"""Which queue there is: the journal beside SQLite, a table on PostgreSQL; where source maps are kept: in a
folder or a bucket; and what else depends on the settings in every process."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from headwater import __version__
from headwater.settings import InvalidSetting, Settings
from headwater.storage.database import Database
from headwater.storage.examinations import Examinations
from headwater.storage.files.claim import ForeignStorage, claim
from headwater.storage.files.stores import Stores, folder_stores
from headwater.storage.files.trial import EXPECTS_UPLOADS, KNOWS_FILES
from headwater.storage.heartbeat import Heartbeat
from headwater.storage.installation import Installation
from headwater.storage.instances import Instances
from headwater.storage.process_counts import ProcessCounts
from headwater.storage.queue.journal.reader import JournalReader
from headwater.storage.queue.journal.writer import JournalWriter
from headwater.storage.queue.queue import Intake, Outlet
from headwater.storage.queue.retry import Retry
from headwater.storage.queue.table.reader import TableReader
from headwater.storage.uploads.named_files import NamedFiles


def intake_of(
    settings: Settings, database: Database, counts: ProcessCounts | None = None
) -> Intake:
    """Where envelopes are put."""
    if not database.is_sqlite:
        # Imported here: an instance on SQLite does without the driver.
        from headwater.storage.queue.table.writer import TableWriter  # noqa: PLC0415

        return TableWriter(database, counts, settings.max_queue)
    return JournalWriter(
        settings.queue,
        is_durable=settings.durability == "full",
        max_bytes=settings.max_queue,
        counts=counts,
    )


def outlet_of(settings: Settings, database: Database) -> Outlet:
    """Where the digest gets them from."""
    if not database.is_sqlite:
        return TableReader(database)
    return JournalReader(settings.queue, database)


@contextmanager
def retrying(settings: Settings, database: Database) -> Iterator[Retry]:
    """For a command beside the server: puts dead letters back on the server's queue."""
    intake = intake_of(settings, database)
    try:
        yield Retry(database, intake)
    finally:
        intake.close()


def stores_of(settings: Settings) -> Stores:
    """Where source maps and what is made of them are kept. Nothing is asked yet. Raises InvalidSetting."""
    folder = settings.sourcemaps
    if not settings.sourcemap_storage_url:
        return folder_stores(folder)
    # Imported here: it takes 6 MB of every process.
    from headwater.storage.files.bucket_stores import bucket_stores  # noqa: PLC0415

    try:
        return bucket_stores(settings.sourcemap_storage_url, folder, settings.sourcemap_cache)
    except ValueError as error:
        raise InvalidSetting(f"SOURCEMAP_STORAGE_URL: {error}") from None


def claim_storage(settings: Settings, database: Database, *, tries_bucket: bool = False) -> None:
    """Make sure that the storage is this database's; one without an owner becomes it. Raises
    InvalidSetting, and StorageUnreachable of a bucket.

    `tries_bucket`: a bucket is tried out as well.
    """
    owner, named = Installation(database).id(), NamedFiles(database)
    expects_uploads, knows_files = named.are_any(), named.knows_files()
    if settings.sourcemap_storage_url and tries_bucket:
        told = {EXPECTS_UPLOADS: expects_uploads, KNOWS_FILES: knows_files}
        try_storage(settings, owner, *(word for word, is_so in told.items() if is_so))
        return
    variable = "SOURCEMAP_STORAGE_" + ("URL" if settings.sourcemap_storage_url else "PATH")
    try:
        root = stores_of(settings).root
        claim(root, owner, expects_uploads=expects_uploads, knows_files=knows_files)
    except ForeignStorage as error:
        raise InvalidSetting(f"{variable}: {error}") from None
    except OSError as error:
        if settings.sourcemap_storage_url:
            raise
        raise InvalidSetting(f"{variable}: {error.strerror}") from None


def try_storage(settings: Settings, *claimed: str) -> None:
    """Try out the bucket that the settings name, if they do; `claimed`: as `bucket_trial` has it. Raises
    InvalidSetting."""
    if not settings.sourcemap_storage_url:
        return
    # In a process of its own, which leaves no threads of the library here.
    trial = "headwater.storage.files.bucket_trial"
    done = subprocess.run(  # noqa: S603 - our own module; the URL was checked
        [sys.executable, "-m", trial, settings.sourcemap_storage_url, *claimed],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        said = done.stdout.strip() or "it could not be tried out; what is above says why"
        raise InvalidSetting(f"SOURCEMAP_STORAGE_URL: {said}")


def heartbeat_of(database: Database, stores: Stores, role: str, counts: ProcessCounts) -> Heartbeat:
    """The sign of life of this process, `web` or `digest`, with what it counts."""
    instances = Instances(database, stores.canaries)
    return Heartbeat(instances, Examinations(database), role, __version__, counts)
