"""One frame as a card: where it is, what it shows, what became of it."""

import re
from typing import Final

from msgspec import Struct

from headwater.protocol.circumstances import Section
from headwater.protocol.event import Frame
from headwater.server.web.event.verdict import Mark, mark
from headwater.server.web.source import SourceLine, source_lines
from headwater.symbolicate.resolution import Original, ResolvedFrame
from headwater.symbolicate.verdicts import Verdict

_PACKAGE: Final = re.compile(r".*node_modules/(?:\.pnpm/[^/]+/node_modules/)?(@[^/]+/[^/]+|[^/]+)/")
_BUILT_IN: Final = re.compile(r"(node|bun|deno|ext|native)\b")

# The JavaScript SDKs cut long lines, and after that the column says nothing about what is left.
_SNIPPED: Final = re.compile(r"'?\{snip\}")


class FrameCard(Struct, frozen=True):
    """One frame, in its original or its minified form."""

    function: str
    file: str
    position: str
    """`:84:13`, `:84`, or empty: as much as is known."""
    path: str
    """The path for programs, where it says more than `file`; else empty."""
    lines: tuple[SourceLine, ...]
    mark: Mark | None
    """None in the minified view, and for frames that no resolver has looked at."""
    in_app: bool
    package: str
    """What it belongs to if it isn't the user's own: `next`, `built in`, `third party`, or empty."""
    is_open: bool = False
    is_original: bool = False
    passed_to: str = ""
    """What is called with the function, which has no name of its own; else empty."""
    variables: Section | None = None
    lineno: int | None = None
    """From 1, of an original; and `colno`, in UTF-16 units."""
    colno: int | None = None

    @property
    def place(self) -> str:
        return f"{self.file}{self.position}"


def original_card(raw: Frame, resolved: ResolvedFrame | None) -> FrameCard:
    """What the user wrote; where that isn't known, the minified frame with the reason beside it."""
    if resolved is None:
        return _card(raw, None, in_app=bool(raw.in_app))
    own = resolved.in_app if resolved.in_app is not None else bool(raw.in_app)
    if resolved.original is None:
        return _card(raw, resolved, in_app=own)
    return _resolved_card(raw, resolved, resolved.original, in_app=own)


def minified_card(raw: Frame, resolved: ResolvedFrame | None) -> FrameCard:
    """The frame as the SDK sent it, folded as its original is, so that the trace stays in place."""
    original = original_card(raw, resolved)
    card = _card(raw, None, in_app=original.in_app)
    return FrameCard(
        function=card.function,
        file=card.file,
        position=card.position,
        path=card.path,
        lines=card.lines,
        mark=None,
        in_app=original.in_app,
        package=original.package,
    )


def _card(raw: Frame, resolved: ResolvedFrame | None, *, in_app: bool) -> FrameCard:
    path = raw.abs_path or raw.filename or raw.module or ""
    # Of a frame that is as it was written, the short path says more; of a minified one, the address
    # is what a source map is looked up by.
    is_written = resolved is not None and not resolved.verdict.is_failure
    file = (is_written and raw.filename) or path
    lines = source_lines(
        raw.filename or file,
        (raw.lineno or 0, None if _SNIPPED.match(raw.context_line or "") else raw.colno),
        raw.context_line,
        raw.pre_context,
        raw.post_context,
    )
    return FrameCard(
        function=raw.function or "?",
        file=file or "unknown file",
        position=_position(raw.lineno, raw.colno),
        path=path if path != file else "",
        lines=lines if raw.lineno else (),
        mark=None if resolved is None else mark(resolved),
        in_app=in_app,
        package="" if in_app else _package(path, resolved),
    )


def _resolved_card(
    raw: Frame, resolved: ResolvedFrame, original: Original, *, in_app: bool
) -> FrameCard:
    lines = source_lines(
        original.filename,
        (original.lineno, original.colno),
        original.context_line,
        original.pre_context,
        original.post_context,
    )
    return FrameCard(
        function=original.function or raw.function or "?",
        file=original.filename,
        position=_position(original.lineno, original.colno),
        path=original.abs_path if original.abs_path != original.filename else "",
        lines=lines,
        mark=mark(resolved),
        in_app=in_app,
        package="" if in_app else _package(original.abs_path, resolved),
        is_original=True,
        passed_to=original.passed_to or "",
        lineno=original.lineno,
        colno=original.colno,
    )


def _position(lineno: int | None, colno: int | None) -> str:
    if lineno is None:
        return ""
    return f":{lineno}" if colno is None else f":{lineno}:{colno}"


def _package(path: str, resolved: ResolvedFrame | None) -> str:
    """The npm package a path lies in, `built in` for the runtime's own, or nothing."""
    if resolved is not None and resolved.verdict is Verdict.THIRD_PARTY:
        return "third party"
    if (resolved is not None and resolved.verdict is Verdict.BUILT_IN) or _BUILT_IN.match(path):
        return "built in"
    found = _PACKAGE.match(path)
    return found[1] if found else ""
