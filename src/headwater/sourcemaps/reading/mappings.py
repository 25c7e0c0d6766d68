"""The `mappings` of a source map decoded, window by window, to flat columns of numbers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from headwater.sourcemaps.reading.vlq import Numbers, decode_segments

Column: TypeAlias = NDArray[np.int32]

WINDOW: Final = 128 * 1024
"""Bytes of `mappings` decoded at a time. Temporary arrays take some 60 bytes for each, and decoding
is fastest while they stay in the processor's cache."""
MAX_MAPPINGS: Final = 32 * 1024**2
"""Mappings in one source map, 24 bytes each. The largest real map known (105 MB) has 4.4 million."""
NONE: Final = -1
"""Stands for 'no source' in a mapping of one field and for 'no name' in one of four."""
_LARGEST: Final = 2**31 - 1
_SEPARATOR: Final = re.compile(rb"[,;]")
_WITH_SOURCE: Final = 4
"""Fields of a segment that has an original place; one of a single field has none."""
_WITH_NAME: Final = 5


_REASONS: Final = (
    "unreadable",
    "of_two_or_three_fields",
    "of_more_than_five_fields",
    "out_of_range",
    "empty",
)


@dataclass(frozen=True, slots=True)
class Dropped:
    """How many segments broke a rule. Those of more than five fields are kept without the rest."""

    unreadable: int = 0
    of_two_or_three_fields: int = 0
    of_more_than_five_fields: int = 0
    out_of_range: int = 0
    empty: int = 0
    lines: tuple[int, ...] = field(default=(0,) * len(_REASONS), kw_only=True, compare=False)
    """For each rule the generated line, from 0, of the first segment that broke it."""

    def __add__(self, later: "Dropped") -> "Dropped":
        times = [getattr(self, reason) + getattr(later, reason) for reason in _REASONS]
        lines = tuple(
            own if getattr(self, reason) else other
            for reason, own, other in zip(_REASONS, self.lines, later.lines, strict=True)
        )
        return Dropped(*times, lines=lines)

    def faults(self) -> Iterator[str]:
        """A sentence for each reason that occurred."""
        for reason, line in zip(_REASONS, self.lines, strict=True):
            if times := getattr(self, reason):
                what = reason.replace("_", " ")
                where = f"{times}, the first in line {line + 1:,}"
                yield f"`mappings` has segments that are {what}: {where}"


class MappingsDecoder:
    """Decodes `mappings` of a map that has that many sources and names, window by window.

    Every segment that can be used is kept; one that can't be is dropped and counted, and only its
    own meaning is lost.
    """

    def __init__(self, sources: int, names: int) -> None:
        self._limits = sources, names
        self._carried = np.zeros(6, dtype=np.int64)  # line, then the five fields' running totals
        self._after_comma = False
        self._dropped = Dropped()

    def decode(self, window: bytes) -> NDArray[np.int32]:
        """A window's mappings: a row each for lines, columns, sources, their lines and columns, names.

        In the order they are written: lines never go back, columns may.
        """
        rows, self._carried, dropped = _decode_window(
            window, self._carried, self._limits, after_comma=self._after_comma
        )
        self._dropped += dropped
        self._after_comma = window.endswith(b",")
        return rows.astype(np.int32)

    def finish(self) -> Dropped:
        """What was left out of all windows."""
        line = int(self._carried[0])
        return self._dropped + Dropped(empty=int(self._after_comma), lines=(line,) * len(_REASONS))


def windows_of(mappings: memoryview) -> Iterator[bytes]:
    """Pieces that end with a separator, except the last; a segment over WINDOW bytes becomes `!`."""
    start = 0
    while start + WINDOW < len(mappings):
        window = bytes(mappings[start : start + WINDOW])
        end = max(window.rfind(b","), window.rfind(b";")) + 1
        if end:
            yield window[:end]
            start += end
        else:
            found = _SEPARATOR.search(mappings, start + WINDOW)
            yield b"!" if found is None else b"!" + found[0]
            start = len(mappings) if found is None else found.end()
    if start < len(mappings):
        yield bytes(mappings[start:])


def _decode_window(
    window: bytes, carried: Numbers, limits: tuple[int, int], *, after_comma: bool
) -> tuple[Numbers, Numbers, Dropped]:
    """One window's mappings as 6 x n, the totals to carry into the next, and what was left out."""
    segments = decode_segments(window, after_comma=after_comma)
    lines = segments.lines + carried[0]
    totals = np.empty((6, lines.size), dtype=np.int64)
    totals[0] = lines
    totals[1] = _columns_in_their_lines(segments.deltas[0], segments.lines, int(carried[1]))
    np.cumsum(segments.deltas[1:], axis=1, out=totals[2:])
    totals[2:] += carried[2:, None]

    counts = segments.counts
    readable = ~segments.unreadable
    meaningful = readable & ((counts == 1) | (counts >= _WITH_SOURCE))
    rows = totals.copy()
    rows[2:5, counts < _WITH_SOURCE] = NONE
    rows[5, counts < _WITH_NAME] = NONE
    fits = _fits(rows, counts, limits)
    broken = (
        segments.unreadable,
        readable & (counts > 1) & (counts < _WITH_SOURCE),
        readable & (counts > _WITH_NAME),
        meaningful & ~fits,
        segments.superfluous,
    )
    dropped = Dropped(
        *(int(those.sum()) for those in broken),
        lines=tuple(int(lines[those.argmax()]) for those in broken),
    )
    return rows[:, meaningful & fits], totals[:, -1], dropped


def _columns_in_their_lines(deltas: Numbers, lines: Numbers, carried: int) -> Numbers:
    """Running totals that begin again at each line; the first line goes on from `carried`."""
    running = np.cumsum(deltas)
    before = running - deltas
    first = np.concatenate(([True], lines[1:] != lines[:-1]))
    base = before[np.flatnonzero(first)][np.cumsum(first) - 1]
    totals: Numbers = running - base + np.where(lines == 0, carried, 0)
    return totals


def _fits(rows: Numbers, counts: Numbers, limits: tuple[int, int]) -> NDArray[np.bool_]:
    """Which rows hold positions and indices that exist."""
    fits = (rows[1] >= 0) & (rows[:2] <= _LARGEST).all(axis=0)
    with_source, with_name = counts >= _WITH_SOURCE, counts >= _WITH_NAME
    source_fits = (rows[2:5] >= 0).all(axis=0) & (rows[2:5] <= _LARGEST).all(axis=0)
    fits &= ~with_source | (source_fits & (rows[2] < limits[0]))
    fits &= ~with_name | ((rows[5] >= 0) & (rows[5] < limits[1]))
    return np.asarray(fits, dtype=np.bool_)
