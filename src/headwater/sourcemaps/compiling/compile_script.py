"""A minified file to a compiled one: its text by lines, and what parsing it tells of awaits."""

import codecs
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from msgspec import Struct

from headwater.sourcemaps.compiled.script_file import AwaitedFunction, write_script
from headwater.sourcemaps.compiled.texts import units
from headwater.sourcemaps.compiling.generated_functions import MAX_MINIFIED, MINIFIED
from headwater.sourcemaps.functions.scopes import read_scopes

MAX_REFERENCE: Final = 8 * 1024
"""Bytes of a map's address that are kept. Only that of an inline map is longer, which is the map
itself: it is known by its beginning."""
PIECE: Final = 256 * 1024
"""Bytes of the text decoded at a time."""

_MAP: Final = re.compile(rb"//[#@][ \t]?sourceMappingURL=[ \t]*(\S{1,%d})" % MAX_REFERENCE)
_DEBUG_ID: Final = re.compile(rb"//[#@][ \t]?debugId=[ \t]*([0-9A-Fa-f-]{32,45})")
_AWAIT: Final = re.compile(r"\bawait(?![\w$])\s*")
_ANY_AWAIT: Final = re.compile(rb"await")


class ScriptSummary(Struct, frozen=True):
    """What was written. `size` in bytes."""

    size: int
    source_mapping_url: str | None
    """Of an inline map only the beginning."""
    debug_id: str | None


def compile_script(
    content: bytes | memoryview,
    write: Callable[[bytes], object],
    key: str,
    *,
    parses: bool = True,
) -> ScriptSummary:
    """Append a file of kind SCRIPT by `write`; `key` is its name. Any exception of `write`.

    Without `parses` awaited functions are not told from other things that are awaited: for a file
    that takes the parser down.
    """
    view = memoryview(content)
    url, debug_id = _last(_MAP, view), _last(_DEBUG_ID, view)
    awaited = _awaited_functions(view) if parses else ()
    size = write_script(write, key, _pieces(view), awaited, (url, debug_id))
    return ScriptSummary(size, url, debug_id)


def _last(comment: re.Pattern[bytes], view: memoryview) -> str | None:
    """The last, because bundlers copy in libraries that still carry their own."""
    value = None
    for found in comment.finditer(view):
        value = found[1]
    return None if value is None else value.decode("utf-8", "replace")


def _pieces(view: memoryview) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for start in range(0, len(view), PIECE):
        yield decoder.decode(view[start : start + PIECE], final=start + PIECE >= len(view))


def _awaited_functions(view: memoryview) -> Sequence[AwaitedFunction]:
    if len(view) > 4 * MAX_MINIFIED or _ANY_AWAIT.search(view) is None:
        return ()
    text = "".join(_pieces(view))
    return awaited_functions(text) if len(text) <= MAX_MINIFIED else ()


def awaited_functions(text: str) -> Sequence[AwaitedFunction]:
    """The functions that stand behind an `await`, in brackets or not, by what they begin with."""
    scopes = read_scopes(text, MINIFIED)
    awaited: list[AwaitedFunction] = []
    for line, column in _behind_awaits(text):
        function = scopes.enclosing(line, column + 1)
        if function is not None and function.start in ((line, column), (line, column + 1)):
            awaited.append(AwaitedFunction((line, column), function.called_at))
    return awaited


def _behind_awaits(text: str) -> Iterator[tuple[int, int]]:
    for number, line in enumerate(text.split("\n")):
        column = place = 0
        for found in _AWAIT.finditer(line):
            column += units(line[place : found.end()])
            place = found.end()
            yield number, column
