"""What a whole stack trace tells, from the coarsest to the finest that is known of it."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Final

from msgspec import Struct

from headwater.grouping.frames import Component, components, known_component
from headwater.grouping.kept import Kept
from headwater.grouping.lines import Lines
from headwater.grouping.recursion import cycle, once
from headwater.protocol.event import Stacktrace
from headwater.symbolicate.resolution import ResolvedFrame
from headwater.symbolicate.verdicts import Verdict

TRACES_KEPT: Final = 2048
"""Stack traces of which it is kept what their frames tell, two for each resolved error."""

LONGEST_KEPT: Final = 60
"""Frames of a stack trace that is kept, SDKs send 50: with TRACES_KEPT, 20 MB at the worst."""

_FAILURES: Final = frozenset(verdict for verdict in Verdict if verdict.is_failure)


class Level(IntEnum):
    """How much is looked at."""

    AS_IT_CAME = 0
    """Frames as the SDK sent them, without what a build, a host or a position adds."""
    WITHOUT_SOURCE = 1
    """Frames as they were written, as far as that is known without the source's text."""
    WITH_SOURCE = 2
    """Everything: classes of functions, the line that threw, and lines of nameless functions."""


class Told(Struct, frozen=True):
    """A stack trace's part of a hash. `is_telling`: it says more than which files."""

    text: bytes
    is_telling: bool


class Telling(Struct, frozen=True):
    """One stack trace at every level; and whether frames that count were resolved, or should be."""

    at: tuple[Told, Told, Told]
    has_resolved: bool
    has_minified: bool


class _Calls(Struct, frozen=True):
    """What frames tell without their lines. `counted`: the places of those that count."""

    counted: tuple[int, ...]
    bare: Told
    full: Told
    are_named: bool
    has_resolved: bool


def telling(
    platform: str, trace: Stacktrace, verdicts: Sequence[ResolvedFrame], *, is_overflow: bool
) -> Telling:
    """The frames that count, outermost first: in-app ones if there are any, each recursion once.

    `verdicts` are the frames', in their order; none, if nothing is known. `is_overflow`: the stack
    was full, and where it happened to be so says nothing.
    """
    raw = components(platform, trace.frames)
    seen = [*map(known_component, raw, verdicts), *raw[len(verdicts) :]]
    known = _calls_of(seen, is_overflow=is_overflow)
    lines = Lines(platform, trace, verdicts)
    full = known.full
    if not known.are_named:
        full = _with_lines(seen, known, lines, is_overflow=is_overflow)
    elif known.counted and not is_overflow:
        full = Told(full.text + lines.at(known.counted[-1]), is_telling=True)
    return Telling(
        at=(_calls_of(raw, is_overflow=is_overflow).bare, known.bare, full),
        has_resolved=known.has_resolved,
        has_minified=not known.has_resolved
        and any(verdicts[at].verdict in _FAILURES for at in known.counted if at < len(verdicts)),
    )


def _calls_of(seen: Sequence[Component], *, is_overflow: bool) -> _Calls:
    question: tuple[bool, *tuple[Component, ...]] = (is_overflow, *seen)
    return _CALLS[question] if len(seen) <= LONGEST_KEPT else _calls(*question)


def _calls(is_overflow: bool, *seen: Component) -> _Calls:  # noqa: FBT001
    saying = [index for index, each in enumerate(seen) if each.bare]
    counted = [index for index in saying if seen[index].is_in_app] or saying
    known = [seen[index] for index in counted]
    order = cycle if is_overflow else once
    is_telling = any(each.is_named for each in known)
    return _Calls(
        tuple(counted),
        Told(order([each.bare for each in known]), is_telling),
        Told(order([each.full for each in known]), is_telling),
        are_named=all(each.is_named for each in known),
        has_resolved=any(each.is_resolved for each in known),
    )


def _with_lines(
    seen: Sequence[Component], known: _Calls, lines: Lines, *, is_overflow: bool
) -> Told:
    """Nameless functions are told by their line, and the innermost function by the line that threw."""
    found = [seen[index] for index in known.counted]
    names = [
        each.full if each.is_named else each.full + lines.at(index)
        for index, each in zip(known.counted, found, strict=True)
    ]
    has_lines = names != [each.full for each in found]
    text = cycle(names) if is_overflow else once(names)
    if found and found[-1].is_named and not is_overflow:
        text += lines.at(known.counted[-1])
    return Told(text, known.full.is_telling or has_lines)


_CALLS: Final = Kept(_calls, at_most=TRACES_KEPT)
