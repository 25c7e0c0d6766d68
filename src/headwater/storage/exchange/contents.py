"""Uploaded files into an archive, each of them whole or not at all."""

from typing import Any, Final

import structlog
from msgspec import Struct
from sqlalchemy import Connection, Select, func, select

from headwater.storage.exchange.archive import ArchiveWriter
from headwater.storage.exchange.records import CONTENTS, MAX_ENTRIES
from headwater.storage.files.blobs import BlobNotFound, Blobs
from headwater.storage.schema import artifact_files

MAX_CONTENTS: Final = MAX_ENTRIES - 100
"""Uploaded files that an archive holds, of the latest uploads."""


class Contents(Struct, frozen=True):
    """How many. `lost`: those that are lost or damaged; `left`: those beyond MAX_CONTENTS."""

    written: int
    lost: int
    left: int


def write_contents(
    connection: Connection, bundles: Select[Any], blobs: Blobs, archive: ArchiveWriter
) -> Contents:
    """The files of these bundles. Raises OSError."""
    newest = func.max(artifact_files.c.artifact_bundle_id)
    wanted = (
        select(artifact_files.c.sha256)
        .where(artifact_files.c.artifact_bundle_id.in_(bundles), artifact_files.c.sha256 != "")
        .group_by(artifact_files.c.sha256)
        .order_by(newest.desc(), artifact_files.c.sha256)
    )
    every = connection.execute(
        select(func.count()).select_from(wanted.order_by(None).subquery())
    ).scalar_one()
    latest = connection.execute(wanted.limit(MAX_CONTENTS)).scalars().all()
    written = sum(_write(sha256, blobs, archive) for sha256 in latest)
    return Contents(written, len(latest) - written, every - len(latest))


def _write(sha256: str, blobs: Blobs, archive: ArchiveWriter) -> bool:
    """Whether it could be. It is read twice: half a file would be the end of the whole archive."""
    try:
        if blobs.is_intact(sha256):
            with blobs.open(sha256) as content:
                archive.content(CONTENTS + sha256, content)
            return True
    except BlobNotFound:
        pass  # deleted just now
    structlog.get_logger().warning("a file that is lost or damaged can't be exported", file=sha256)
    return False
