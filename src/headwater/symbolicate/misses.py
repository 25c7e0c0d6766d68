"""Why a file's map was not found: the last word, with what was uploaded beside it.

Everything here is asked only of files whose frames stay minified, once for each in an event.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from msgspec import Struct

from headwater.protocol.debug_id import DebugId
from headwater.protocol.event import DebugImage, Event
from headwater.protocol.file_names import stem_of
from headwater.symbolicate.candidates import Found
from headwater.symbolicate.near_misses import Near, NearMiss, NearMisses
from headwater.symbolicate.surroundings import Elsewhere, Removed, Surroundings
from headwater.symbolicate.third_party import known_host, other_site
from headwater.symbolicate.verdicts import Verdict

MAX_ASKED: Final = 40
"""Debug ids of an event of which it is asked whether they were uploaded: as many as it may wait for."""

_WITHOUT_IMAGE: Final = frozenset(
    {Verdict.NO_IMAGE_FOR_FRAME, Verdict.RELEASE_NOT_UPLOADED, Verdict.URL_NOT_UPLOADED}
)
_KNOWN: Final = frozenset({Near.BUILT_TWICE, Near.DIST_DIFFERS})
"""Near misses that mean that the upload has come, only not for this."""


class Miss(Struct, frozen=True):
    """A verdict on a file whose map was not found, with its evidence."""

    verdict: Verdict
    near: tuple[NearMiss, ...] = ()
    elsewhere: Elsewhere | None = None
    removed: Removed | None = None
    detail: str | None = None
    is_own: bool | None = None
    """False where the file is none of the user's, whatever the SDK says."""


@dataclass(frozen=True, slots=True)
class Misses:
    """Judges the files of one event. `release` is None if it has none."""

    event: Event
    release: str | None
    around: Surroundings
    _known: dict[tuple[str, DebugImage | None], Miss] = field(default_factory=dict)

    def of(self, path: str, found: Found) -> Miss:
        """What is to be said of the file at `path`, for which nothing usable was found."""
        asked = path, found.image
        if asked not in self._known:
            self._known[asked] = self._judged(path, found)
        return self._known[asked]

    def _judged(self, path: str, found: Found) -> Miss:
        verdict = found.verdict or Verdict.NO_IMAGE_FOR_FRAME
        if verdict is Verdict.DEBUG_ID_NOT_UPLOADED and found.image is not None:
            return self._of_debug_id(found.image.debug_id, found.looked_for, path)
        if verdict not in _WITHOUT_IMAGE:
            return Miss(verdict, detail=found.detail)
        host = known_host(path)
        if host is not None:
            detail = f"{host} serves other companies' scripts"
            return Miss(Verdict.THIRD_PARTY, detail=detail, is_own=False)
        removed = self._removed(found.looked_for)
        if removed is not None:
            return self._gone(removed, found.looked_for, path)
        return self._other_site(path) or self._of_release(verdict, found.looked_for, path)

    def _of_debug_id(self, debug_id: DebugId, addresses: Sequence[str], path: str) -> Miss:
        elsewhere = self.around.elsewhere(debug_id)
        if elsewhere is not None:
            return Miss(Verdict.UPLOADED_TO_OTHER_PROJECT, elsewhere=elsewhere)
        removed = self.around.removed_with_debug_id(debug_id)
        if removed is not None:
            return self._gone(removed, addresses, path, debug_id)
        near = self._near.of_debug_id(debug_id, path)
        if self._is_expected(near, debug_id):
            return Miss(Verdict.PENDING_UPLOAD, near)
        return Miss(Verdict.DEBUG_ID_NOT_UPLOADED, near)

    def _of_release(self, verdict: Verdict, addresses: Sequence[str], path: str) -> Miss:
        if self.release is None:
            return Miss(verdict, self._near.without_debug_id(path))
        near = self._near.of_release(addresses, path)
        awaited = f"{self.release}\n{self.event.dist or ''}"
        if verdict is Verdict.RELEASE_NOT_UPLOADED and self._is_expected(near, awaited):
            return Miss(Verdict.PENDING_UPLOAD, near)
        return Miss(verdict, near)

    def _removed(self, addresses: Sequence[str]) -> Removed | None:
        if self.release is None:
            return None
        both = (*addresses, *(f"{each}.map" for each in addresses))
        return self.around.removed_at_urls(both, self.release, self.event.dist)

    def _gone(
        self, removed: Removed, addresses: Sequence[str], path: str, debug_id: DebugId | None = None
    ) -> Miss:
        """The file went; unless the same lies there again, where the frame doesn't look for it."""
        near = self._near.of_prefix(addresses, path, debug_id)
        if near:
            return Miss(Verdict.URL_NOT_UPLOADED, near)
        verdict = Verdict.EXPIRED if removed.has_expired else Verdict.DELETED
        return Miss(verdict, removed=removed)

    def _is_expected(self, near: Sequence[NearMiss], wanted: str) -> bool:
        if any(each.kind in _KNOWN for each in near):
            return False
        return self.around.is_expected(self.event.timestamp, wanted)

    def _other_site(self, path: str) -> Miss | None:
        host = other_site(path, self.event.images)
        if host is None or self.around.named(stem_of(path)) or not self._has_own:
            return None
        detail = (
            f"{host} is none of the sites that this event's files with debug ids come from, and "
            "no file of this name was ever uploaded"
        )
        return Miss(Verdict.THIRD_PARTY, detail=detail)

    @property
    def _has_own(self) -> bool:
        """Whether a file with a debug id is the user's: companies inject debug ids into the widgets
        that they give away, and beside one of those a file without may be the user's own."""
        ids = dict.fromkeys(each.debug_id for each in self.event.images)
        return any(map(self.around.is_uploaded, islice(ids, MAX_ASKED)))

    @property
    def _near(self) -> NearMisses:
        return NearMisses(self.around, self.release, self.event.dist)
