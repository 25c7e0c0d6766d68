"""What a frame's function is called where no source tells it, and how we know."""

import re
from typing import Final

from headwater.sourcemaps.functions.function import ANONYMOUS
from headwater.sourcemaps.map_functions import FunctionName

_ALIAS: Final = re.compile(r" \[as (.+)\]$")
_MEANINGLESS: Final = frozenset(
    {"", "?", ANONYMOUS, "<unknown>", "eval", "__webpack_require__", "__webpack_modules__"}
)


def name_at_call_site(called: str | None) -> FunctionName | None:
    """By the name that the map has where the function was called."""
    if called is None or called in _MEANINGLESS:
        return None
    return FunctionName(called, "call site")


def raw_name(function: str | None) -> FunctionName:
    """By the SDK's own word; `Module.k [as generateMetadata]` tells the name that was exported."""
    name = (function or "").removeprefix("async ").strip()
    alias = _ALIAS.search(name)
    if alias is not None:
        name = alias[1]
    last = name.rsplit(".", 1)[-1]
    return FunctionName(None if last in _MEANINGLESS else name, "raw")
