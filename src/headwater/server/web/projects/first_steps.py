"""How far the setting up of a project is: what the set-up page ticks off as it arrives."""

from msgspec import Struct

from headwater.storage.database import Database
from headwater.storage.events.over_time import OverTime
from headwater.storage.issues.issue import Issue
from headwater.storage.issues.issues import Issues
from headwater.storage.page import PageRequest
from headwater.storage.uploads.uploads import LastUpload, Uploads


class FirstSteps(Struct, frozen=True):
    """What has arrived. `issue`: the one of the newest event."""

    issue: Issue | None
    upload: LastUpload | None
    is_resolved: bool
    """Whether a frame is shown as it was written."""


class Steps:
    """Looks for what has arrived."""

    def __init__(self, database: Database) -> None:
        self._issues = Issues(database)
        self._uploads = Uploads(database)
        self._over_time = OverTime(database)

    def of(self, project_id: int) -> FirstSteps:
        """Those of a project."""
        newest = self._issues.list((project_id,), page=PageRequest(size=1)).items
        return FirstSteps(
            newest[0] if newest else None,
            self._uploads.last(project_id),
            bool(newest) and self._over_time.has_resolved(project_id),
        )
