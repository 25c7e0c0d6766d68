"""What is said of an event whose maps were not asked."""

from headwater.protocol.event import Event, Frame
from headwater.symbolicate.eligibility import (
    is_as_written,
    path_of,
    settled,
    verdict_without_map,
)
from headwater.symbolicate.images import DebugImages
from headwater.symbolicate.resolution import (
    RESOLUTION_VERSION,
    Evidence,
    Resolution,
    ResolvedFrame,
    ResolvedStacktrace,
)
from headwater.symbolicate.third_party import is_script_error
from headwater.symbolicate.verdicts import Verdict


def wants_maps(event: Event) -> bool:
    """Whether any frame wants a source map."""
    images = DebugImages(event.images)
    return any(
        verdict_without_map(frame, event.platform, has_image=bool(images.of(path_of(frame))))
        is None
        for trace in event.stacktraces
        for frame in trace.frames
    )


def unresolved(event: Event, sentence: str) -> Resolution:
    """Each frame that wants a map is over a limit, which `sentence` names; others are as ever."""
    images = DebugImages(event.images)
    is_hidden = is_script_error(event)

    def answered(frame: Frame) -> ResolvedFrame:
        claimed = images.of(path_of(frame))
        verdict = verdict_without_map(
            frame, event.platform, has_image=bool(claimed), is_hidden=is_hidden
        )
        if verdict is None and not claimed and is_as_written(frame):
            verdict = Verdict.ALREADY_ORIGINAL
        if verdict is not None:
            return settled(frame, verdict)
        evidence = Evidence(
            code_file=claimed[0].code_file if claimed else None,
            debug_id=claimed[0].debug_id if claimed else None,
            detail=sentence,
        )
        return ResolvedFrame(Verdict.LIMIT_EXCEEDED, None, evidence, frame.in_app)

    traces = (
        ResolvedStacktrace(trace.path, tuple(map(answered, trace.frames)))
        for trace in event.stacktraces
    )
    return Resolution(RESOLUTION_VERSION, tuple(traces))
