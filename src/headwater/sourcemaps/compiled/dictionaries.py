"""What parts of compiled files have in common, each kind with its like: zstd's dictionaries.

A part is a few hundred bytes that are read by themselves, so that each would begin with tables of how
often which byte is, and would not know that JavaScript has functions. With a dictionary a part is 7 %
smaller and read in two thirds of the time. They are part of the format: `parts.VERSION` changes with
them, and each part's checksum is that of what was written by these very ones.
`python -m bench.corpus.dictionaries` made them.
"""

import threading
from collections.abc import Callable
from enum import IntEnum
from functools import cache, partial
from importlib.resources import files
from typing import Final

from isal import isal_zlib
from zstandard import (
    ZstdCompressionDict,
    ZstdCompressionParameters,
    ZstdCompressor,
    ZstdDecompressor,
)

LEVEL: Final = 3
"""Of zstd: 6 makes parts 3 % smaller, and a map is usable a quarter later."""
_TYPICAL: Final = 4 * 1024
"""Bytes of a part before compression."""
_SHORTEST_MATCH: Final = 6
"""Bytes of a repetition in columns of numbers that zstd notes at least: with shorter ones they take as
many bytes, and longer to read."""


Decompress = Callable[[bytes | bytearray], bytes]
"""Of one frame of zstd, and not what is behind it. Raises ZstdError."""


class Shared(IntEnum):
    """What a part has in common with others."""

    NOTHING = 0
    NUMBERS = 1
    """Columns of a map's mappings, as `columns` encodes them."""
    TEXT = 2
    """JavaScript and the like, and names in it."""
    FUNCTIONS = 3
    """Tables of functions."""


def name_of(shared: Shared) -> str:
    """The file in this folder that has the dictionary."""
    return f"{shared.name.lower()}.zdict"


def content_of(shared: Shared) -> bytes:
    """The dictionary."""
    return (files(__package__) / name_of(shared)).read_bytes()


_DICTIONARIES: Final = {each: ZstdCompressionDict(content_of(each)) for each in Shared if each}
CHECKSUM: Final = isal_zlib.crc32(b"".join(each.as_bytes() for each in _DICTIONARIES.values()))
"""Of all of them."""


def compressor(shared: Shared) -> ZstdCompressor:
    """A new one, for one thread at a time: it takes up to 300 KB, once it is used."""
    # Which dictionary it was, a part's checksum knows.
    known = _DICTIONARIES.get(shared)
    if shared is not Shared.NUMBERS:
        return ZstdCompressor(level=LEVEL, dict_data=known, write_dict_id=False)
    rather_long = ZstdCompressionParameters.from_level(
        LEVEL, source_size=_TYPICAL, min_match=_SHORTEST_MATCH, write_dict_id=False
    )
    return ZstdCompressor(compression_params=rather_long, dict_data=known)


def _decompress(shared: Shared) -> Decompress:
    one = ZstdDecompressor(dict_data=_DICTIONARIES.get(shared))
    return partial(one.decompress, read_across_frames=False, allow_extra_data=True)


class Decompressors(threading.local):
    """Those of each thread: one takes 100 KB and 20 µs to make, and threads can't share one."""

    def __init__(self) -> None:
        self.of = cache(_decompress)
        """What decompresses parts, by what they share."""
