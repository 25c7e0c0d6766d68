"""Debug ids: the name that a minified file and its source map share."""

import re
from typing import Final, NewType

DebugId = NewType("DebugId", str)
"""Lower-case hyphenated UUID, optionally followed by `-` and a hexadecimal appendix."""

UUID_LENGTH: Final = 36
"""Characters of a debug id without its appendix."""

_SPELLING = re.compile(
    r"([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})(?:-?([0-9a-f]{1,8}))?",
)


def parse_debug_id(text: object) -> DebugId | None:
    """Accept any spelling that a client sends; None if it is not a debug id at all.

    The UUID's version is not checked: Turbopack's ids are hashes without one. Braces, blanks and
    shortened ids are refused, as Sentry's own normalisation does.
    """
    if not isinstance(text, str):
        return None
    match = _SPELLING.fullmatch(text.lower())
    if match is None:
        return None
    parts = [part for part in match.groups() if part is not None]
    return DebugId("-".join(parts))
