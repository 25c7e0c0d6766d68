"""What was found of uploads, remembered for all events until anything is uploaded or deleted."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from headwater.protocol.debug_id import DebugId
from headwater.storage.uploads.artifact import ReleaseName, StoredFile
from headwater.storage.uploads.artifacts import Artifacts
from headwater.storage.uploads.former_files import FormerFile, FormerFiles
from headwater.storage.uploads.near_misses import Elsewhere, NamedFile, NearMisses

MAX_KNOWN: Final = 60_000
"""Answers kept, the latest used, and files in them: one takes some 500 bytes, an answer with its
question. Most answers are 'nothing', or a minified file with its map: 20,000 of these."""

MAX_FILES: Final = 100
"""Files in an answer that is kept: one that finds more is asked for again."""

_Answer = TypeVar("_Answer")


class KnownArtifacts:
    """Asked as `Artifacts` is, by one thread. `refresh` must come after what is to be seen."""

    def __init__(self, artifacts: Artifacts, near: NearMisses, former: FormerFiles) -> None:
        self._artifacts = artifacts
        self._near = near
        self._former = former
        self._known: OrderedDict[tuple[Any, ...], Any] = OrderedDict()
        self._size = 0
        self._changes = -1

    def refresh(self) -> bool:
        """Forget everything if anything has changed; whether it has. Raises DatabaseError."""
        changes = self._artifacts.changes()
        if changes == self._changes:
            return False
        self._known.clear()
        self._size = 0
        self._changes = changes
        return True

    @property
    def changes(self) -> int:
        """How many changes there had been when it was refreshed last."""
        return self._changes

    def with_debug_id(self, project_id: int, debug_id: DebugId) -> Sequence[StoredFile]:
        """Every file that claims the id and that the project may use, newest first."""
        return self._ask(self._artifacts.with_debug_id, project_id, debug_id)

    def at_urls(
        self, project_id: int, urls: Sequence[str], release: ReleaseName
    ) -> Sequence[StoredFile]:
        """Files of this release and dist at any of the addresses, newest first."""
        if not self.has_release(project_id, release):
            return ()
        return self._ask(self._artifacts.at_urls, project_id, tuple(urls), release)

    def in_bundle(
        self, project_id: int, bundle_id: int, urls: Sequence[str]
    ) -> Sequence[StoredFile]:
        """Files of one bundle that the project may use, at any of the addresses."""
        return self._ask(self._artifacts.in_bundle, project_id, bundle_id, tuple(urls))

    def has_release(self, project_id: int, release: ReleaseName) -> bool:
        """Whether anything was uploaded for this release and dist that the project may use."""
        return self._ask(self._artifacts.has_release, project_id, release)

    def named(self, project_id: int, stem: str, release: str | None) -> Sequence[NamedFile]:
        """Files that are called alike and that the project may use, the latest first."""
        return self._ask(self._near.named, project_id, stem, release)

    def dists(self, project_id: int, release: str) -> Sequence[str | None]:
        """Which dists of a release something was uploaded for."""
        return self._ask(self._near.dists, project_id, release)

    def elsewhere(self, project_id: int, debug_id: DebugId) -> Elsewhere | None:
        """Where another project's token uploaded a debug id."""
        return self._ask(self._near.elsewhere, project_id, debug_id)

    def removed_with_debug_id(self, project_id: int, debug_id: DebugId) -> FormerFile | None:
        """The last file with the id that was removed."""
        return self._ask(self._former.with_debug_id, project_id, debug_id)

    def removed_at_urls(
        self, project_id: int, urls: Sequence[str], release: ReleaseName
    ) -> FormerFile | None:
        """The last file of the release at one of the addresses that was removed."""
        return self._ask(self._former.at_urls, project_id, tuple(urls), release)

    def fault(self, file_id: int) -> str | None:
        """Why a stored file can't be used; None if it can."""
        return self._artifacts.fault(file_id)

    def _ask(self, ask: Callable[..., _Answer], *question: Any) -> _Answer:
        key = (ask.__qualname__, *question)
        if key in self._known:
            self._known.move_to_end(key)
            found: _Answer = self._known[key]
            return found
        found = ask(*question)
        if not isinstance(found, tuple) or len(found) <= MAX_FILES:
            self._known[key] = found
            self._size += _size(found)
            while self._size > MAX_KNOWN:
                _, gone = self._known.popitem(last=False)
                self._size -= _size(gone)
        return found


def _size(answer: object) -> int:
    return 1 + (len(answer) if isinstance(answer, tuple) else 0)
