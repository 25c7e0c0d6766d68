"""Errors that are one issue wherever they show, since their frames and their wordings say nothing."""

import re
from typing import Final

from headwater.grouping.hydration import hydration_kind
from headwater.grouping.message import MAX_MESSAGE

MAX_TYPE: Final = 200
"""Characters of an exception's type that are read here; types are names."""

_REACT: Final = re.compile(r"Minified React error #(?P<number>\d{1,5})\b")

_WORDINGS: Final = (
    # A page from before a deploy asks for files that are gone: one cause, whichever chunk it was.
    (
        "lost chunk",
        re.compile(
            r"\bChunkLoadError\b|Loading (?:CSS |hot update )?chunk \S{1,200} failed|Failed to load chunk"
            r"|Failed to (?:fetch|load) dynamically imported module|Unable to preload CSS"
            r"|error loading dynamically imported module|Importing a module script failed"
            r"|'text/html' is not a valid JavaScript MIME type"
            r"|Expected a JavaScript(?:-or-Wasm)? module script but the server responded"
            r"|Loading module from .{1,300} was blocked because of a disallowed MIME type"
            r"|Failed to load (?:script|module script): \S{0,300}/?_next/static/"
            r"|Unable to load (?:script|module) .{0,200}chunk",
            re.IGNORECASE,
        ),
    ),
    # A browser's own remark; nothing was lost, and the frames are whoever observed.
    ("resize observer", re.compile(r"^(?:\w+: )?ResizeObserver loop")),
    # A script of another origin without CORS: the browser hides everything.
    ("script error", re.compile(r"^Script error\.?$", re.IGNORECASE)),
)  # fmt: skip

_NEEDLES: Final = (
    *("chunk", "module", "script", "preload css", "text/html", "resizeobserver"),
    *("hydrat", "minified react", " match", "server html", "validatedomnesting", "descendant"),
    *("nested", "appear as", "ng050", "ng50"),
)
"""In lower case: a message without any of them is no known error, which is soon seen."""

_OVERFLOW: Final = re.compile(
    r"^(?:Maximum call stack size exceeded|too much recursion|stack level too deep|Out of stack space"
    r"|maximum recursion depth exceeded|Maximum function nesting level)"
)
_OVERFLOW_TYPES: Final = frozenset(
    {"RecursionError", "StackOverflowError", "SystemStackError", "StackOverflowException"}
    | {"java.lang.StackOverflowError", "System.StackOverflowException", "InternalError: too much recursion"}
)  # fmt: skip


def known_error(kind: str | None, message: str | None) -> tuple[str, ...] | None:
    """What a known error is called, from its type and message; None for any other."""
    kind, message = (kind or "")[:MAX_TYPE], (message or "")[:MAX_MESSAGE]
    if kind in ("ChunkLoadError", "LoadBundleFromServerRequestError"):
        return ("lost chunk",)
    plain = message.lower()
    if not any([needle in plain for needle in _NEEDLES]):  # noqa: C419 # twice as fast
        return None
    hydration = hydration_kind(message)
    if hydration:
        return ("hydration", hydration)
    react = _REACT.search(message)
    if react:
        return ("react", react["number"])
    return next(((name,) for name, wording in _WORDINGS if wording.search(message)), None)


def is_overflow(kind: str | None, message: str | None) -> bool:
    """Whether a program ran out of stack."""
    return kind in _OVERFLOW_TYPES or _OVERFLOW.match(message or "") is not None
