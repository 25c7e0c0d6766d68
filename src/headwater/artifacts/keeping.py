"""How long uploads are kept, and how many: by their last use, by releases, by bytes. See docs/retention.md."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog
from msgspec import Struct
from msgspec.structs import replace

from headwater.storage.deleted_projects import DeletedProjects
from headwater.storage.files.places import cut
from headwater.storage.projects import Choices, Projects
from headwater.storage.uploads.former_files import FormerFiles, Reason, Removal
from headwater.storage.uploads.going_uploads import Going
from headwater.storage.uploads.home import Home
from headwater.storage.uploads.release_files import MAX_DELETED, ReleaseFiles
from headwater.storage.uploads.surplus import MAX_FOUND, SETTLED_AFTER, Found, Surplus

DELETED: Final = "the deletion of its project"
"""In place of a limit."""


class UploadBounds(Struct, frozen=True):
    """What is kept of each project's uploads, and of the whole instance's; 0: whatever there is."""

    days: int = 0
    """Since they were used or uploaded last."""
    releases: int = 0
    size: int = 0
    """Bytes of files as they came."""


class Beyond(Struct, frozen=True):
    """Bundles of a home that go, and the limit that says so.

    `held`: how much is beyond the limit and stays, since stored events need it or it has just come.
    """

    home: Home
    limit: str
    bundles: tuple[int, ...]
    held: str = ""
    are_more: bool = False
    """Whether further ones go by this limit."""
    freed: int = 0
    """Bytes of files, as they came, that no other upload names once what was told before is gone."""


class _Limit(Struct, frozen=True):
    name: str
    before: datetime
    """What was uploaded since then stays."""
    unit: str
    find: Callable[[Collection[int]], Found]
    """But for bundles that are as good as deleted."""


class Keeping(Struct, frozen=True):
    """What was removed is remembered, with when and why. Any number of processes may do it at once."""

    projects: Projects
    surplus: Surplus
    release_files: ReleaseFiles
    former: FormerFiles
    going: Going
    deleted: DeletedProjects
    bounds: UploadBounds

    def plan(self, now: datetime) -> Iterator[Beyond]:
        """What would go now; removes nothing."""
        gone: list[int] = []
        freed = 0
        for project_id in self.deleted.pending():
            if some := self.release_files.some_of(project_id, MAX_FOUND + 1):
                gone += some[:MAX_FOUND]
                so_far, freed = freed, self.going.freed(gone)
                are_more = len(some) > MAX_FOUND
                bundles = tuple(some[:MAX_FOUND])
                yield Beyond(project_id, DELETED, bundles, are_more=are_more, freed=freed - so_far)
        for home, limits in self._homes(now):
            before = len(gone)
            for limit in limits:
                found = limit.find(gone[before:])
                gone += found.bundles
                if found.bundles or found.held:
                    all_freed = self.going.freed(gone)
                    beyond = _beyond(home, limit, found)
                    yield replace(beyond, freed=all_freed - freed)
                    freed = all_freed

    def expire(self, now: datetime) -> Iterator[tuple[str, ...]]:
        """Drop it; the SHA-256 of files that may be without an upload now."""
        while self.former.prune():
            pass
        yield from self._of_deleted_projects()
        for home, limits in self._homes(now):
            for limit in limits:
                yield from self._remove(home, limit, now)

    def _of_deleted_projects(self) -> Iterator[tuple[str, ...]]:
        for project_id in self.deleted.pending():
            count = 0
            while some := self.release_files.some_of(project_id):
                yield self.release_files.delete_for_good(some)
                count += len(some)
            if count:
                log = structlog.get_logger().bind(project=project_id)
                log.info("uploads of a deleted project were removed", count=count)

    def _remove(self, home: Home, limit: _Limit, now: datetime) -> Iterator[tuple[str, ...]]:
        removal = Removal(now, limit.name, Reason.EXPIRED)
        are_more = True
        while are_more:
            found = limit.find(())
            for some in cut(found.bundles, MAX_DELETED):
                yield self.release_files.delete_surplus(some, limit.before, removal)
            _tell(_beyond(home, limit, found))
            are_more = found.are_more

    def _homes(self, now: datetime) -> Iterator[tuple[Home, Sequence[_Limit]]]:
        yield None, tuple(self._limits(None, Choices(), now))
        for project in self.projects.all():
            yield project.id, tuple(self._limits(project.id, project.choices, now))

    def _limits(self, home: Home, chosen: Choices, now: datetime) -> Iterator[_Limit]:
        """Those of a home, in the order in which they are looked at."""
        bounds, settled = self.bounds, now - SETTLED_AFTER
        if days := _either(chosen.max_artifact_age_days, bounds.days):
            said = _said("HEADWATER_MAX_ARTIFACT_AGE_DAYS", chosen.max_artifact_age_days)
            before = now - timedelta(days=days)
            yield _Limit(
                f"{said} ({days} days)", before, "", lambda _: self.surplus.unused(home, before)
            )
        if count := _either(chosen.max_releases, bounds.releases):
            said = _said("HEADWATER_MAX_RELEASES_PER_PROJECT", chosen.max_releases)
            yield _Limit(
                f"{said} ({count} releases)",
                settled,
                "bundles",
                lambda gone: self.surplus.of_old_releases(home, count, now, gone),
            )
        if size := _either(chosen.max_artifacts, bounds.size):
            said = _said("HEADWATER_MAX_ARTIFACTS_PER_PROJECT", chosen.max_artifacts)
            yield _Limit(
                f"{said} ({size:,} bytes)",
                settled,
                "bytes",
                lambda gone: self.surplus.beyond_size(home, size, now, gone),
            )


def _either(chosen: int | None, otherwise: int) -> int:
    return otherwise if chosen is None else chosen


def _said(variable: str, chosen: int | None) -> str:
    return f"the setting {variable}" if chosen is None else "the project's settings"


def _beyond(home: Home, limit: _Limit, found: Found) -> Beyond:
    held = f"{found.held:,} {limit.unit}" if found.held else ""
    return Beyond(home, limit.name, found.bundles, held, found.are_more)


def _tell(beyond: Beyond) -> None:
    log = structlog.get_logger().bind(project=beyond.home, limit=beyond.limit)
    if beyond.bundles:
        log.info("uploads were removed for good", count=len(beyond.bundles))
    if beyond.held:
        log.info(
            "uploads beyond a limit stay: events need them, or they just came", more=beyond.held
        )
