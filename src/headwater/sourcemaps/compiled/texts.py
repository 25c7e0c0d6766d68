"""Texts of which a few lines are read at a time, however long the text or one line of it is."""

import itertools
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from sys import getsizeof
from typing import Final, NamedTuple

import msgspec

from headwater.sourcemaps.compiled.dictionaries import Shared
from headwater.sourcemaps.compiled.parts import (
    NO_NUMBERS,
    CompiledFileDamaged,
    Content,
    Parts,
    PartWriter,
    Ref,
    packed,
    unpacked,
)
from headwater.sourcemaps.compiled.places import Place, key_of
from headwater.sourcemaps.compiled.records import structure

BLOCK: Final = 4 * 1024
"""Characters of a block, which is decompressed and cut into lines as a whole, in 13 µs. Blocks end where
a line does, except within lines that are longer. Of twice the size they take 8 % fewer bytes, and
1.6 times the time."""
REACH: Final = 1024
"""UTF-16 units of a very long line that are given on either side of a column, if it has them."""


_LINE_BITS: Final = 32
_COLUMN_MASK: Final = 2**_LINE_BITS - 1

Block = Sequence[str]
"""The lines of a part of a text; the first may begin, and the last end, in another block."""
Span = tuple[int, int, int, int]
"""Lines that are wanted: the block that the first begins in, the first, the one behind the last, and the
column around which to cut what is very long."""
_NOTHING: Final = (-1, 0, 0, 0)


class TextHead(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Where a text's blocks are."""

    digest: bytes
    """SHA-256 of the text as UTF-8."""
    length: int
    """Bytes of the text as UTF-8."""
    lines: int
    """One more than there are line breaks."""
    keys: memoryview = NO_NUMBERS
    """u64: line and UTF-16 column that each block begins at, `line << 32 | column`."""
    addresses: memoryview = NO_NUMBERS
    """Of the blocks."""
    inline: memoryview | None = None
    """The only block of a text that is short."""


class Line(NamedTuple):
    """A line, or of one that is very long a part."""

    text: str
    start: int = 0
    """The UTF-16 column that `text` begins at."""
    is_cut: bool = False
    """The line goes on behind `text`."""

    def __sizeof__(self) -> int:
        """With the text."""
        return tuple.__sizeof__(self) + getsizeof(self.text)


def write_text(parts: PartWriter, pieces: Iterable[str]) -> tuple[bytes, Ref]:
    """Append a text, whose pieces may be cut anywhere; its digest, and where its head is."""
    head = text_head(parts, pieces)
    return head.digest, parts.add(msgspec.msgpack.encode(head))


def text_head(parts: PartWriter, pieces: Iterable[str]) -> TextHead:
    """Append all of a text but its head; of a short one that is all there is."""
    blocks = _blocks(pieces)
    first, second = next(blocks, ""), next(blocks, None)
    if second is None:
        return _short(first)
    return _long(parts, itertools.chain((first, second), blocks))


def _short(text: str) -> TextHead:
    encoded = text.encode("utf-8", "replace")
    lines = encoded.count(b"\n") + 1
    return TextHead(sha256(encoded).digest(), len(encoded), lines, inline=memoryview(encoded))


def _long(parts: PartWriter, blocks: Iterable[str]) -> TextHead:
    digest, length = sha256(), 0
    keys: list[int] = []
    addresses: list[int] = []
    line, column = 0, 0
    for block in blocks:
        encoded = block.encode("utf-8", "replace")
        digest.update(encoded)
        length += len(encoded)
        keys.append(key_of(line, column))
        breaks = encoded.count(b"\n")
        addresses.append(parts.add(encoded, Shared.TEXT).address)
        line, column = line + breaks, 0 if breaks else column
        column += units(block[block.rfind("\n") + 1 :])
    return TextHead(
        digest.digest(),
        length,
        line + 1,
        packed(keys),
        packed(addresses),
    )


def digest_of(pieces: Iterable[str]) -> bytes:
    """SHA-256 of a text as UTF-8; surrogates that stand alone count as `?`."""
    digest = sha256()
    for piece in pieces:
        digest.update(piece.encode("utf-8", "replace"))
    return digest.digest()


class Text:
    """Reads a text."""

    def __init__(self, parts: Parts, head: TextHead) -> None:
        self.parts = parts
        """That its blocks are of."""
        self.digest = head.digest
        self.length = head.length
        self.lines = head.lines
        self._inline = None if head.inline is None else _block(head.inline)
        self._keys: Sequence[int] = (0,)
        self._addresses: Sequence[int] = ()
        if head.inline is None:
            self._keys, self._addresses = unpacked(head.keys), unpacked(head.addresses)
        self._last = len(self._keys) - 1
        if self._inline is None and not 0 < len(self._keys) == len(self._addresses):
            raise CompiledFileDamaged(f"{parts.file.key}: a text has blocks without a place")

    @property
    def bytes(self) -> int:
        """Of memory, without the blocks that are parts of their own."""
        return 1000 + 16 * len(self._keys) + (self._inline[1] if self._inline else 0)

    def line(self, line: int, column: int = 0) -> Line | None:
        """A line, of a very long one REACH units or more around the column; None behind the last.

        Raises CompiledFileDamaged, OSError.
        """
        if not 0 <= line < self.lines:
            return None
        column = max(0, column)
        number = bisect_right(self._keys, key_of(line, column)) - 1
        text, start, goes_on = self._part_of(number, line)
        after_start = min(column - start, len(text))
        before_end = len(text) - after_start
        if start > 0 and after_start < REACH:
            before, start, _ = self._part_of(number - 1, line)
            text = before + text
        if goes_on and before_end < REACH:
            after, _, goes_on = self._part_of(number + 1, line)
            text += after
        return Line(text, start, goes_on)

    def spans(self, places: Iterable[Place], reach: int) -> list[Span]:
        """What `around` cuts out for each place."""
        spans: list[Span] = []
        keys, end = self._keys, self.lines
        for line, column in places:
            if not 0 <= line < end:
                spans.append(_NOTHING)
                continue
            # Calls of min and max, fifty times for an event, would take as long as all the rest.
            first = line - reach if line > reach else 0
            stop = line + reach + 1 if line + reach < end else end
            spans.append((bisect_right(keys, first << _LINE_BITS) - 1, first, stop, column))
        return spans

    def blocks_of(self, spans: Iterable[Span]) -> Iterable[int]:
        """Addresses of the blocks that spans begin in, and of those behind them into which they reach.
        Of lines that take more than two blocks all others are read when they are cut out."""
        if self._inline is not None:
            return ()
        keys, last = self._keys, self._last
        numbers: set[int] = set()
        for number, _, stop, _ in spans:
            if number >= 0:
                numbers.add(number)
                if number < last and keys[number + 1] < stop << _LINE_BITS:
                    numbers.add(number + 1)
        return [self._addresses[number] for number in numbers]

    def cut(self, spans: Iterable[Span], blocks: Mapping[int, Block]) -> list[Sequence[Line | str]]:
        """The lines of each span, by the blocks that were read. Raises as `line`."""
        found: list[Sequence[Line | str]] = []
        keys, last, addresses = self._keys, self._last, self._addresses
        inline = None if self._inline is None else self._inline[0]
        for span in spans:
            if span is _NOTHING:
                found.append(())
                continue
            number, first, stop, column = span
            block = blocks[addresses[number]] if inline is None else inline
            begins = keys[number]
            before = begins >> _LINE_BITS
            starts_here = first > before or not begins & _COLUMN_MASK
            if starts_here and (stop - before < len(block) or number == last):
                lines: Sequence[Line | str] = block[first - before : stop - before]
            else:
                lines = self._across(number, first, stop, column)
            if len(lines) != stop - first:
                raise CompiledFileDamaged(f"{self.parts.file.key}: a text lacks line {first:,}")
            found.append(lines)
        return found

    def _across(self, number: int, first: int, stop: int, column: int) -> Sequence[Line | str]:
        """Lines that lie in several blocks, beginning with this one."""
        lines: list[Line | str] = []
        line = first
        while line < stop and number <= self._last:
            begins, block = self._keys[number], self._block(number)
            before = begins >> _LINE_BITS
            if line == before and begins & _COLUMN_MASK:
                return [each for at in range(first, stop) if (each := self.line(at, column))]
            whole = len(block) - (number < self._last)
            lines += block[line - before : min(stop - before, whole)]
            line, number = first + len(lines), number + 1
        return lines

    def pieces(self) -> Iterator[str]:
        """All of the text, in order. Raises as `line`."""
        for number in range(len(self._keys)):
            yield "\n".join(self._block(number))

    def announce(self, places: Sequence[Place], reach: int = 0) -> bool:
        """Let the system fetch what `line`, or with `reach` `around`, will read; False if that is
        nothing."""
        if self._inline is not None:
            return False
        numbers = {bisect_right(self._keys, key_of(*place)) - 1 for place in places}
        wanted = {self._addresses[number] for number in numbers}
        if reach:
            wanted.update(self.blocks_of(self.spans(places, reach)))
        return self.parts.announce(wanted)

    def _part_of(self, number: int, line: int) -> tuple[str, int, bool]:
        """A block's part of a line, the column it begins at, and whether the line goes on."""
        begins = self._keys[number]
        block = self._block(number)
        index = line - (begins >> _LINE_BITS)
        if not 0 <= index < len(block):
            raise CompiledFileDamaged(f"{self.parts.file.key}: a text lacks line {line:,}")
        start = begins & _COLUMN_MASK if index == 0 else 0
        return block[index], start, index == len(block) - 1 and number < self._last

    def _block(self, number: int) -> Block:
        if self._inline is not None:
            return self._inline[0]
        return self.parts.decoded(self._addresses[number], _block, Shared.TEXT)


def around(
    texts: Sequence[tuple[Text, Sequence[Place]]], reach: int
) -> list[list[Sequence[Line | str]]]:
    """Of each text and place in it the line and as many as `reach` before and after it; those that
    are whole as plain strings. Nothing for a place outside of its text. The texts are read together.

    Raises as `Text.line`.
    """
    spans = [text.spans(places, reach) for text, places in texts]
    wanted: dict[Parts, set[int]] = {}
    for (text, _), of_text in zip(texts, spans, strict=True):
        wanted.setdefault(text.parts, set()).update(text.blocks_of(of_text))
    blocks = {
        parts: parts.decoded_all(each, _blocks_at, Shared.TEXT) for parts, each in wanted.items()
    }
    return [
        text.cut(of_text, blocks[text.parts])
        for (text, _), of_text in zip(texts, spans, strict=True)
    ]


def text_at(parts: Parts, address: int) -> Text:
    """The text whose head is there; it is kept with the parts. Raises CompiledFileDamaged, OSError."""
    return parts.decoded(address, lambda content: _text(parts, content))


def _text(parts: Parts, content: Content) -> tuple[Text, int]:
    text = Text(parts, structure(content, TextHead))
    return text, text.bytes


def _blocks_at(contents: Mapping[int, Content]) -> Iterable[tuple[Block, int]]:
    return map(_block, contents.values())


def _block(content: Content) -> tuple[Block, int]:
    """With the bytes of memory that it takes at most."""
    try:
        text = str(content, "utf-8")
    except UnicodeDecodeError as error:
        raise CompiledFileDamaged(f"a block of a text can't be read: {error}") from None
    lines = text.split("\n")
    # With one emoji in it, a line takes four bytes a character.
    share, line = (1, 60) if text.isascii() else (4, 90)
    return lines, 500 + share * len(text) + line * len(lines)


def units(text: str) -> int:
    """UTF-16 units of a text."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def characters_before(line: str, column: int) -> int:
    """How many characters lie before a UTF-16 column."""
    if line.isascii():
        return min(column, len(line))
    # No more than `column` characters can lie before; half of a surrogate pair counts as one.
    encoded = line[:column].encode("utf-16-le", "surrogatepass")[: 2 * column]
    return len(encoded.decode("utf-16-le", "surrogatepass"))


def _blocks(pieces: Iterable[str]) -> Iterator[str]:
    rest = ""
    for piece in pieces:
        text, start = rest + piece, 0
        while len(text) - start > BLOCK:
            # A line that fills a block takes its line break along.
            end = text.rfind("\n", start, start + BLOCK + 1) + 1 or start + BLOCK
            yield text[start:end]
            start = end
        rest = text[start:]
    if rest:
        yield rest
