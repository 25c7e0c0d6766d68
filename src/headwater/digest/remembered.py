"""Resolutions of the latest different stack traces: most events throw where one just threw."""

import hashlib
from typing import Final

import msgspec

from headwater.protocol.event import Event
from headwater.sourcemaps.compiled.cache import Cache
from headwater.symbolicate.resolution import Resolution
from headwater.symbolicate.wants import PASSING

KEPT_BYTES: Final = 32 * 1024**2
"""Memory of all that is kept: some 500 stack traces of 40 resolved frames, thousands of others."""

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
    """By `digest_of`, for one thread; holds as long as nothing is uploaded or deleted."""

    def __init__(self) -> None:
        self._known = Cache(KEPT_BYTES)

    def get(self, digest: bytes) -> Resolution | None:
        """What was kept."""
        found: Resolution | None = self._known.get(digest)
        return found

    def keep(self, digest: bytes, resolution: Resolution) -> Resolution:
        """Keep it, unless the same event could come out better another time; returns it."""
        verdicts = {frame.verdict for each in resolution.stacktraces for frame in each.frames}
        if not verdicts & PASSING:
            self._known.put(digest, resolution, _OBJECTS * len(msgspec.json.encode(resolution)))
        return resolution

    def clear(self) -> None:
        """Something was uploaded or deleted."""
        self._known = Cache(KEPT_BYTES)
