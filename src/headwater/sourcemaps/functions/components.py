"""What of a Vue or Svelte component is a program, and what its compiler makes functions of.

Everything that is no JavaScript becomes blanks, so that lines and columns stay: markup, styles, and
tags. Expressions of the template stay, each in brackets: `:order="(a, b) => a - b"` reads
`;order=((a, b) => a - b)`, so that functions in them are found, and named as properties are.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

MAX_HEAD: Final = 1000
"""Characters of a tag, from `<script` on, in which its end is looked for."""

VUE: Final = "vue"
SVELTE: Final = "svelte"
COMPONENTS: Final = (VUE, SVELTE, "html")
"""Files whose scripts stand between tags, by their extensions."""

_BLOCK: Final = re.compile(r"<(script|style)\b", re.IGNORECASE)
_HEAD: Final = re.compile(r"(?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+>")
_LANGUAGE: Final = re.compile(r"\blang=[\"']?(tsx?|jsx)\b|\btype=[\"']text/(typescript)")
_SETUP: Final = re.compile(r"\ssetup\b")
_OF_MODULE: Final = re.compile(r"\smodule\b|\bcontext=[\"']module")
_EXTENSIONS: Final = {"typescript": "ts"}
_NOT_A_LINE_BREAK: Final = re.compile(r"[^\n]")
_TWO_UNITS: Final = re.compile("[\U00010000-\U0010ffff]")
_VUE: Final = re.compile(
    r"\s(?P<mark>[:@.]|v-[a-z]+:?)(?P<name>[\w$.:\[\]-]*)=(?P<value>\"[^\"]*\"|'[^']*')|\{\{"
)
_FOR: Final = re.compile(r"^.\s*(?:\([^()]*\)|[^()\s]+)\s+(?:in|of)\s")
_FUNCTION: Final = re.compile(
    r"\s*(?:async\s*)?(?:\([^()]*\)[^=(]{0,100}=>|[\w$]+\s*=>|function\b)"
)
_PLAIN: Final = re.compile(r"[A-Za-z_$][\w$]*\Z")
_OPENING: Final = re.compile(
    r"\{\s*(?:#(?:if|each|key|await)|:else\s+if|@(?:html|render|const|attach)|\.\.\.)?"
)
_NO_EXPRESSION: Final = re.compile(r"\{\s*(?:/(?!\*|/)|:(?!else\s+if)|@debug)")
_SNIPPET: Final = re.compile(r"\{\s*#snippet\s+([\w$]+)")
_EACH: Final = re.compile(r"\s(?:as|then|catch)\s")
_IN_BRACES: Final = re.compile(
    r"\"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\\\n]|\\.)*+'|`(?:[^`\\]|\\.)*+`|[{}]"
)
_ATTRIBUTE: Final = re.compile(r"[\s]([A-Za-z_$][\w$]{0,100})=\Z")


class Made(Struct, frozen=True):
    """A function that the component's compiler makes; lines and columns from 0, in UTF-16 units."""

    start: tuple[int, int]
    end: tuple[int, int]
    name: str
    is_inner: bool = False
    """Stands for a function that is written at just this place."""


class _Points:
    """Lines and columns of a text's offsets, from 0, in UTF-16 units."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def of(self, offset: int) -> tuple[int, int]:
        """Line and column."""
        line = bisect_right(self._starts, offset) - 1
        before = self._text[self._starts[line] : offset]
        units = (
            len(before)
            if before.isascii()
            else len(before.encode("utf-16-le", "surrogatepass")) // 2
        )
        return line, units


class Component:
    """The script that a component comes to, with its lines and columns, and its language."""

    def __init__(self, text: str) -> None:
        self.text = ""
        self.extension = "js"
        self.made: list[Made] = []
        self._points = _Points(text)

    def make(self, start: int, end: int, name: str, *, is_inner: bool = False) -> None:
        """A function from one offset of the component to another."""
        if start < end:
            self.made.append(Made(self._points.of(start), self._points.of(end), name, is_inner))


class _Element(Struct, frozen=True):
    start: int
    body: int
    end: int
    after: int
    is_script: bool
    head: str


def read_component(text: str, extension: str, name: str) -> Component:
    """`name`: what the component is called, by its file."""
    elements = list(_elements(text))
    component = Component(text)
    canvas = _Canvas(text)
    for each in elements:
        language = _LANGUAGE.search(each.head) if each.is_script else None
        if language is not None:
            component.extension = _EXTENSIONS.get(language[2], language[1] or "ts")
        if each.is_script:
            canvas.keep(each.body, each.end)
    if extension == VUE:
        _read_vue(text, elements, component, canvas)
    elif extension == SVELTE:
        _read_svelte(text, elements, component, canvas, name)
    component.text = canvas.drawn()
    return component


def _elements(text: str) -> Iterator[_Element]:
    """Scripts and styles, in order; one that nothing ends is none, and what is inside is none."""
    place = 0
    lower = text.lower() if len(text.lower()) == len(text) else text
    while found := _BLOCK.search(text, place):
        head = _HEAD.match(text, found.end(), found.end() + MAX_HEAD)
        if head is None:
            place = found.end()
            continue
        tag = found[1].lower()
        end = lower.find(f"</{tag}", head.end())
        if end < 0:
            return
        after = text.find(">", end)
        place = len(text) if after < 0 else after + 1
        yield _Element(found.start(), head.end(), end, place, tag == "script", head[0])


class _Canvas:
    """Blanks with some of the text on them."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._kept: list[tuple[int, int, str]] = []

    def keep(self, start: int, end: int) -> None:
        """That part as it is."""
        self._kept.append((start, end, self._text[start:end]))

    def put(self, place: int, character: str) -> None:
        """A character in the place of another, but not of a line's end."""
        if self._text[place] != "\n":
            self._kept.append(
                (place, place + 1, character + " " * (_blank(self._text[place]).count(" ") - 1))
            )

    def drawn(self) -> str:
        """All of it; where parts overlap the later one ends before."""
        pieces, place = [], 0
        for start, end, kept in sorted(self._kept, key=lambda each: each[0]):
            if start < place:
                continue
            pieces += [_blank(self._text[place:start]), kept]
            place = end
        pieces.append(_blank(self._text[place:]))
        return "".join(pieces)


def _blank(text: str) -> str:
    return _NOT_A_LINE_BREAK.sub(" ", _TWO_UNITS.sub("  ", text))


def _between(text: str, elements: list[_Element]) -> Iterator[tuple[int, int]]:
    """What is no script and no style."""
    place = 0
    for each in elements:
        yield place, each.start
        place = each.after
    yield place, len(text)


def _read_vue(text: str, elements: list[_Element], into: Component, canvas: _Canvas) -> None:
    """Vue's compiler makes `setup` of `<script setup>`, and of the template what it calls `render`.

    A handler of an event is a function, written as one or not: `onClick` for `@click`.
    """
    for each in elements:
        if each.is_script and _SETUP.search(each.head):
            into.make(each.body, each.end, "setup")
    for start, end in _between(text, elements):
        first = text.find("<template", start, end)
        if first < 0:
            continue
        last = text.rfind("</template", first, end)
        into.make(first, last if last >= 0 else end, "render")
        _read_vue_template(text, first, last if last >= 0 else end, into, canvas)


def _read_vue_template(text: str, place: int, end: int, into: Component, canvas: _Canvas) -> None:
    while found := _VUE.search(text, place, end):
        place = found.end()
        if found["mark"] is not None:
            _read_vue_attribute(found, into, canvas)
            continue
        closing = text.find("}}", place, end)
        if closing < 0:
            return
        canvas.put(place - 2, ";")
        canvas.put(place - 1, "(")
        canvas.keep(place, closing)
        canvas.put(closing, ")")
        canvas.put(closing + 1, ";")
        place = closing + 2


def _read_vue_attribute(found: re.Match[str], into: Component, canvas: _Canvas) -> None:
    mark, name = found["mark"], found["name"]
    start, end = found.start("value") + 1, found.end("value") - 1
    if mark.startswith("v-slot"):
        return
    handles = mark in ("@", "v-on:")
    is_function = _FUNCTION.match(found.string, start, end) is not None
    if handles and found.string[start:end].strip():
        event = name.partition(".")[0].split("-")
        called = "on" + "".join(part[:1].upper() + part[1:] for part in event)
        into.make(*_stripped(found.string, start, end), called, is_inner=is_function)
    canvas.put(found.start("mark"), ";")
    if not handles and _PLAIN.match(name) and mark in (":", "v-bind:"):
        canvas.keep(found.start("name"), start - 1)
    looped = _FOR.match(found.string[start - 1 : end]) if mark == "v-for" else None
    first = start - 1 + looped.end() if looped else start
    canvas.put(first - 1, "{" if handles and not is_function else "(")
    canvas.keep(first, end)
    canvas.put(end, "}" if handles and not is_function else ")")


def _read_svelte(
    text: str, elements: list[_Element], into: Component, canvas: _Canvas, name: str
) -> None:
    """Svelte's compiler makes one function of all of it but the module's script, called as the file
    is, and one of each snippet."""
    place = 0
    for each in elements:
        if each.is_script and _OF_MODULE.search(each.head):
            into.make(place, each.start, name)
            place = each.after
    into.make(place, len(text), name)
    for start, end in _between(text, elements):
        _read_svelte_template(text, start, end, into, canvas)


def _read_svelte_template(
    text: str, place: int, end: int, into: Component, canvas: _Canvas
) -> None:
    while (start := text.find("{", place, end)) >= 0:
        closing = _closing_brace(text, start, end)
        if closing is None:
            return
        place = closing + 1
        snippet = _SNIPPET.match(text, start, end)
        if snippet is not None:
            last = text.find("{/snippet", closing, end)
            into.make(start, last if last >= 0 else end, snippet[1])
        elif _NO_EXPRESSION.match(text, start, end) is None:
            _read_svelte_expression(text, start, closing, canvas)


def _closing_brace(text: str, place: int, end: int) -> int | None:
    """Strings and templates are skipped."""
    depth = 0
    for found in _IN_BRACES.finditer(text, place, end):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth == 0:
            return found.start()
    return None


def _read_svelte_expression(text: str, start: int, closing: int, canvas: _Canvas) -> None:
    opening = _OPENING.match(text, start, closing)
    first = opening.end() if opening is not None else start + 1
    behind = _EACH.search(text, first, closing) if "#" in text[start:first] else None
    attribute = _ATTRIBUTE.search(text, max(0, start - MAX_HEAD // 10), start)
    if attribute is not None:
        canvas.put(attribute.start(), ";")
        canvas.keep(attribute.start(1), start)
    elif start:
        canvas.put(start - 1, ";")
    canvas.put(first - 1, "(")
    canvas.keep(first, closing if behind is None else behind.start())
    canvas.put(closing, ")")


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    written = text[start:end]
    return start + len(written) - len(written.lstrip()), end - len(written) + len(written.rstrip())
