"""Which function encloses a place of a minified file, under the name that it has in the sources.

For maps that hold no text of a source: the minified file's own functions, their names translated
by the map where it maps the names' tokens.
"""

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from headwater.sourcemaps.compiled.read import CompiledMap
from headwater.sourcemaps.functions.function import ANONYMOUS, Function
from headwater.sourcemaps.functions.function_names import Part
from headwater.sourcemaps.functions.function_table import (
    FunctionTable,
    changes_of,
    table_of_changes,
)
from headwater.sourcemaps.functions.scopes import read_scopes
from headwater.sourcemaps.map_functions import CALL_SITE, MINIFIED_SCOPE, FunctionName, Functions

MAX_MINIFIED: Final = 3 * 1024**2
"""Characters of a minified file that is parsed for its functions: half a second of work."""
UNKNOWN: Final = ""
"""Instead of the name of a function whose own the map does not have."""
MINIFIED: Final = "minified.js"
"""A name that asks for the grammar of what browsers run."""

NameAt = Callable[[int, int], str | None]
"""The name that a map has for the token that begins at a generated line and column."""


class GeneratedFunctions(Struct, frozen=True):
    """Tables over places of the minified file."""

    scopes: FunctionTable
    """The enclosing function by its own name, UNKNOWN where the map lacks it."""
    calls: FunctionTable
    """Where the enclosing function has no name and is called where it stands: minifiers put a
    function that is used once into the place of its use, and the map has the name called there."""


def generated_functions(script: str, name_at: NameAt) -> GeneratedFunctions | None:
    """None over MAX_MINIFIED and where the file can't be parsed."""
    if len(script) > MAX_MINIFIED:
        return None
    scopes = read_scopes(script, MINIFIED)
    if not scopes.parsed:
        return None
    named = [
        (each.start, each.end, _own_name(each, name_at), _name_of_call(each, name_at))
        for each in scopes.functions
    ]
    return GeneratedFunctions(
        table_of_changes(changes_of((start, end, own) for start, end, own, _ in named)),
        table_of_changes(changes_of((start, end, call or "") for start, end, _, call in named)),
    )


def named_at(scopes: Functions, calls: Functions, line: int, column: int) -> FunctionName | None:
    """By tables as those of GeneratedFunctions; None where the map does not have the name."""
    place = [(line, column)]
    (called,) = calls.of(place)
    if called:
        return FunctionName(called, CALL_SITE)
    (name,) = scopes.of(place)
    return None if name == UNKNOWN else FunctionName(name, MINIFIED_SCOPE)


def name_of_token(compiled: CompiledMap, line: int, column: int) -> str | None:
    """The name of the mapping that begins at the very place; for `generated_functions`."""
    found = compiled.lookup(line, column)
    exact = found is not None and (found.line, found.column) == (line, column)
    return compiled.name(found) if found is not None and exact else None


def _own_name(function: Function, name_at: NameAt) -> str:
    if not function.parts:
        return ANONYMOUS
    names = [_translated(part, name_at) for part in function.parts]
    if names[-1] is None:
        return UNKNOWN
    return ".".join(name for name in names if name is not None)


def _name_of_call(function: Function, name_at: NameAt) -> str | None:
    if function.parts or function.called_at is None:
        return None
    return name_at(*function.called_at)


def _translated(part: Part, name_at: NameAt) -> str | None:
    """The original of one part of a name; properties keep theirs unless the map says otherwise."""
    name = None
    if part.line is not None and part.column is not None:
        name = name_at(part.line, part.column)
    if name is None:
        name = None if part.is_variable else part.text
    return None if name is None else part.before + name
