"""JSON strings that may be longer than memory allows: read in pieces, mended without decoding."""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from headwater.sourcemaps.reading.quotes import quotes_of

PIECE: Final = 64 * 1024
"""Bytes of a string that are decoded at a time."""

_WHOLE: Final = re.compile(
    rb"(?:[^\\]++"
    rb"|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[0-9a-fA-F]{4}"
    rb"|\\u(?![dD][89abAB])[0-9a-fA-F]{4}"
    rb"|\\[^u])*+",
    re.DOTALL,
)
"""Characters and whole escapes; the two of a surrogate pair stay together."""
_ESCAPE: Final = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_QUOTE_OR_NULL: Final = re.compile(rb'[\s,]*("|null)')
_END: Final = re.compile(rb"\s*\]")
_NULL: Final = ord("n")
_REPLACEMENT: Final = memoryview(rb"\ufffd")
"""U+FFFD; as long as what it stands for."""
_IS_CONTINUATION: Final = 0b11000000, 0b10000000
"""A byte of a UTF-8 sequence that is not its first, by mask."""
_MAX_SEQUENCE: Final = 4


def literals_of(raw: memoryview, limit: int, faults: list[str]) -> Iterator[memoryview | None]:
    """The first `limit` entries of `sourcesContent`, still undecoded; None for a null.

    Reading stops at the first entry that is neither a string nor null.
    """
    place, fits = 1, bytes(raw[:1]) == b"["
    quotes = quotes_of(raw)
    for _ in range(limit if fits else 0):
        found = _QUOTE_OR_NULL.match(raw, place)
        if found is None:
            fits = _END.match(raw, place) is not None
            break
        start, place = found.span(1)
        if raw[start] == _NULL:
            yield None
            continue
        end = next((each for each in quotes if each > start), None)
        if end is None:
            fits = False
            break
        place = end + 1
        yield raw[start:place]
    if not fits:
        faults.append("`sourcesContent` must be a list of strings and nulls")


def pieces_of(literal: memoryview) -> Iterator[str]:
    """The text of a valid JSON string, its quotes included; U+FFFD for bytes that are not UTF-8."""
    if len(literal) <= PIECE:
        yield _decoded(bytes(literal))
        return
    place, end = 1, len(literal) - 1
    while place < end:
        stop = min(place + PIECE, end)
        raw = bytes(literal[place:stop])
        if stop < end:
            raw = _without_part(raw)
        yield _decoded(b'"' + raw + b'"')
        place += len(raw)


def _without_part(raw: bytes) -> bytes:
    """Without an escape or a character at the end of which the rest is missing."""
    found = _WHOLE.match(raw)
    end = len(raw) if found is None else found.end()
    if end == len(raw):
        mask, continuation = _IS_CONTINUATION
        first = end - 1
        while first > end - _MAX_SEQUENCE and raw[first] & mask == continuation:
            first -= 1
        if raw[first] >= mask:
            end = first
    return raw[:end]


def _decoded(literal: bytes) -> str:
    try:
        return msgspec.json.decode(literal, type=str)
    except UnicodeDecodeError:
        return msgspec.json.decode(literal.decode("utf-8", "replace"), type=str)


def has_half_surrogates(content: memoryview) -> bool:
    """Whether a `\\ud83d` or the like stands alone: no character, but some tools write it."""
    return any(found[1] for found in _ESCAPE.finditer(content))


def without_half_surrogates(content: memoryview) -> Iterator[memoryview]:
    """The same JSON, in pieces, with U+FFFD for halves of surrogate pairs. As long as before."""
    place = 0
    for found in _ESCAPE.finditer(content):
        if found[1]:
            yield content[place : found.start()]
            yield _REPLACEMENT
            place = found.end()
    yield content[place:]
