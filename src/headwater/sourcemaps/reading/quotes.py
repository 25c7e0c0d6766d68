"""Where the strings of a JSON text begin and end, found a window at a time."""

from collections.abc import Iterator
from typing import Final

import numpy as np

WINDOW: Final = 1024**2
"""Bytes that are looked through at once, with as much memory."""
_QUOTE: Final = ord('"')
_BACKSLASH: Final = ord("\\")


def quotes_of(raw: memoryview) -> Iterator[int]:
    """The places of all quotes that no backslash stands for, in order.

    Most backslashes stand alone before a quote: where there are two, it is counted how many.
    """
    content = np.frombuffer(raw, np.uint8)
    for start in range(0, content.size, WINDOW):
        (found,) = (content[start : start + WINDOW] == _QUOTE).nonzero()
        found += start
        before, second = (content[np.maximum(found - back, 0)] == _BACKSLASH for back in (1, 2))
        for place, is_open in zip(
            found[~before | second].tolist(), (~before)[~before | second].tolist(), strict=True
        ):
            if is_open or not _is_escaped(raw, place):
                yield place


def _is_escaped(raw: memoryview, place: int) -> bool:
    """Whether the number of backslashes before is odd: two are one that stands for itself."""
    reach = 64
    while True:
        before = bytes(raw[max(0, place - reach) : place])
        count = len(before) - len(before.rstrip(b"\\"))
        if count < len(before) or reach >= place:
            return count % 2 == 1
        reach *= 4
