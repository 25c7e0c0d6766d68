"""A stack trace as rows: frames of the user's own code, and runs of others folded into one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby
from types import MappingProxyType
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from headwater.protocol.circumstances import Section
from headwater.protocol.component_stack import is_element
from headwater.protocol.event import Frame, Stacktrace
from headwater.server.web.event.frame import FrameCard, minified_card, original_card
from headwater.symbolicate.resolution import ResolvedFrame, ResolvedStacktrace

MAX_OPEN: Final = 20
"""Frames that are open at first: after so many, source shown is source scrolled past."""

_PACKAGES_NAMED: Final = 3
"""Packages named in a folded row; the others become an ellipsis."""


class Fold(Struct, frozen=True):
    """A run of frames that are not the user's own, in one row."""

    frames: tuple[FrameCard, ...]
    packages: str


Row = FrameCard | Fold


class Trace(Struct, frozen=True):
    """One stack trace, the throwing frame first, in both forms."""

    original: tuple[Row, ...]
    minified: tuple[Row, ...]
    cards: tuple[FrameCard, ...]
    """Every frame in its original form, unfolded."""
    minified_cards: tuple[FrameCard, ...]
    omitted: int
    """Frames in the middle of a runaway stack that were not kept."""
    are_components: bool = False
    """Of a component only its name and file are meant, so that none is open at first."""

    @property
    def is_switchable(self) -> bool:
        """Whether there is anything to switch between."""
        return any(card.is_original for card in self.cards)


def trace(
    raw: Stacktrace,
    resolved: ResolvedStacktrace | None,
    variables: Mapping[int, Section] = MappingProxyType({}),
) -> Trace:
    """Join a raw stack trace with what the resolver made of it; either may be longer.

    `variables` are by frames' places in the JSON.
    """
    found: Sequence[ResolvedFrame] = resolved.frames if resolved else ()
    pairs = [
        (frame, found[index] if index < len(found) else None, raw.index_in_json(index))
        for index, frame in enumerate(raw.frames)
        if not is_element(raw, frame)
    ]
    pairs.reverse()
    cards = chain.from_iterable(
        _with_variables(_originals(frame, answer), variables.get(index))
        for frame, answer, index in pairs
    )
    opened = tuple if raw.are_components else _opened
    originals = opened(_unmarked(list(cards)))
    minified = opened(
        [
            replace(minified_card(frame, answer), variables=variables.get(index))
            for frame, answer, index in pairs
        ]
    )
    return Trace(
        original=_rows(originals),
        minified=_rows(minified),
        cards=originals,
        minified_cards=minified,
        omitted=raw.omitted,
        are_components=raw.are_components,
    )


def _originals(frame: Frame, answer: ResolvedFrame | None) -> Iterator[FrameCard]:
    """A frame, and after it the callers that a minifier put it into."""
    yield original_card(frame, answer)
    if answer is None:
        return
    for caller in answer.inlined_into:
        as_frame = replace(answer, original=caller, in_app=caller.in_app, inlined_into=())
        yield original_card(frame, as_frame)


def _with_variables(cards: Iterator[FrameCard], table: Section | None) -> Iterator[FrameCard]:
    """They are the frame's own; callers that a minifier put it into have none."""
    yield replace(next(cards), variables=table)
    yield from cards


def _unmarked(cards: list[FrameCard]) -> list[FrameCard]:
    """Without marks where every one would say the same: that the frame is as it was written."""
    if any(card.mark and card.mark.is_telling for card in cards):
        return cards
    return [replace(card, mark=None) for card in cards]


def _opened(cards: list[FrameCard]) -> tuple[FrameCard, ...]:
    own = [index for index, card in enumerate(cards) if card.in_app][:MAX_OPEN]
    # Where nothing is the user's own, the throwing frame is what there is to see.
    opened = set(own or [0])
    return tuple(replace(card, is_open=index in opened) for index, card in enumerate(cards))


def _rows(cards: tuple[FrameCard, ...]) -> tuple[Row, ...]:
    # The throwing frame is never hidden in a fold, whosever it is.
    rows: list[Row] = [*cards[:1]]
    for folded, run in groupby(cards[1:], key=lambda card: not card.in_app and not card.is_open):
        frames = tuple(run)
        if folded and len(frames) > 1:
            rows.append(Fold(frames, _packages(frames)))
        else:
            rows.extend(frames)
    return tuple(rows)


def _packages(frames: Iterable[FrameCard]) -> str:
    names = list(dict.fromkeys(frame.package for frame in frames if frame.package))
    return ", ".join(names[:_PACKAGES_NAMED]) + (", …" if len(names) > _PACKAGES_NAMED else "")
