"""`headwater backup` and `headwater restore`: an instance into a folder while it runs, and back."""

import os
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from sqlalchemy.exc import DatabaseError

from headwater import __version__
from headwater.back_ends import stores_of
from headwater.cli.answer import AsJson, fail, say
from headwater.cli.instance import expect_database, make_folders, opened
from headwater.log import logged_beside
from headwater.settings import Settings, read_settings
from headwater.storage.backup.backup import Backup, Instance
from headwater.storage.backup.folder import About, BackupFolder, BackupUnusable
from headwater.storage.backup.restore import Restore
from headwater.storage.database import Database
from headwater.storage.files.claim import ForeignStorage, check_owner, set_owner
from headwater.storage.files.unreachable import StorageUnreachable
from headwater.upload_side import UploadSide


def backup(
    target: Annotated[Path, typer.Argument(help="A new folder, or one of earlier backups.")],
    *,
    keep: Annotated[
        int, typer.Option(min=0, help="Backups that stay, the latest ones; 0: all.")
    ] = 7,
    as_json: AsJson = False,
) -> None:
    """Back up the database, uploaded files and waiting events; works beside a running server."""
    settings, folder = read_settings(), BackupFolder(target)
    # Backups of a new, empty instance would take the place of those that are good.
    expect_database(settings)
    with opened(settings) as database, _told():
        backup_ = Backup(_instance(settings, database), folder)
        made = backup_.make(__version__, datetime.now(UTC), keep)
    about, removed = made.about, made.removed
    answer = {"backup": made.stamp, "removed": removed, **_shape(about)}
    text = f"{target / made.stamp}\t{about.entries:,} files and the database, {about.size:,} bytes"
    say(
        answer,
        text + (f"\n{removed} earlier backups were removed" if removed else ""),
        as_json=as_json,
    )
    if about.lost:
        fail(
            f"The backup is whole but for {about.lost} uploaded files that this server has lost or that"
            " are damaged; the log above names them. Upload their builds again."
        )


def restore(
    source: Annotated[Path, typer.Argument(help="The folder of backups.")],
    *,
    stamp: Annotated[str, typer.Option("--backup", help="Which one; without it, the latest.")] = "",
    check: Annotated[
        bool, typer.Option("--check", help="Only read all of it, and say whether it is whole.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make an empty instance what a backup holds. The settings name the instance."""
    faults: Sequence[str] = ()
    with _told(), logged_beside():
        found = _chosen(BackupFolder(source), stamp)
        if check:
            faults = list(found.faults())
        else:
            _into(found, read_settings())
    done = ("is damaged" if faults else "is whole") if check else "is restored; start the server"
    text = f"The backup of {found.about.made_at:%Y-%m-%d %H:%M:%S} UTC {done}."
    answer = {**_shape(found.about), "faults": faults, "left_out": found.lost}
    say(answer, "\n".join([text, *faults]), as_json=as_json)
    if faults:
        sys.exit(1)
    if found.lost:
        fail(
            f"{found.lost} uploaded files were left out, lost or damaged in the backup; the log above names"
            " them. Upload their builds again."
        )


def _into(found: Restore, settings: Settings) -> None:
    os.umask(0o077)
    make_folders(settings)
    database = Database(settings.database)

    def begin() -> None:
        root = stores_of(settings).root
        try:
            if not check_owner(root, found.about.installation):
                set_owner(root, found.about.installation)
        except ForeignStorage as error:
            raise BackupUnusable(str(error)) from None

    try:
        # Not opened as commands do, which would make a new database.
        found.into(_instance(settings, database), begin)
    finally:
        database.close()
    with opened(settings) as restored:
        side = UploadSide.of(settings, restored, stores_of(settings))
        side.audit.forget_unkept(datetime.now(UTC))


def _chosen(folder: BackupFolder, stamp: str) -> Restore:
    stamps = folder.stamps()
    if not stamps:
        raise BackupUnusable(f"{folder.path} has no whole backup")
    if stamp and stamp not in stamps:
        raise BackupUnusable(f"there is no backup {stamp}; there are: {', '.join(stamps)}")
    return Restore(folder, stamp or stamps[-1])


def _instance(settings: Settings, database: Database) -> Instance:
    side = UploadSide.of(settings, database, stores_of(settings))
    return Instance(database, settings.queue, side.blobs, side.tidy.settling)


def _shape(about: About) -> dict[str, object]:
    shape: dict[str, object] = msgspec.to_builtins(about)
    return shape


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except BackupUnusable as error:
        fail(f"{error}.")
    except StorageUnreachable as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename or 'The disk'}: {error.strerror}. No half-made backup is ever used.")
    except (DatabaseError, sqlite3.Error) as error:
        fail(f"The database refused: {getattr(error, 'orig', error)}. Try again.")
