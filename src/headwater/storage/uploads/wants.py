"""What stored events would be resolved better with, and what came since.

Events that threw in the same place share their resolution, and so what it wants: a want is of a
resolution and a project, not of an event. It stays as long as any event has the resolution.

What is wanted is a key of 16 bytes, which an upload has as well: that of a debug id, or of a release
with its dist.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from sqlalchemy import Connection, func, select, tuple_

from headwater.protocol.debug_id import DebugId
from headwater.storage.batches import batches
from headwater.storage.database import Database
from headwater.storage.hidden_projects import NOT_DELETED
from headwater.storage.many_rows import insert_all_new
from headwater.storage.schema import (
    arrivals,
    artifact_bundles,
    artifact_files,
    bundle_releases,
    projects,
    wants,
)
from headwater.storage.uploads.artifact import ReleaseName
from headwater.storage.uploads.home import Home

MAX_WANTS_OF_PROJECT: Final = 50_000
"""Wants of a project that are kept, some 10 MB with their indexes; the oldest are forgotten. Their
events are resolved again when somebody asks for it: 'resolve again' of the release or project."""

MAX_FORGOTTEN: Final = 500
"""Wants that are forgotten in one transaction."""

MAX_TRIED: Final = 20
"""Wants of time that are tried together."""

Want: TypeAlias = bytes

Wanted: TypeAlias = tuple[int, bytes, Want]
"""A project, the digest of a resolution, and what that wants."""

Arrival: TypeAlias = tuple[int, int]
"""A bundle that was uploaded, and the number of its coming."""


def want_of_debug_id(debug_id: DebugId) -> Want:
    """Anything that was built as this."""
    return _key("debug id", debug_id)


def want_of_release(release: str, dist: str | None) -> Want:
    """Anything that is uploaded for exactly this release and dist."""
    return _key("release", release, dist or "")


def _key(*parts: str) -> Want:
    return hashlib.blake2b("\x00".join(parts).encode(), digest_size=16).digest()


TIME: Final[Want] = _key("time")
"""A cause may go by itself: storage comes back, a limit is raised."""


class Wants:
    """Reads open their own connection; `add` takes part in the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, connection: Connection, wanted: Collection[Wanted], now: datetime) -> None:
        """Remember those that are not known yet."""
        rows = [
            {"project_id": project_id, "resolution_digest": digest, "key": key, "since": now}
            for project_id, digest, key in sorted(wanted)
        ]
        insert_all_new(connection, wants, rows)

    def arrived(self) -> Sequence[Arrival]:
        """Uploads that nobody has looked at yet, as many as are looked at together."""
        wanted = select(arrivals.c.artifact_bundle_id, arrivals.c.number)
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(arrivals.c.number).limit(MAX_TRIED))
            return [(row[0], row[1]) for row in rows]

    def fulfilled_by(self, bundle_id: int) -> set[tuple[int, bytes]]:
        """Project and resolution of everything that wants something of an upload.

        A debug id is of the whole world, so that who wants one hears of it wherever it was uploaded
        to, and can say so. A release's name is its home's.
        """
        with self._database.read() as connection:
            bundle = select(artifact_bundles.c.project_id, artifact_bundles.c.id)
            row = connection.execute(bundle.where(artifact_bundles.c.id == bundle_id)).first()
            if row is None:
                return set()
            every: Sequence[int] = connection.execute(_KEPT).scalars().all()
            found = _wanting(connection, every, _ids_of(connection, bundle_id))
            homes = every if row.project_id is None else (row.project_id,)
            return found | _wanting(connection, homes, _releases_of(connection, bundle_id))

    def looked_at(self, connection: Connection, arrived: Arrival) -> None:
        """Unless it came again meanwhile."""
        bundle_id, number = arrived
        connection.execute(
            arrivals.delete().where(
                arrivals.c.artifact_bundle_id == bundle_id, arrivals.c.number == number
            )
        )

    def try_again(self, now: datetime, after: timedelta) -> Sequence[tuple[int, bytes]]:
        """Wants that time may have fulfilled and that are as old, or were not tried for so long; they
        count as tried now."""
        last = func.coalesce(wants.c.tried_at, wants.c.since)
        some = (
            select(wants.c.project_id, wants.c.resolution_digest)
            .where(wants.c.key == TIME, last <= now - after)
            .order_by(last)
            .limit(MAX_TRIED)
        )
        with self._database.read() as connection:
            homes = connection.execute(_KEPT).scalars().all()
            # The index begins with the project.
            rows = connection.execute(some.where(wants.c.project_id.in_(homes)))
            found = [(row[0], row[1]) for row in rows]
        if found:
            these = tuple_(wants.c.project_id, wants.c.resolution_digest).in_(found)
            of_them = wants.c.project_id.in_(sorted({project_id for project_id, _ in found}))
            with self._database.write() as connection:
                connection.execute(
                    wants.update().where(of_them, wants.c.key == TIME, these).values(tried_at=now)
                )
        return found

    def start_over(self) -> None:
        """Whatever was tried is tried again soon: limits and storage may be others than before."""
        with self._database.write() as connection:
            tried = wants.c.key == TIME, wants.c.tried_at.is_not(None)
            connection.execute(wants.update().where(*tried).values(tried_at=None))

    def forget_oldest(self, project_id: int) -> int:
        """Some of what is beyond MAX_WANTS_OF_PROJECT; how many it were."""
        of_project = wants.c.project_id == project_id
        with self._database.read() as connection:
            count = connection.execute(select(func.count()).where(of_project)).scalar_one()
            if count <= MAX_WANTS_OF_PROJECT:
                return 0
            oldest = select(wants.c.resolution_digest, wants.c.key).where(of_project)
            oldest = oldest.order_by(wants.c.since)
            some = min(MAX_FORGOTTEN, count - MAX_WANTS_OF_PROJECT)
            keys = [(row[0], row[1]) for row in connection.execute(oldest.limit(some))]
        with self._database.write() as connection:
            these = tuple_(wants.c.resolution_digest, wants.c.key).in_(keys)
            connection.execute(wants.delete().where(of_project, these))
        return len(keys)


_KEPT: Final = select(projects.c.id).where(NOT_DELETED)


def note_arrival(connection: Connection, bundle_id: int, number: int) -> None:
    """An upload can be found from this transaction on: whoever wants it is to be looked for."""
    connection.execute(arrivals.delete().where(arrivals.c.artifact_bundle_id == bundle_id))
    connection.execute(arrivals.insert().values(artifact_bundle_id=bundle_id, number=number))


def _ids_of(connection: Connection, bundle_id: int) -> Iterable[Want]:
    of_bundle = artifact_files.c.artifact_bundle_id == bundle_id
    ids = select(artifact_files.c.debug_id).where(of_bundle).distinct()
    named = connection.execute(ids.where(artifact_files.c.debug_id.is_not(None))).scalars()
    return [want_of_debug_id(DebugId(each)) for each in named]


def _releases_of(connection: Connection, bundle_id: int) -> Iterable[Want]:
    named = select(bundle_releases.c.version, bundle_releases.c.dist)
    rows = connection.execute(named.where(bundle_releases.c.artifact_bundle_id == bundle_id))
    names = (ReleaseName(row.version, row.dist or None) for row in rows)
    return [want_of_release(name.version, name.dist) for name in names]


def _wanting(
    connection: Connection, homes: Sequence[Home], keys: Iterable[Want]
) -> set[tuple[int, bytes]]:
    found: set[tuple[int, bytes]] = set()
    for some in batches(sorted(keys)):
        for homes_of in batches(homes):
            who = select(wants.c.project_id, wants.c.resolution_digest).where(
                wants.c.project_id.in_(homes_of), wants.c.key.in_(some)
            )
            found.update((row[0], row[1]) for row in connection.execute(who.distinct()))
    return found
