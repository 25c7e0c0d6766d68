"""What a frame's function is called, and how we know."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from headwater.sourcemaps.function_names import Part
from headwater.sourcemaps.scopes import ANONYMOUS, Function, Scopes, read_scopes
from headwater.sourcemaps.sourcemap import Mapping, SourceMap

MAX_MINIFIED: Final = 3 * 1024**2
"""Characters of a minified file that is parsed for its functions: half a second of work."""
_PARSED_KEPT: Final = 4
"""Parsed minified files that are kept, each with its text."""

_ALIAS: Final = re.compile(r" \[as (.+)\]$")
_MEANINGLESS: Final = frozenset(
    {"", "?", ANONYMOUS, "<unknown>", "eval", "__webpack_require__", "__webpack_modules__"}
)


@dataclass(frozen=True, slots=True)
class Named:
    """A function's name; None at the top level of a file."""

    name: str | None
    by: str
    """`original source`, `minified scope`, `call site` or `raw`."""


def name_in_original(source_map: SourceMap, mapping: Mapping) -> Named | None:
    """By the innermost function around the place in the source; None if it can't be parsed."""
    if mapping.source is None:
        return None
    scopes = source_map.scopes(mapping.source)
    if not scopes.parsed:
        return None
    function = scopes.enclosing(mapping.source_line, mapping.source_column)
    return Named(None if function is None else function.name, "original source")


def name_in_minified(source_map: SourceMap, script: str, line: int, column: int) -> Named | None:
    """By the innermost function around the place in the minified file, its name translated.

    None where its name isn't in the map's `names`.
    """
    if len(script) > MAX_MINIFIED:
        return None
    scopes = _scopes_of_minified(script)
    if not scopes.parsed:
        return None
    function = scopes.enclosing(line, column)
    if function is None:
        return Named(None, "minified scope")
    if not function.parts:
        return _name_of_unnamed(source_map, function)
    names = [_translated(source_map, part) for part in function.parts]
    if names[-1] is None:
        return None
    return Named(".".join(name for name in names if name is not None), "minified scope")


def function_from(script: str, line: int, column: int) -> Function | None:
    """The function of a minified file that begins at a place, in brackets or not."""
    if len(script) > MAX_MINIFIED:
        return None
    function = _scopes_of_minified(script).enclosing(line, column + 1)
    begins = ((line, column), (line, column + 1))
    return function if function is not None and function.start in begins else None


def _name_of_unnamed(source_map: SourceMap, function: Function) -> Named:
    """Minifiers put a function that is used once into the place of its use: where that is a call,
    the map has the name that was called there."""
    if function.called_at is not None:
        line, column = function.called_at
        found = source_map.lookup(line, column)
        if found is not None and found.column == column and found.name is not None:
            return Named(found.name, "call site")
    return Named(ANONYMOUS, "minified scope")


def name_at_call_site(caller: Mapping | None) -> Named | None:
    """By the name that the map has where the function was called."""
    if caller is None or caller.name is None or caller.name in _MEANINGLESS:
        return None
    return Named(caller.name, "call site")


def raw_name(function: str | None) -> Named:
    """By the SDK's own word; `Module.k [as generateMetadata]` tells the name that was exported."""
    name = (function or "").removeprefix("async ").strip()
    alias = _ALIAS.search(name)
    if alias is not None:
        name = alias[1]
    last = name.rsplit(".", 1)[-1]
    return Named(None if last in _MEANINGLESS else name, "raw")


def _translated(source_map: SourceMap, part: Part) -> str | None:
    """The original of one part of a name; properties keep theirs unless the map says otherwise."""
    name = None
    if part.line is not None and part.column is not None:
        found = source_map.lookup(part.line, part.column)
        name = found.name if found is not None and found.column == part.column else None
    if name is None:
        name = None if part.is_variable else part.text
    return None if name is None else part.before + name


@lru_cache(maxsize=_PARSED_KEPT)
def _scopes_of_minified(script: str) -> Scopes:
    return read_scopes(script, "minified.js")
