"""An event's stack traces, each told once."""

from collections.abc import Sequence

from headwater.grouping.telling import Telling, telling
from headwater.grouping.versions import Version
from headwater.protocol.event import Event, Stacktrace
from headwater.symbolicate.resolution import Resolution, ResolvedFrame


class Traces:
    """What an event's stack traces tell; and of those asked for, how good it is."""

    def __init__(self, event: Event, resolution: Resolution, version: Version) -> None:
        self.version = version
        self.resolution = resolution
        self._platform = event.platform
        self._verdicts = {trace.path: trace.frames for trace in resolution.stacktraces}
        self._told: dict[tuple[str | int, ...], Telling] = {}

    def resolved(self, trace: Stacktrace) -> Sequence[ResolvedFrame]:
        """What became of one stack trace's frames."""
        return self._verdicts.get(trace.path, ())

    def telling(self, trace: Stacktrace, *, is_overflow: bool = False) -> Telling:
        """What one stack trace tells at every level."""
        found = self._told.get(trace.path)
        if found is None:
            verdicts = self._verdicts.get(trace.path, ())
            found = telling(self._platform, trace, verdicts, is_overflow=is_overflow)
            self._told[trace.path] = found
        return found

    @property
    def are_final(self) -> bool:
        """Whether what was told does not rest on minified frames alone."""
        every = self._told.values()
        return any(each.has_resolved for each in every) or not any(
            each.has_minified for each in every
        )
