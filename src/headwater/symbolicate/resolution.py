"""What symbolication found, kept beside the event and never instead of it."""

from datetime import datetime

import msgspec

from headwater.symbolicate.constructed import Constructed
from headwater.symbolicate.near_misses import NearMiss
from headwater.symbolicate.verdicts import Verdict

RESOLUTION_VERSION = 3
"""Raised when a newer resolver would answer differently; an older record can be made again."""


class Original(msgspec.Struct, frozen=True, omit_defaults=True):
    """The place that the user wrote. `lineno` and `colno` count from 1, columns in UTF-16 units."""

    filename: str
    """The path for people: `src/lib/actions/invoices.ts`."""
    abs_path: str
    """The path for programs: the source's name joined to its map's address."""
    function: str | None
    lineno: int
    colno: int
    module: str | None = None
    in_app: bool | None = None
    context_line: str | None = None
    pre_context: tuple[str, ...] = ()
    post_context: tuple[str, ...] = ()
    passed_to: str | None = None
    """What is called with a function that has no name, `app.get`: shown beside it, as no name of its."""


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the resolver saw on its way to the verdict. Every field is optional."""

    code_file: str | None = None
    """The debug image that names the frame's file."""
    debug_id: str | None = None
    bundle: int | None = None
    uploaded_at: datetime | None = None
    minified_file: str | None = None
    """Address of the uploaded minified file that was used."""
    source_map: str | None = None
    """Address of the uploaded source map that was used."""
    resolved_with: str | None = None
    """`debug-id`, `release` or `inline`: how the map was found."""
    generated: str | None = None
    """The position looked up, `line:column` as in the frame (both from 1)."""
    mapping: str | None = None
    """The mapping that answered, `line:column → source:line:column` (all from 1)."""
    chain: tuple[str, ...] = ()
    """Further mappings, where a source is a generated file with a map of its own: for each the map's
    address and, after a colon, the mapping as above."""
    source: str | None = None
    """The source's name exactly as the map has it."""
    named_by: str | None = None
    """`original source`, `minified scope`, `call site` or `raw`: where the function's name came from."""
    candidates: int | None = None
    """How many uploaded maps claimed this debug id or address."""
    looked_for: tuple[str, ...] = ()
    """Addresses tried in this release, best first."""
    near: tuple[NearMiss, ...] = ()
    """Uploads that nearly are the right one."""
    other_project: int | None = None
    """The number of the project that the file was uploaded to instead."""
    removed_at: datetime | None = None
    """When the file was removed that would have resolved the frame."""
    removed_by: str | None = None
    """The token, the user or the setting that removed it."""
    detail: str | None = None
    """One more sentence where the verdict's own isn't enough."""


class ResolvedFrame(msgspec.Struct, frozen=True, omit_defaults=True):
    """A frame's verdict; `original` is there if, and only if, the verdict is a resolved one."""

    verdict: Verdict
    original: Original | None = None
    evidence: Evidence = Evidence()
    in_app: bool | None = None
    """Whether the frame is the user's own code, by all that is known now."""
    inlined_into: tuple[Original, ...] = ()
    """Where a minifier put functions in the place of their calls: the callers of `original` that have
    no frame of their own, the nearest first, each at its call. The last is the frame's own function."""
    constructed: Constructed | None = None
    """The `new` at the frame's place, which says of what class an error is that was made there."""


class ResolvedStacktrace(msgspec.Struct, frozen=True):
    """One entry for each raw frame, in the same order (oldest call first)."""

    path: tuple[str | int, ...]
    """Where in the event's JSON the stack trace is: `("exception", "values", 0, "stacktrace")`."""
    frames: tuple[ResolvedFrame, ...]


class Resolution(msgspec.Struct, frozen=True, omit_defaults=True, weakref=True):
    """What symbolication made of one event. It can be thrown away and made again."""

    version: int
    stacktraces: tuple[ResolvedStacktrace, ...] = ()


def bundles_used(resolution: Resolution) -> frozenset[int]:
    """Bundles whose files resolved a frame; near misses name others."""
    return frozenset(
        frame.evidence.bundle
        for trace in resolution.stacktraces
        for frame in trace.frames
        if frame.verdict.is_resolved and frame.evidence.bundle is not None
    )


def read_resolution(text: bytes) -> Resolution:
    """From its JSON; of nothing, that no frame was looked at. Raises msgspec.MsgspecError."""
    return msgspec.json.decode(text, type=Resolution) if text else Resolution(version=0)
