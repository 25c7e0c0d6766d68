"""Where an event went through code of the user's own, as it was written."""

from collections.abc import Iterator

from headwater.storage.issues.places import Place
from headwater.symbolicate.resolution import Original, Resolution


def own_places(resolution: Resolution) -> frozenset[Place]:
    """Of every resolved frame that is not a library's, and of the calls that a minifier did away with."""
    return frozenset(
        Place.of(each.filename, each.function or "") for each in _originals(resolution)
    )


def _originals(resolution: Resolution) -> Iterator[Original]:
    for trace in resolution.stacktraces:
        for frame in trace.frames:
            if frame.original is not None and frame.in_app is not False:
                yield frame.original
                yield from frame.inlined_into
