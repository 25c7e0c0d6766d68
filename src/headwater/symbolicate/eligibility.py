"""Which frames want a source map, and which are well as they are."""

import re
from typing import Final

from headwater.protocol.event import Frame
from headwater.symbolicate.resolution import Evidence, ResolvedFrame
from headwater.symbolicate.third_party import is_extension
from headwater.symbolicate.verdicts import Verdict

_OURS: Final = frozenset({"javascript", "node"})
_RUNTIME: Final = re.compile(
    r"""(?: node: | internal/ | native\b | \[native[ ]code\] | <anonymous> | <native> | bun: | ext:
      | deno: | \[as[ ] | <unknown> | \(native\) | electron/js2c | wasm:// )""",
    re.VERBOSE,
)
_NODE_BUILT_IN: Final = re.compile(r"[a-z_]+(?:/[a-z_]+)*(?:\.js)?$")
"""Node before 16 wrote `events.js` and `internal/process/task_queues.js`."""
_JAVASCRIPT: Final = re.compile(
    r"""\.(?:[cm]?jsx?|bundle|jsbundle|hbc)(?:[?\#:].*)?$
      | ^(?:app|webpack|webpack-internal|turbopack|capacitor|ionic)://""",
    re.VERBOSE | re.IGNORECASE,
)
_WRITTEN: Final = re.compile(r"\.(?:[cm]?tsx?|jsx|vue|svelte|astro|coffee)(?:[?#].*)?$")
HIDDEN: Final = (
    "the browser hides everything about errors in a script of another origin that was loaded without "
    "`crossorigin`: there is no file, line or message"
)
_LONG: Final = 300
"""Characters of a line that a person rarely writes and a minifier always does."""


def path_of(frame: Frame) -> str:
    """The frame's file; V8 puts `async ` before some in promise chains."""
    return (frame.abs_path or frame.filename or "").removeprefix("async ").strip()


def verdict_without_map(
    frame: Frame, platform: str, *, has_image: bool, is_hidden: bool = False
) -> Verdict | None:
    """The verdict of a frame that no source map is asked for; None if one is wanted.

    `is_hidden`: the browser told nothing of the event's error but that there was one.
    """
    path = path_of(frame)
    if has_image:
        return None if frame.lineno else Verdict.NO_POSITION
    if not _is_javascript(frame, path, platform):
        return Verdict.ALREADY_ORIGINAL
    if is_extension(path):
        return Verdict.THIRD_PARTY
    if _is_built_in(path, frame.platform or platform):
        return Verdict.BUILT_IN
    if not frame.lineno:
        return Verdict.THIRD_PARTY if is_hidden else Verdict.NO_POSITION
    return None


def settled(frame: Frame, verdict: Verdict) -> ResolvedFrame:
    """The result of a frame by its `verdict_without_map`."""
    if verdict is Verdict.THIRD_PARTY:
        why = "a browser extension" if is_extension(path_of(frame)) else HIDDEN
        return ResolvedFrame(verdict, evidence=Evidence(detail=why), in_app=False)
    return ResolvedFrame(verdict, in_app=False if verdict is Verdict.BUILT_IN else frame.in_app)


def is_as_written(frame: Frame) -> bool:
    """Whether a frame that nothing was uploaded for reads like code that a person wrote.

    Good reasons only: a source's own extension, a package that was not bundled, or the SDK's own
    source context with lines as people write them.
    """
    path = path_of(frame)
    hosted = path.startswith(("http:", "https:"))
    if _WRITTEN.search(path) or ("/node_modules/" in path and not hosted):
        return True
    if not frame.context_line or hosted:
        return False
    lines = (*frame.pre_context, frame.context_line, *frame.post_context)
    if len(lines) == 1:
        return False
    return not any(
        len(line) > _LONG or "{snip}" in line or "sourceMappingURL=" in line or "debugId=" in line
        for line in lines
    )


def _is_javascript(frame: Frame, path: str, platform: str) -> bool:
    if frame.platform:
        return frame.platform in _OURS
    return platform in _OURS or _JAVASCRIPT.search(path) is not None


def _is_built_in(path: str, platform: str) -> bool:
    if not path or _RUNTIME.match(path):
        return True
    return platform == "node" and _NODE_BUILT_IN.match(path) is not None
