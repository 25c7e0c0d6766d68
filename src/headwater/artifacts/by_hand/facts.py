"""What files say of themselves, read while they pass: debug ids, and which map a script names."""

import re
from typing import Final

from headwater.artifacts.facts.of_script import SNIPPET
from headwater.protocol.debug_id import DebugId, parse_debug_id

OVERLAP: Final = 4_096
"""Bytes of the piece before that are looked at again: no comment is longer."""

_COMMENT: Final = re.compile(rb"//[#@][ \t]?debugId=[ \t]*([0-9A-Fa-f-]{32,45})")
_REFERENCE: Final = re.compile(rb"//[#@][ \t]?sourceMappingURL=[ \t]*([^\s'\"`]{1,2000})")
_MAPS_ID: Final = re.compile(rb'"debug_?[iI]d"\s{0,99}:\s{0,99}"([0-9A-Fa-f-]{32,45})"')
"""Within a string of the JSON the quotes would be escaped."""


class Facts:
    """Of one file; fed piece by piece."""

    def __init__(self, *, is_map: bool) -> None:
        self._is_map = is_map
        self._before = b""
        self._debug_id: bytes | None = None
        self._snippets_id: bytes | None = None
        self._reference: bytes | None = None

    def feed(self, piece: bytes) -> None:
        """More of it."""
        text = self._before + piece
        self._debug_id = _last(_MAPS_ID if self._is_map else _COMMENT, text) or self._debug_id
        if not self._is_map:
            self._snippets_id = _last(SNIPPET, text) or self._snippets_id
            self._reference = _last(_REFERENCE, text) or self._reference
        self._before = text[-OVERLAP:]

    @property
    def debug_id(self) -> DebugId | None:
        """The last one, as tools put theirs at the end. A script without such a comment says it where the
        SDK reads it: plugins leave only these lines in the files that are deployed."""
        found = self._debug_id or self._snippets_id
        return parse_debug_id(found.decode()) if found else None

    @property
    def reference(self) -> str | None:
        """The last map that a script names; None also for one inside of it."""
        reference = (self._reference or b"").decode("utf-8", "replace")
        return None if not reference or reference[:5].lower() == "data:" else reference


def _last(pattern: re.Pattern[bytes], text: bytes) -> bytes | None:
    found = None
    for match in pattern.finditer(text):
        found = match[1]
    return found
