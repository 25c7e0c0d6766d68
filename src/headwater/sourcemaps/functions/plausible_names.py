"""Whether a function table that a map carries can be that of a source.

swc 1.16 writes the `scopes` of minified code with the minified names, and at places that run out of
the source. Such a table would name most functions wrong, where the source itself names them right.
"""

import re
from typing import Final

from headwater.sourcemaps.functions.function_table import FunctionTable

_WORD: Final = re.compile(r"[^\W\d][\w$]*")
_OURS: Final = re.compile(r"<\w+>")
"""`<anonymous>`, `<static_initializer>`: words for what has no name in the source."""


def is_plausible(table: FunctionTable, text: str) -> bool:
    """All places are in the text, and most of the names' last words are words of it."""
    if len(table) and table.lines[-1] > text.count("\n"):
        return False
    names = (_OURS.sub("", name) for name in set(table.names) if name)
    named = {words[-1] for name in names if (words := _WORD.findall(name))}
    written = {found[0] for found in _WORD.finditer(text) if found[0] in named}
    return 2 * len(written) >= len(named)
