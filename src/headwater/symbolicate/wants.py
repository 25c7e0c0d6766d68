"""What would let an event's frames be resolved, or resolved better than they were."""

from typing import Final

from msgspec import Struct

from headwater.protocol.debug_id import DebugId
from headwater.protocol.event import Event
from headwater.symbolicate.eligibility import path_of, verdict_without_map
from headwater.symbolicate.images import DebugImages
from headwater.symbolicate.resolution import Resolution
from headwater.symbolicate.stacktrace import NO_RELEASE
from headwater.symbolicate.verdicts import Verdict

MAX_WANTED_IDS: Final = 40
"""Debug ids that one event wants: its frames come from a few files, each with an id. Those of the
newest calls of its first stack trace are kept."""

PASSING: Final = frozenset(
    {Verdict.STORAGE_READ_FAILED, Verdict.LIMIT_EXCEEDED, Verdict.PENDING_UPLOAD}
)
"""Verdicts whose cause may go without an upload."""

_AS_GOOD_AS_CAN_BE: Final = frozenset({Verdict.RESOLVED, Verdict.BUILT_IN, Verdict.NO_POSITION})


class EventWants(Struct, frozen=True):
    """`release`: anything that is uploaded for its release and dist. At which address a file would
    have to be is no part of it: that is asked when there is one. `time`: a cause may go by itself.
    """

    debug_ids: tuple[DebugId, ...] = ()
    release: bool = False
    time: bool = False


def may_want(resolution: Resolution) -> bool:
    """Whether any frame could come out better; if not, the event need not be looked at."""
    return any(
        frame.verdict not in _AS_GOOD_AS_CAN_BE
        for trace in resolution.stacktraces
        for frame in trace.frames
    )


def wants_of(event: Event, resolution: Resolution) -> EventWants:
    """Nothing, if all is resolved or nothing connects the event to an upload."""
    images = DebugImages(event.images)
    verdicts = {trace.path: trace.frames for trace in resolution.stacktraces}
    debug_ids: dict[DebugId, None] = {}
    wants_any = wants_time = False
    for trace in event.stacktraces:
        pairs = list(zip(trace.frames, verdicts.get(trace.path, ()), strict=False))
        for frame, resolved in reversed(pairs):
            claimed = images.of(path_of(frame))
            if resolved.verdict in _AS_GOOD_AS_CAN_BE or (
                verdict_without_map(frame, event.platform, has_image=bool(claimed)) is not None
            ):
                continue
            wants_any = True
            wants_time |= resolved.verdict in PASSING
            debug_ids.update(dict.fromkeys(each.debug_id for each in claimed))
    has_release = event.release is not None and event.release != NO_RELEASE
    return EventWants(tuple(debug_ids)[:MAX_WANTED_IDS], wants_any and has_release, wants_time)
