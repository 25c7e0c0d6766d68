"""Recursion, which counts once however deep it went."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

MAX_PERIOD: Final = 6
"""Functions that call each other in turn and are seen to; a visitor and its helpers are three."""


def once(tokens: Sequence[bytes]) -> bytes:
    """The calls without repetition: `main a b a b a b c` is `main a b c`."""
    if len(set(tokens)) == len(tokens):
        return b"".join(tokens)
    kept: list[bytes] = []
    for token in tokens:
        kept.append(token)
        for period in range(1, min(MAX_PERIOD, len(kept) // 2) + 1):
            if kept[-1] == kept[-1 - period] and kept[-period:] == kept[-2 * period : -period]:
                del kept[-period:]
                break
    return b"".join(kept)


def cycle(tokens: Sequence[bytes]) -> bytes:
    """The functions that were called more than once, in no order; every call if there is none.

    Where a stack overflows by chance, the last call says nothing, and the first ones are cut off.
    """
    again = sorted(token for token, times in Counter(tokens).items() if times > 1)
    return b"".join(again) or once(tokens)
