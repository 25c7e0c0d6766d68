"""Uploads beyond what is kept: without use for too long, of too old releases, or too many bytes.

Each home is looked at by itself: a project's own uploads, and those of the whole instance. Never too
many are bundles that a stored event was resolved with, and those that were just uploaded.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, case, exists, func, select

from headwater.storage.batches import written_out
from headwater.storage.database import Database
from headwater.storage.schema import artifact_bundles, artifact_files, bundle_releases, releases
from headwater.storage.sums import whole_sum
from headwater.storage.uploads.home import Home, of_home
from headwater.storage.uploads.needed import are_needed
from headwater.storage.uploads.unused import are_unused

SETTLED_AFTER: Final = timedelta(days=1)
"""How long an upload stays whatever the limits say: it may be one of several of its release, and its
events are yet to come."""

MAX_FOUND: Final = 5_000
"""Bundles that are found at once, in one home by one limit: their numbers are in memory, and in one
statement. Whoever removes them asks again while there are more; whoever tells of them says so."""


class Found(Struct, frozen=True):
    """Bundles beyond a limit, MAX_FOUND at most. `held`: bundles or bytes, as it counts, that are beyond it
    and stay. `are_more`: whether others go as well."""

    bundles: tuple[int, ...]
    held: int = 0
    are_more: bool = False


class Surplus:
    """Reads only, a statement or two for each question. `gone`: bundles that are as good as deleted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def unused(self, home: Home, before: datetime) -> Found:
        """Those without use since."""
        wanted = (
            select(artifact_bundles.c.id)
            .where(of_home(artifact_bundles, home), are_unused(before), ~are_needed())
            .order_by(artifact_bundles.c.uploaded_at, artifact_bundles.c.id)
            .limit(MAX_FOUND + 1)
        )
        with self._database.read() as connection:
            return _found(connection.execute(wanted).scalars().all())

    def of_old_releases(
        self, home: Home, kept: int, now: datetime, gone: Collection[int] = ()
    ) -> Found:
        """Those for other releases than the `kept` that were made last, of those with uploads. What is for
        no release is not among them."""
        bundles = artifact_bundles.c
        newest = (
            select(releases.c.version)
            .where(
                of_home(releases, home),
                releases.c.version.in_(
                    select(bundle_releases.c.version)
                    .join(artifact_bundles, bundles.id == bundle_releases.c.artifact_bundle_id)
                    .where(of_home(artifact_bundles, home))
                ),
            )
            .order_by(releases.c.created_at.desc(), releases.c.id.desc())
            .limit(kept)
            .correlate(None)
        )
        of_release = bundle_releases.c.artifact_bundle_id == bundles.id
        are_old = and_(
            of_home(artifact_bundles, home),
            exists().where(of_release),
            ~exists().where(of_release, bundle_releases.c.version.in_(newest)),
            bundles.id.not_in(written_out(gone)),
        )
        found = (
            select(bundles.id)
            .where(are_old, ~_stays(now))
            .order_by(bundles.uploaded_at, bundles.id)
            .limit(MAX_FOUND + 1)
        )
        held = select(func.count()).select_from(artifact_bundles).where(are_old, _stays(now))
        with self._database.read() as connection:
            return _found(
                connection.execute(found).scalars().all(), connection.execute(held).scalar_one()
            )

    def beyond_size(
        self, home: Home, limit: int, now: datetime, gone: Collection[int] = ()
    ) -> Found:
        """Those that were used or uploaded before as many others as fit into `limit` bytes: of files
        as they came, each content counted once."""
        kept = staying = 0
        found: list[int] = []
        for bundle in self._with_own_bytes(home, now, gone):
            if bundle.stays:
                kept = staying = staying + bundle.size
            elif kept + bundle.size <= limit and not found:
                kept += bundle.size
            else:
                found.append(bundle.id)
        # The oldest are at the end.
        return _found(found[::-1], max(0, staying - limit))

    def _with_own_bytes(
        self, home: Home, now: datetime, gone: Collection[int]
    ) -> Iterator["_Bundle"]:
        """What stays first, then the latest used. `size`: of what no bundle before it has."""
        bundles = artifact_bundles.c
        last = func.coalesce(bundles.last_used_at, bundles.uploaded_at)
        latest = case((last > bundles.uploaded_at, last), else_=bundles.uploaded_at)
        stays = case((_stays(now), 1), else_=0)
        ranked = (
            select(
                bundles.id,
                stays.label("stays"),
                func.row_number()
                .over(order_by=[stays.desc(), latest.desc(), bundles.id.desc()])
                .label("place"),
            )
            .where(of_home(artifact_bundles, home), bundles.id.not_in(written_out(gone)))
            .cte("ranked")
        )
        contents = (
            select(
                func.min(ranked.c.place).label("place"),
                func.max(artifact_files.c.size).label("size"),
            )
            .join(ranked, ranked.c.id == artifact_files.c.artifact_bundle_id)
            .where(artifact_files.c.sha256 != "")
            .group_by(artifact_files.c.sha256)
            .subquery()
        )
        own = (
            select(contents.c.place, whole_sum(contents.c.size).label("size"))
            .group_by(contents.c.place)
            .subquery()
        )
        wanted = (
            select(ranked.c.id, ranked.c.stays, func.coalesce(own.c.size, 0))
            .outerjoin(own, own.c.place == ranked.c.place)
            .order_by(ranked.c.place)
        )
        with self._database.read() as connection:
            rows = connection.execute(wanted).all()
        return (_Bundle(row[0], bool(row[1]), row[2]) for row in rows)


class _Bundle(Struct, frozen=True):
    id: int
    stays: bool
    size: int


def _found(bundles: Sequence[int], held: int = 0) -> Found:
    return Found(tuple(bundles[:MAX_FOUND]), held, are_more=len(bundles) > MAX_FOUND)


def _stays(now: datetime) -> ColumnElement[bool]:
    return (artifact_bundles.c.uploaded_at >= now - SETTLED_AFTER) | are_needed()
