"""A piece of a text as it is stored: with where its lines begin, so that a few of them are read."""

import struct
from typing import Final

import numpy as np

from headwater.sourcemaps.compiled.parts import CompiledFileDamaged, Content

OFTEN: Final = 16
"""Times that lines of a block are decoded for whoever asks, before all of them are: as the lines of
a stack trace are few and all of them many, that costs as much."""
FEW: Final = 32
"""Lines of a block that is decoded as a whole at the first call: of minified text, each is long."""

GROUP: Final = 16
"""Lines of which a block has the place where they begin. To find the lines of an excerpt without would
take longer than all else that is done with a block."""

_LINE_BREAK: Final = ord("\n")
_BREAKS: Final = struct.Struct("<I")
_START: Final = np.dtype("<u4")


def block_with(text: bytes) -> tuple[bytes, int]:
    """A text in UTF-8 as a block of it is stored, and how many line breaks it has.

    Stored are that number; at which byte each GROUP of lines begins, but the first; the text.
    """
    breaks = text.count(_LINE_BREAK)
    starts = b""
    if breaks >= GROUP:
        (ends,) = (np.frombuffer(text, np.uint8) == _LINE_BREAK).nonzero()
        starts = (ends[GROUP - 1 :: GROUP] + 1).astype(_START).tobytes()
    return b"".join((_BREAKS.pack(breaks), starts, text)), breaks


class Block:
    """A piece of a text. Its lines are decoded when they are asked for; all, if that is often."""

    __slots__ = ("_calls", "_content", "_split", "_starts", "breaks", "bytes")

    def __init__(self, stored: Content) -> None:
        """`stored` as `block_with` gives it. Raises CompiledFileDamaged."""
        try:
            (breaks,) = _BREAKS.unpack_from(stored)
            begin = _BREAKS.size + _START.itemsize * (breaks // GROUP)
            self._starts = memoryview(stored[_BREAKS.size : begin]).cast("I")
        except (struct.error, TypeError) as error:
            raise CompiledFileDamaged(f"a block of a text can't be read: {error}") from None
        if len(self._starts) != breaks // GROUP:
            raise CompiledFileDamaged("a block of a text is cut off")
        content = self._content = bytes(stored[begin:])
        self._calls = 0
        self._split: list[str] | None = None
        self.breaks: int = breaks
        """Line breaks: the last line goes on in the block after it, if only with its end."""
        # With one emoji in it, a line takes four bytes a character.
        share, line = (1, 60) if content.isascii() else (4, 90)
        self.bytes = 500 + share * len(content) + line * breaks
        """Of memory, at most."""

    def lines(self, first: int, end: int) -> list[str]:
        """Some of its lines, counted from 0, `end` not among them. Raises CompiledFileDamaged."""
        content = self._content  # before the question: another thread may have split it meanwhile
        if self._split is not None:
            return self._split[first:end]
        self._calls += 1
        if self._calls > OFTEN or self.breaks <= FEW:
            self._split = self.text().split("\n")
            self._content = b""
            return self._split[first:end]
        if first > self.breaks:
            return []
        group, last = first // GROUP, (end - 1) // GROUP
        start = self._starts[group - 1] if group else 0
        stop = self._starts[last] if last < len(self._starts) else len(content)
        before = group * GROUP
        lines = _decoded(content[start:stop]).split("\n")
        return lines[first - before : end - before]

    def text(self) -> str:
        """All of it. Raises CompiledFileDamaged."""
        content = self._content
        return _decoded(content) if self._split is None else "\n".join(self._split)


def _decoded(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise CompiledFileDamaged(f"a block of a text can't be read: {error}") from None
