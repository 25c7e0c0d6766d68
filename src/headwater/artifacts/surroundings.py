"""Uploads beside those that an event asked for, from the database; and what is awaited."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec.structs import asdict

from headwater.artifacts.known import KnownArtifacts
from headwater.protocol.debug_id import DebugId
from headwater.storage.uploads.artifact import ReleaseName
from headwater.storage.uploads.former_files import FormerFile, Reason
from headwater.symbolicate.surroundings import Alike, Elsewhere, Removed

MAX_MISSED: Final = 10_000
"""Debug ids and releases of which it is known since when they are missed, the latest."""


class Missed:
    """Since when something is asked for in vain. Threads may share it."""

    def __init__(self, window: timedelta, clock: Callable[[], float] = time.monotonic) -> None:
        """`window`: for how long its upload may be on its way; `clock` in seconds."""
        self.window = window
        self._clock = clock
        self._since: OrderedDict[tuple[int, str], float] = OrderedDict()
        self._lock = threading.Lock()

    def is_new(self, project_id: int, wanted: str) -> bool:
        """Whether it was asked for the first time within the window."""
        now = self._clock()
        with self._lock:
            since = self._since.setdefault((project_id, wanted), now)
            if len(self._since) > MAX_MISSED:
                self._since.popitem(last=False)
        return now - since < self.window.total_seconds()


class StoredSurroundings:
    """What one project may know of them."""

    def __init__(self, project_id: int, known: KnownArtifacts, missed: Missed) -> None:
        self._project_id = project_id
        self._known = known
        self._missed = missed

    def is_expected(self, happened: datetime, wanted: str) -> bool:
        """Whether an upload of `wanted` may be on its way."""
        is_new = self._missed.is_new(self._project_id, wanted)
        return is_new and datetime.now(UTC) - happened < self._missed.window

    def is_uploaded(self, debug_id: DebugId) -> bool:
        """Whether any file with the debug id is there for the project."""
        return bool(self._known.with_debug_id(self._project_id, debug_id))

    def named(self, stem: str, release: str | None = None) -> Sequence[Alike]:
        """Files that are called alike, the latest first."""
        return tuple(
            Alike(**asdict(each)) for each in self._known.named(self._project_id, stem, release)
        )

    def dists(self, release: str) -> Sequence[str | None]:
        """The dists that a release was uploaded for."""
        return self._known.dists(self._project_id, release)

    def elsewhere(self, debug_id: DebugId) -> Elsewhere | None:
        """Whether another project has the debug id."""
        found = self._known.elsewhere(self._project_id, debug_id)
        return None if found is None else Elsewhere(found.project_id, found.uploaded_at)

    def removed_with_debug_id(self, debug_id: DebugId) -> Removed | None:
        """When the debug id's files were removed."""
        return _removed(self._known.removed_with_debug_id(self._project_id, debug_id))

    def removed_at_urls(
        self, urls: Sequence[str], release: str, dist: str | None
    ) -> Removed | None:
        """When the release's file at one of the addresses was removed."""
        name = ReleaseName(release, dist)
        return _removed(self._known.removed_at_urls(self._project_id, urls, name))


def _removed(file: FormerFile | None) -> Removed | None:
    if file is None:
        return None
    return Removed(file.removal.at, file.removal.by, file.removal.reason is Reason.EXPIRED)
