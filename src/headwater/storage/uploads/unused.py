"""Bundles that nothing was resolved with lately, and chunks that wait for their assembly."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, exists, func, or_, select

from headwater.protocol.chunks import Sha1
from headwater.storage.database import Database
from headwater.storage.hidden_projects import has_kept_home
from headwater.storage.schema import artifact_bundles, artifact_files, chunks, seen_debug_ids
from headwater.storage.sums import whole_sum


class Tally(Struct, frozen=True):
    """So many, and their bytes."""

    number: int
    size: int


class UnusedBundle(Struct, frozen=True):
    """`size` in bytes, as uploaded."""

    id: int
    checksum: Sha1
    size: int
    uploaded_at: datetime
    last_used_at: datetime | None


class Unused:
    """Reads only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def bundles(self, before: datetime) -> Tally:
        """Bundles that were uploaded before, and neither resolved a frame nor were named by an event since."""
        columns = artifact_bundles.c
        wanted = select(func.count(), _bytes(columns.size))
        return self._tally(wanted.where(are_unused(before), has_kept_home(columns.project_id)))

    def largest(self, before: datetime, limit: int) -> Sequence[UnusedBundle]:
        """The largest of them."""
        columns = artifact_bundles.c
        wanted = (
            select(
                columns.id,
                columns.checksum,
                columns.size,
                columns.uploaded_at,
                columns.last_used_at,
            )
            .where(are_unused(before), has_kept_home(columns.project_id))
            .order_by(columns.size.desc(), columns.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            return [UnusedBundle(*row) for row in connection.execute(wanted)]

    def chunks(self, before: datetime | None = None) -> Tally:
        """Chunks; those that nobody touched since `before`."""
        wanted = select(func.count(), _bytes(chunks.c.size))
        return self._tally(wanted if before is None else wanted.where(chunks.c.touched_at < before))

    def _tally(self, wanted: Select[int, int]) -> Tally:
        with self._database.read() as connection:
            return Tally(*connection.execute(wanted).one())


def _bytes(size: ColumnElement[int]) -> ColumnElement[int]:
    return func.coalesce(whole_sum(size), 0)


def are_unused(before: datetime) -> ColumnElement[bool]:
    """Bundles that were uploaded before, and neither resolved a frame nor were named by an event since."""
    columns = artifact_bundles.c
    is_named = exists().where(
        artifact_files.c.artifact_bundle_id == columns.id,
        artifact_files.c.debug_id == seen_debug_ids.c.debug_id,
        seen_debug_ids.c.last_seen >= before,
    )
    is_old = or_(columns.last_used_at.is_(None), columns.last_used_at < before)
    return (columns.uploaded_at < before) & is_old & ~is_named
