"""Which grammar reads a source, chosen by its name."""

import re
from typing import Final

import tree_sitter_javascript
import tree_sitter_typescript
from msgspec import Struct
from tree_sitter import Language

from headwater.sourcemaps.functions.components import COMPONENTS, SVELTE, Made, read_component

MAX_SOURCE: Final = 12 * 1024**2
"""Characters of a source that are parsed, at 5 to 10 million a second. TypeScript's own
compiler, the largest single source seen, has 9 million."""
MAX_OPEN_ANGLES: Final = 1200
"""How far `<` may run ahead of `>` in a TypeScript source: the parser keeps every reading of
`f<a,f<a,…` alive at once, and memory grows with the square of their number: 60 MB for these."""

MAX_NOTICE: Final = 2000
"""Characters at the top of a source in which its `@flow` is looked for, behind its licence."""

_QUERY: Final = re.compile(r"[?#].*", re.DOTALL)
_EXTENSION: Final = re.compile(r"[A-Za-z0-9]{1,10}")
_FLOW: Final = re.compile(
    r"([:<(,|&][ ]?)\?(?=[\w({$\[])|(\{)\|(?!\|)|()(?<!\|)\|(?=\})|([{,\n][ ]*)[+-](?=[A-Za-z_$\[][\w$]*\??:)"
    r"|([<,] ?)[+-](?=[A-Z]\w*[,>:=])|(:[ ]*boolean )%checks|(\n)(?:export )?opaque(?= type )"
)
"""What of Flow's types is not TypeScript's: `?T`, `{| |}`, `+name:`, `%checks`, `opaque type`."""
_NOT_IN_NAMES: Final = re.compile(r"[^\w$]")
_LANG: Final = re.compile(r"[&?]lang[.=](\w+)")


class Grammar(Struct, frozen=True):
    """A tree-sitter grammar."""

    name: str
    language: Language


JAVASCRIPT: Final = Grammar("javascript", Language(tree_sitter_javascript.language()))
TYPESCRIPT: Final = Grammar("typescript", Language(tree_sitter_typescript.language_typescript()))
TSX: Final = Grammar("tsx", Language(tree_sitter_typescript.language_tsx()))

_OF_EXTENSION: Final = {
    **dict.fromkeys(("js", "jsx", "mjs", "cjs", "es6", "es", "flow"), JAVASCRIPT),
    **dict.fromkeys(("ts", "mts", "cts"), TYPESCRIPT),
    "tsx": TSX,
}


class Parsable(Struct, frozen=True):
    """Text with the grammars to try, best first. Line and column of everything are the source's."""

    text: str
    grammars: tuple[Grammar, ...]
    made: tuple[Made, ...] = ()
    """Functions that a component's compiler makes."""


def reading_of(filename: str) -> str:
    """What of a source's name decides how it is read: texts alike in this are parsed alike."""
    asked_for = _asked_for(filename)
    extension = _extension(filename)
    called = _component_name(filename) if extension == SVELTE else ""
    return f"{called}.{extension}?{asked_for or ''}"


def parsable(text: str, filename: str) -> Parsable | None:
    """What of a source can be parsed, or None: another language, or over a limit."""
    if len(text) > MAX_SOURCE:
        return None
    asked_for = _asked_for(filename)
    extension = _extension(filename)
    made: tuple[Made, ...] = ()
    if extension in COMPONENTS and ("<script" in text or text.lstrip().startswith("<")):
        component = read_component(text, extension, _component_name(filename))
        text, extension, made = component.text, component.extension, tuple(component.made)
    elif asked_for is not None or extension in COMPONENTS:
        extension = asked_for or "ts"
    elif _OF_EXTENSION.get(extension) is JAVASCRIPT and "@flow" in text[:MAX_NOTICE]:
        text, extension = _FLOW.sub(_blanked, text), "flow"
    grammars = _grammars(extension, text)
    return Parsable(text, grammars, made) if grammars else None


def _blanked(found: re.Match[str]) -> str:
    kept = found[found.lastindex or 0]
    return kept + " " * (found.end() - found.start() - len(kept))


def _asked_for(filename: str) -> str | None:
    """The language that a part of a component is called with: `Cart.vue?type=script&lang.ts`."""
    if "lang" not in filename:
        return None
    found = _LANG.search(filename)
    return found[1] if found else None


def _extension(filename: str) -> str:
    _, dot, behind = _path(filename).rpartition(".")
    return behind.lower() if dot and _EXTENSION.fullmatch(behind) else ""


def _path(filename: str) -> str:
    """Without a query or fragment."""
    return _QUERY.sub("", filename) if "?" in filename or "#" in filename else filename


def _component_name(filename: str) -> str:
    """As Svelte calls what it makes of a file: `Order_row` for `order-row.svelte`."""
    parts = _path(filename).rsplit("/", 2)
    stem = parts[-1].partition(".")[0]
    if stem == "index" and len(parts) > 1:
        stem = parts[-2]
    name = _NOT_IN_NAMES.sub("_", stem)
    return name[:1].upper() + name[1:]


def _grammars(extension: str, text: str) -> tuple[Grammar, ...]:
    """Flow's annotations are close to TypeScript's and live in files named `.js`, so that those
    are read once more as TypeScript if they are no JavaScript."""
    if extension and extension not in _OF_EXTENSION:
        return ()
    first = _OF_EXTENSION.get(extension, JAVASCRIPT)
    wanted = (first, TSX) if first is JAVASCRIPT else (first,)
    if extension == "flow":
        wanted = (TSX, JAVASCRIPT)
    if _angles_run_ahead(text):
        return tuple(grammar for grammar in wanted if grammar is JAVASCRIPT)
    return wanted


def _angles_run_ahead(text: str) -> bool:
    if text.count("<") <= MAX_OPEN_ANGLES:
        return False
    ahead = 0
    for angle in re.finditer("[<>]", text):
        ahead = max(0, ahead + (1 if angle[0] == "<" else -1))
        if ahead > MAX_OPEN_ANGLES:
            return True
    return False
