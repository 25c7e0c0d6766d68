"""Cutting files so that what two of them have in common becomes equal pieces, wherever it is.

A piece ends where the eight bytes before it hash to something rare, so an inserted line moves one
cut and no other. All positions are hashed at once, a window of the file at a time.
"""

from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

import numpy as np
import numpy.typing as npt

MAX_PIECE: Final = 256 * 1024
"""Bytes: where nothing rare comes, as in a picture of one colour."""

SMALL_FILE: Final = 2 * 1024**2
"""Bytes of a file that is cut finely: of its few large pieces the next build would change all."""

WINDOW: Final = 4 * 1024**2
"""Bytes that are read and hashed at a time; four times as many are held."""

_HASH: Final = np.uint64(0x9E3779B97F4A7C15)
_WORD: Final = 8


class Grain(NamedTuple):
    """How finely a file is cut. `shortest`: bytes of a piece; smaller ones cost more to remember
    than they save. `bits`: one of 2 ** bits positions is a cut."""

    shortest: int
    bits: int


FINE: Final = Grain(4 * 1024, 13)
"""Pieces of some 16 KB."""

COARSE: Final = Grain(16 * 1024, 15)
"""Pieces of some 64 KB."""


def pieces(file: BinaryIO, size: int) -> Iterator[bytes]:
    """A file of so many bytes, in pieces that depend on nothing but what is in it."""
    grain = FINE if size < SMALL_FILE else COARSE
    rest = b""
    while window := file.read(WINDOW):
        content = rest + window
        start = 0
        for end in _ends(content, grain):
            yield content[start:end]
            start = end
        rest = content[start:]
    # What is left has fewer than MAX_PIECE bytes behind its last cut, if there is one.
    start = 0
    for end in _ends(rest, grain, is_all=True):
        yield rest[start:end]
        start = end


def _ends(content: bytes, grain: Grain, *, is_all: bool = False) -> Iterator[int]:
    """Where pieces end. Without `is_all` only those that more bytes could not move."""
    cuts = _cuts(content, grain.bits)
    start = 0
    while len(content) - start >= (1 if is_all else MAX_PIECE):
        index = int(np.searchsorted(cuts, start + grain.shortest))
        end = int(cuts[index]) if index < cuts.size else len(content)
        start = min(end, start + MAX_PIECE)
        yield start


def _cuts(content: bytes, bits: int) -> npt.NDArray[np.int64]:
    found = []
    rare = np.uint64(1 << (64 - bits))
    for first in range(_WORD):
        words = (len(content) - first) // _WORD
        if words <= 0:
            break
        hashed = np.frombuffer(content, dtype="<u8", offset=first, count=words) * _HASH
        found.append(np.flatnonzero(hashed < rare) * _WORD + first + _WORD)
    return np.sort(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)
