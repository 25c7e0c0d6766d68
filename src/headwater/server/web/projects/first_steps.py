"""How far the setting up of a project is: what the set-up page ticks off as it arrives."""

from dataclasses import dataclass
from typing import Final

import msgspec

from headwater.storage.database import Database
from headwater.storage.events.newest_resolutions import NewestResolutions
from headwater.storage.issues.issue import Issue
from headwater.storage.issues.issues import Issues
from headwater.storage.page import PageRequest
from headwater.storage.uploads.seen_releases import SeenReleases
from headwater.storage.uploads.uploads import LastUpload, Uploads
from headwater.symbolicate.resolution import Resolution, read_resolution

MAX_LOOKED_AT: Final = 20
"""Releases, and newest events: the page asks again every few seconds."""


@dataclass(frozen=True, slots=True)
class FirstSteps:
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
        self._releases = SeenReleases(database)
        self._resolutions = NewestResolutions(database)

    def of(self, project_id: int) -> FirstSteps:
        """Those of a project."""
        newest = self._issues.list((project_id,), page=PageRequest(size=1)).items
        return FirstSteps(
            newest[0] if newest else None,
            self._uploads.last(project_id),
            bool(newest) and self._is_resolved(project_id),
        )

    def _is_resolved(self, project_id: int) -> bool:
        releases = self._releases.newest(project_id, MAX_LOOKED_AT)
        if any(each.resolved for each in releases):
            return True
        # Only events that name a release are counted with it.
        texts = self._resolutions.read(project_id, MAX_LOOKED_AT)
        return any(_has_original(text) for text, _ in texts)


def _has_original(text: bytes) -> bool:
    try:
        resolution: Resolution = read_resolution(text)
    except msgspec.MsgspecError:
        return False
    return any(frame.original for each in resolution.stacktraces for frame in each.frames)
