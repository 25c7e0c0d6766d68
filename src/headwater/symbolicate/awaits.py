"""Frames at an `await` that the minifier gave no mapping.

V8 places a frame of an async function at the `await` it is waiting in. Terser, which webpack and
many rollup builds minify with, maps what is awaited but not the `await` before it; so a plain
look-up finds whatever was mapped before, mostly a line too early. And where it has put a function
into the place of its only call, what follows the `await` is that function's own text, from
elsewhere in the sources; the call itself is mapped at its arguments.
"""

import re
from typing import Final

from headwater.symbolicate.answers import Place
from headwater.symbolicate.context import characters_before
from headwater.symbolicate.naming import function_from
from headwater.symbolicate.scripts import Script

_AWAIT: Final = re.compile(r"await(?![\w$])\s*")
LONGEST_GAP: Final = 200
"""Characters read behind the place: an `await` and the blanks after it."""


def awaited(script: Script | None, place: Place) -> Place | None:
    """The place of what is awaited, if an `await` stands at `place` in the minified file."""
    line = script.line(place.line) if script and place.column is not None else None
    if line is None or place.column is None:
        return None
    start = characters_before(line, place.column)
    found = _AWAIT.match(line[start : start + LONGEST_GAP])
    if found is None:
        return None
    column = place.column + found.end()  # `await` and blanks are one UTF-16 unit a character
    function = function_from(script.text, place.line, column) if script else None
    if function is None:
        return Place(place.line, column)
    return Place(*function.called_at) if function.called_at else None
