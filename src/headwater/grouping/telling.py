"""What a whole stack trace tells, from the coarsest to the finest that is known of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from headwater.grouping.frames import Component, component, original_component
from headwater.grouping.lines import Lines
from headwater.grouping.recursion import cycle, once
from headwater.protocol.event import Stacktrace
from headwater.symbolicate.resolution import ResolvedFrame
from headwater.symbolicate.verdicts import Verdict

_FAILURES: Final = frozenset(verdict for verdict in Verdict if verdict.is_failure)


class Level(IntEnum):
    """How much is looked at."""

    AS_IT_CAME = 0
    """Frames as the SDK sent them, without what a build, a host or a position adds."""
    WITHOUT_SOURCE = 1
    """Frames as they were written, as far as that is known without the source's text."""
    WITH_SOURCE = 2
    """Everything: classes of functions, the line that threw, and lines of nameless functions."""


@dataclass(frozen=True, slots=True)
class Told:
    """A stack trace's part of a hash. `is_telling`: it says more than which files."""

    text: bytes
    is_telling: bool


@dataclass(frozen=True, slots=True)
class Telling:
    """One stack trace at every level; and whether frames that count were resolved, or should be."""

    at: tuple[Told, Told, Told]
    has_resolved: bool
    has_minified: bool


def telling(
    platform: str, trace: Stacktrace, verdicts: Sequence[ResolvedFrame], *, is_overflow: bool
) -> Telling:
    """The frames that count, outermost first: in-app ones if there are any, each recursion once.

    `verdicts` are the frames', in their order; none, if nothing is known. `is_overflow`: the stack
    was full, and where it happened to be so says nothing.
    """
    order = cycle if is_overflow else once
    raw = [component(platform, frame) for frame in trace.frames]
    counted = _counted(raw, verdicts)
    known = [_known(raw, verdicts, index) for index in counted]
    bare = _told(known, order)
    names, thrown_at = _finest(known, counted, Lines(platform, trace, verdicts))
    has_lines = names != [each.full for each in known]
    full = Told(order(names) + (b"" if is_overflow else thrown_at), bare.is_telling or has_lines)
    found = [verdicts[index] for index in counted if index < len(verdicts)]
    has_resolved = any([each.original is not None for each in found])  # noqa: C419 # twice as fast
    return Telling(
        at=(_told([raw[index] for index in _counted(raw, ())], order), bare, full),
        has_resolved=has_resolved,
        has_minified=not has_resolved and any(each.verdict in _FAILURES for each in found),
    )


def _told(components: Sequence[Component], order: Callable[[list[bytes]], bytes]) -> Told:
    return Told(
        order([each.bare for each in components]),
        any([each.is_named for each in components]),  # noqa: C419
    )


def _counted(raw: Sequence[Component], verdicts: Sequence[ResolvedFrame]) -> list[int]:
    """Which frames count, by all that is known: of those that say anything, the in-app ones if any."""
    own = [each.is_in_app for each in raw]
    says = [bool(each.bare) for each in raw]
    for index, found in enumerate(verdicts[: len(raw)]):
        if found.in_app is not None:
            own[index] = found.in_app
        if found.original is not None:
            says[index] = True
    saying = [index for index, each in enumerate(says) if each]
    return [index for index in saying if own[index]] or saying


def _known(raw: Sequence[Component], verdicts: Sequence[ResolvedFrame], index: int) -> Component:
    found = verdicts[index] if index < len(verdicts) else None
    if found is None or found.original is None:
        return raw[index]
    original = found.original
    return original_component(original.filename, original.function, found.evidence.named_by)


def _finest(
    known: Sequence[Component], counted: Sequence[int], lines: Lines
) -> tuple[list[bytes], bytes]:
    """Each frame's finest name, nameless ones with their line; and the line that threw, if that is
    not in the last name."""
    names = [
        each.full if each.is_named else each.full + lines.at(index)
        for index, each in zip(counted, known, strict=True)
    ]
    return names, lines.at(counted[-1]) if known and known[-1].is_named else b""
