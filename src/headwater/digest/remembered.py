"""Resolutions of the latest different stack traces: most events throw where one just threw."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

import msgspec

from headwater.protocol.event import Event
from headwater.symbolicate.resolution import Resolution, ResolvedFrame, ResolvedStacktrace
from headwater.symbolicate.wants import PASSING

KEPT_BYTES: Final = 32 * 1024**2
"""Memory of all that is kept: 500 stack traces of 40 resolved frames that have nothing in common. Those
of one program share most of theirs, and four times as many fit."""

_ITSELF: Final = 1_000
"""Bytes that a resolution takes besides its frames."""

_OBJECTS: Final = 2
"""Bytes of memory for a byte of JSON, roughly."""


def digest_of(project_id: int, event: Event) -> bytes:
    """Of everything that an event's resolution depends on, besides what is uploaded: 16 bytes."""
    said = (
        project_id,
        event.platform,
        event.release,
        event.dist,
        [(trace.path, trace.frames, trace.are_components) for trace in event.stacktraces],
        [(image.code_file, image.debug_id) for image in event.images],
    )
    return hashlib.blake2b(msgspec.msgpack.encode(said), digest_size=16).digest()


class Remembered:
    """By `digest_of`, for one thread; holds as long as nothing is uploaded or deleted.

    The oldest goes first. A frame that several have is kept once.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, Resolution] = OrderedDict()
        self._frames: dict[ResolvedFrame, _Shared] = {}
        self._used = 0

    def get(self, digest: bytes) -> Resolution | None:
        """What was kept."""
        found = self._known.get(digest)
        if found is not None:
            self._known.move_to_end(digest)
        return found

    def keep(self, digest: bytes, resolution: Resolution) -> Resolution:
        """Keep it, unless the same event could come out better another time; returns what is equal."""
        verdicts = {frame.verdict for each in resolution.stacktraces for frame in each.frames}
        if verdicts & PASSING or digest in self._known:
            return resolution
        self._used += _ITSELF
        kept = self._known[digest] = msgspec.structs.replace(
            resolution, stacktraces=tuple(map(self._shared, resolution.stacktraces))
        )
        while self._used > KEPT_BYTES and len(self._known) > 1:
            self._forget(self._known.popitem(last=False)[1])
        return kept

    def clear(self) -> None:
        """Something was uploaded or deleted."""
        self._known.clear()
        self._frames.clear()
        self._used = 0

    def _shared(self, trace: ResolvedStacktrace) -> ResolvedStacktrace:
        return msgspec.structs.replace(trace, frames=tuple(map(self._one_for_all, trace.frames)))

    def _one_for_all(self, frame: ResolvedFrame) -> ResolvedFrame:
        shared = self._frames.get(frame)
        if shared is None:
            shared = _Shared(frame, _OBJECTS * len(msgspec.json.encode(frame)))
            self._frames[frame] = shared
            self._used += shared.size
        shared.users += 1
        return shared.frame

    def _forget(self, resolution: Resolution) -> None:
        self._used -= _ITSELF
        for trace in resolution.stacktraces:
            for frame in trace.frames:
                shared = self._frames[frame]
                shared.users -= 1
                if not shared.users:
                    del self._frames[frame]
                    self._used -= shared.size


@dataclass(slots=True)
class _Shared:
    """A frame, the bytes that it takes, and how many stack traces have it, each time counted."""

    frame: ResolvedFrame
    size: int
    users: int = 0
