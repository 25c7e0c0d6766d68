"""A resolution as it is stored, and what is counted of it: worked out once for all events that share it."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

import msgspec
from msgspec import Struct

from headwater.digest.sighted import frame_counts
from headwater.sourcemaps.compiled.cache import Cache
from headwater.storage.events.events import SharedResolution
from headwater.symbolicate.resolution import Resolution, bundles_used
from headwater.symbolicate.wants import may_want

KEPT_BYTES: Final = 16 * 1024**2
"""Memory of what came lately: 240 stack traces of 40 resolved frames, tens of thousands of others."""

_ITSELF: Final = 500
"""Bytes of an entry besides what is stored and the resolution that it keeps alive."""

_OBJECTS: Final = 2
"""Bytes of memory for a byte of JSON: the objects that it is made of."""


class Written(Struct, frozen=True):
    """`stored`: as events share it, `counts`: frames of the project's own code that are resolved,
    and that failed. `may_want`: whether an upload could make it better. `bundles`: what resolved it.
    `verdicts`: how many frames have each."""

    resolution: Resolution
    stored: SharedResolution
    counts: tuple[int, int]
    may_want: bool
    bundles: frozenset[int]
    verdicts: Mapping[str, int]

    @property
    def digest(self) -> bytes:
        """Of the resolution."""
        return self.stored.digest


class Writing:
    """Of one thread. What is the same object is looked through once."""

    def __init__(self, share: Callable[[bytes], SharedResolution]) -> None:
        """`share` makes of JSON what is stored."""
        self._share = share
        self._known = Cache(KEPT_BYTES)

    def of(self, resolution: Resolution) -> Written:
        """What there is to know of it. Raises DatabaseError, at the first call only."""
        found: Written | None = self._known.get(id(resolution))
        if found is None:
            text = msgspec.json.encode(resolution)
            # With the resolution itself, so that no other can have its identity.
            found = Written(
                resolution,
                self._share(text),
                frame_counts(resolution),
                may_want(resolution),
                bundles_used(resolution),
                _verdicts(resolution),
            )
            self._known.put(
                id(resolution), found, _ITSELF + len(found.stored.content) + _OBJECTS * len(text)
            )
        return found


def _verdicts(resolution: Resolution) -> Mapping[str, int]:
    return Counter(
        frame.verdict.value for trace in resolution.stacktraces for frame in trace.frames
    )
