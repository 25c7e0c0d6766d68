"""`headwater export` and `headwater import`: a project as a file that any program can read, and back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import asdict
from sqlalchemy.exc import DatabaseError

from headwater import __version__
from headwater.back_ends import stores_of
from headwater.cli.accounts import dsn, existing_project
from headwater.cli.answer import AsJson, fail, say
from headwater.cli.instance import opened
from headwater.digest.arriving import read_arriving
from headwater.grouping.versions import VERSIONS
from headwater.settings import read_settings
from headwater.storage.exchange.archive import ArchiveRefused
from headwater.storage.exchange.arrival import Arrival
from headwater.storage.exchange.export import Export
from headwater.storage.files.unreachable import StorageUnreachable
from headwater.storage.uploads.unnamed import BlobsMissing
from headwater.upload_side import UploadSide


def export(
    project: Annotated[str, typer.Argument(help="Slug of the project.")],
    file: Annotated[Path, typer.Argument(help="The archive that is made, such as shop.zip.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Write a project, with issues, events and uploads, into an archive; beside a running server."""
    if file.exists():
        fail(f"{file} is there already; name another file, or remove it.")
    settings = read_settings()
    with opened(settings) as database, _told(file):
        found = existing_project(database, project)
        blobs = UploadSide.of(settings, database, stores_of(settings)).blobs
        done = Export(database, blobs).write(found, file, __version__, datetime.now(UTC))
    text = (
        f"{file}\t{done.issues:,} issues, {done.events:,} events, {done.uploads:,} uploads with"
        f" {done.files:,} files"
    )
    say({"file": str(file), **asdict(done)}, text, as_json=as_json)
    if done.lost or done.left or done.unread:
        fail(
            f"{done.lost} uploaded files are not in it, since they are lost or damaged, {done.left} of old"
            f" uploads, since an archive holds no more, and {done.unread} events, since they are damaged."
            " All else is."
        )


def import_project(
    file: Annotated[Path, typer.Argument(help="What `headwater export` made.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Take in an exported project; again, if that was interrupted: nothing comes twice."""
    settings = read_settings()
    with opened(settings) as database, _told(file):
        read = partial(read_arriving, max_bytes=settings.max_envelope_size)
        blobs = UploadSide.of(settings, database, stores_of(settings)).blobs
        arrival = Arrival(database, blobs, read, frozenset(VERSIONS), settings.max_map_size)
        done = arrival.take_in(file, datetime.now(UTC))
    answer = asdict(done) | {"project": done.project.slug, "dsn": dsn(settings, done.project)}
    text = (
        f"{done.project.slug}\t{dsn(settings, done.project)}\n{done.issues:,} issues,"
        f" {done.events:,} events and {done.uploads:,} uploads were new here."
    )
    say(answer, text, as_json=as_json)
    if done.unread:
        fail(
            f"{done.unread} records of events were left out: they can't be read, or are of an issue that is"
            " not here."
        )


@contextmanager
def _told(file: Path) -> Iterator[None]:
    try:
        yield
    except ArchiveRefused as error:
        fail(f"{file} can't be used: {error}.")
    except BlobsMissing:
        fail("Files of an upload were deleted while it arrived. Try again: nothing comes twice.")
    except StorageUnreachable as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename or file}: {error.strerror}.")
    except DatabaseError as error:
        fail(f"The database refused: {error.orig}. Try again: nothing comes twice.")
