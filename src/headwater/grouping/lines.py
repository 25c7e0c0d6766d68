"""Lines of source as far as they tell one error from another."""

from collections.abc import Sequence
from typing import Final

from headwater.grouping.in_app import JAVASCRIPT
from headwater.grouping.words import encoded
from headwater.protocol.event import Stacktrace
from headwater.symbolicate.resolution import ResolvedFrame
from headwater.symbolicate.verdicts import Verdict

MAX_LINE: Final = 120
"""Characters of a line of source that count; Sentry's number. Longer ones are generated."""


class Lines:
    """The lines of one stack trace's frames."""

    def __init__(self, platform: str, trace: Stacktrace, verdicts: Sequence[ResolvedFrame]) -> None:
        self._platform = platform
        self._trace = trace
        self._verdicts = verdicts

    def at(self, index: int) -> bytes:
        """The part of a hash that is the frame's line; empty if its text is not known."""
        text = self._text(index)
        line = " ".join(text.lstrip()[: 4 * MAX_LINE].split())[:MAX_LINE] if text else ""
        return encoded("line", line) if line else b""

    def _text(self, index: int) -> str | None:
        frame = self._trace.frames[index]
        found = self._verdicts[index] if index < len(self._verdicts) else None
        if found is not None and found.original is not None:
            return found.original.context_line
        # Of a minified frame an SDK sends what is around it in the bundle.
        is_written = found is not None and found.verdict is Verdict.ALREADY_ORIGINAL
        is_script = (frame.platform or self._platform) in JAVASCRIPT
        return frame.context_line if is_written or not is_script else None
