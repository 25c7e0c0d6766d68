"""Which grammar reads a source, chosen by its name."""

import re
from dataclasses import dataclass
from typing import Final

import tree_sitter_javascript
import tree_sitter_typescript
from tree_sitter import Language

MAX_SOURCE: Final = 12 * 1024**2
"""UTF-16 units of a source that are parsed, at 5 to 10 million a second. TypeScript's own
compiler, the largest single source seen, has 9 million."""
MAX_OPEN_ANGLES: Final = 2000
"""How far `<` may run ahead of `>` in a TypeScript source: the parser keeps every reading of
`f<a,f<a,…` alive at once, and memory grows with the square of their number."""

_SCRIPT: Final = re.compile(
    r"<script(?P<attributes>(?:\s[^>]{0,1000})?)>(?P<body>.*?)</script\s*>",
    re.DOTALL | re.IGNORECASE,
)
_NOT_A_LINE_BREAK: Final = re.compile(r"[^\n]")
_QUERY: Final = re.compile(r"[?#].*", re.DOTALL)
_EXTENSION: Final = re.compile(r"\.([A-Za-z0-9]{1,10})$")
_LANG: Final = re.compile(r"[&?]lang[.=](\w+)")


@dataclass(frozen=True, slots=True)
class Grammar:
    """A tree-sitter grammar."""

    name: str
    language: Language


JAVASCRIPT: Final = Grammar("javascript", Language(tree_sitter_javascript.language()))
TYPESCRIPT: Final = Grammar("typescript", Language(tree_sitter_typescript.language_typescript()))
TSX: Final = Grammar("tsx", Language(tree_sitter_typescript.language_tsx()))

_OF_EXTENSION: Final = {
    **dict.fromkeys(("js", "jsx", "mjs", "cjs", "es6", "es"), JAVASCRIPT),
    **dict.fromkeys(("ts", "mts", "cts"), TYPESCRIPT),
    "tsx": TSX,
}
_COMPONENTS: Final = ("vue", "svelte", "html")
"""Files whose scripts stand between tags."""


@dataclass(frozen=True, slots=True)
class Parsable:
    """Text with the grammars to try, best first. Line and column of everything are the source's."""

    text: str
    grammars: tuple[Grammar, ...]


def reading_of(filename: str) -> str:
    """What of a source's name decides how it is read: texts alike in this are parsed alike."""
    asked_for = _LANG.search(filename)
    found = _EXTENSION.search(_QUERY.sub("", filename))
    return f"{found[1].lower() if found else ''}?{asked_for[1] if asked_for else ''}"


def parsable(text: str, filename: str) -> Parsable | None:
    """What of a source can be parsed, or None: another language, or over a limit."""
    if len(text) > MAX_SOURCE:
        return None
    asked_for = _LANG.search(filename)
    found = _EXTENSION.search(_QUERY.sub("", filename))
    extension = found[1].lower() if found else ""
    if extension in _COMPONENTS and "<script" in text:
        text, extension = _scripts(text)
    elif asked_for is not None or extension in _COMPONENTS:
        extension = asked_for[1] if asked_for is not None else "ts"
    grammars = _grammars(extension, text)
    return Parsable(text, grammars) if grammars else None


def _grammars(extension: str, text: str) -> tuple[Grammar, ...]:
    """Flow's annotations are close to TypeScript's and live in files named `.js`, so that those
    are read once more as TypeScript if they are no JavaScript."""
    if extension and extension not in _OF_EXTENSION:
        return ()
    first = _OF_EXTENSION.get(extension, JAVASCRIPT)
    wanted = (first, TSX) if first is JAVASCRIPT else (first,)
    if _angles_run_ahead(text):
        return tuple(grammar for grammar in wanted if grammar is JAVASCRIPT)
    return wanted


def _scripts(text: str) -> tuple[str, str]:
    """Only the scripts of a component, everything else blanked, and their language."""
    kept, place, extension = [], 0, "js"
    for script in _SCRIPT.finditer(text):
        start, end = script.span("body")
        kept += [_NOT_A_LINE_BREAK.sub(" ", text[place:start]), text[start:end]]
        place = end
        if "ts" in script["attributes"]:
            extension = "ts"
        if "tsx" in script["attributes"]:
            extension = "tsx"
    kept.append(_NOT_A_LINE_BREAK.sub(" ", text[place:]))
    return "".join(kept), extension


def _angles_run_ahead(text: str) -> bool:
    if text.count("<") <= MAX_OPEN_ANGLES:
        return False
    ahead = 0
    for angle in re.finditer("[<>]", text):
        ahead = max(0, ahead + (1 if angle[0] == "<" else -1))
        if ahead > MAX_OPEN_ANGLES:
            return True
    return False
