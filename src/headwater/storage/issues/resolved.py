"""Issues that are resolved, and which events bring them back: docs/issues.md."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final, Self, TypeAlias

from msgspec import Struct
from sqlalchemy import Connection, Row, or_, select

from headwater.storage.batches import batches
from headwater.storage.schema import releases, seen_releases

NEXT_RELEASE: Final = ""
"""In place of a version: the first release that was neither announced nor seen by then."""

MAX_VERSION: Final = 250
"""Characters of a release's name: the column's width."""

ReleaseDates: TypeAlias = Mapping[tuple[int, str], datetime]
"""By project and version: when a release was first announced, or an event of it came, whichever was
sooner."""


class Resolved(Struct, frozen=True):
    """An issue's being resolved. `release`: see `storage.issues.issue.Issue.resolved_in`."""

    project_id: int
    at: datetime | None
    release: str | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Of a row of `issues` that can be changed."""
        return cls(row["project_id"], row["resolved_at"], row["resolved_in"])

    @classmethod
    def of_row(cls, row: Row[Any]) -> Self:
        """Of a row of `issues`."""
        return cls(row.project_id, row.resolved_at, row.resolved_in)

    def is_undone_by(
        self, release: str | None, received_at: datetime | None, dates: ReleaseDates
    ) -> bool:
        """Whether an event of a release (None: of none) brings it back; `received_at` None: now.

        What had come before doesn't. If it is resolved in a release, one of that release or of a
        later one does, and of a release that nothing is known of, it is the first event.
        """
        if None not in (self.at, received_at) and received_at <= self.at:  # type: ignore[operator]
            return False
        if self.release is None:
            return True
        if not release or self.release == release:
            return bool(release)
        is_next = self.release == NEXT_RELEASE
        since = self.at if is_next else dates.get((self.project_id, self.release))
        if since is None:
            return is_next
        begins = dates.get((self.project_id, release), received_at)
        return begins is None or begins > since


def release_dates(
    connection: Connection, resolved: Collection[Resolved], versions: Collection[str | None]
) -> ReleaseDates:
    """Of all that `Resolved.is_undone_by` has to know; no question, where no release matters."""
    concerned = [each for each in resolved if each.release is not None]
    if not concerned:
        return {}
    projects = sorted({each.project_id for each in concerned})
    names = {each for each in versions if each} | {each.release for each in concerned}
    found: dict[tuple[int, str], datetime] = {}
    for some in batches(sorted(name for name in names if name)):
        seen = select(
            seen_releases.c.project_id, seen_releases.c.version, seen_releases.c.first_seen
        )
        here = seen_releases.c.project_id.in_(projects), seen_releases.c.version.in_(some)
        for project_id, version, moment in connection.execute(seen.where(*here)):
            _sooner(found, project_id, version, moment)
        told = select(releases.c.project_id, releases.c.version, releases.c.created_at)
        home = or_(releases.c.project_id.in_(projects), releases.c.project_id.is_(None))
        for project_id, version, moment in connection.execute(
            told.where(home, releases.c.version.in_(some))
        ):
            for each in projects if project_id is None else (project_id,):
                _sooner(found, each, version, moment)
    return found


def _sooner(
    found: dict[tuple[int, str], datetime], project_id: int, version: str, moment: datetime
) -> None:
    key = project_id, version
    found[key] = min(moment, found.get(key, moment))
