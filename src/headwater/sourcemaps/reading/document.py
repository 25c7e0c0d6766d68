"""The JSON of a source map, read without decoding what may never be asked for."""

import re
from typing import Any, Final

import msgspec

from headwater.sourcemaps.reading.literals import has_half_surrogates, without_half_surrogates

MAX_ENTRIES: Final = 4 * 1024**2
"""Entries in `sources` or `names`: an entry costs far more memory than its two bytes in the file."""

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_GUARD: Final = b")]}'"
_LINE_BREAK: Final = re.compile(rb"\n")
_BRACE: Final = re.compile(rb"\{")
_BEGINNING_BYTES: Final = 1024
_BEGINNING: Final = re.compile(rb"[^\r\n>]{1,40}>?")
"""Of a page of HTML, its first tag."""
MENDED: Final = "half surrogate pairs in strings were replaced"
"""The fault of a map that had them."""


class MalformedSourceMap(Exception):
    """Not usable as a source map at all; the message says what was expected and what was there."""


class SourceMapTooLarge(Exception):
    """A source map is over a limit that keeps memory bounded; the message names the limit."""


class Document(msgspec.Struct, frozen=True):
    """The members of a source map's JSON object, each still undecoded; empty where absent."""

    version: msgspec.Raw = msgspec.Raw()
    file: msgspec.Raw = msgspec.Raw()
    sourceRoot: msgspec.Raw = msgspec.Raw()  # noqa: N815 — the format's own spelling
    sources: msgspec.Raw = msgspec.Raw()
    sourcesContent: msgspec.Raw = msgspec.Raw()  # noqa: N815
    names: msgspec.Raw = msgspec.Raw()
    mappings: msgspec.Raw = msgspec.Raw()
    sections: msgspec.Raw = msgspec.Raw()
    debugId: msgspec.Raw = msgspec.Raw()  # noqa: N815
    debug_id: msgspec.Raw = msgspec.Raw()
    ignoreList: msgspec.Raw = msgspec.Raw()  # noqa: N815
    x_google_ignoreList: msgspec.Raw = msgspec.Raw()  # noqa: N815
    rangeMappings: msgspec.Raw = msgspec.Raw()  # noqa: N815
    scopes: msgspec.Raw = msgspec.Raw()
    ranges: msgspec.Raw = msgspec.Raw()
    x_facebook_sources: msgspec.Raw = msgspec.Raw()


class Section(msgspec.Struct, frozen=True):
    """One entry of an index map's `sections`, undecoded."""

    offset: msgspec.Raw = msgspec.Raw()
    map: msgspec.Raw = msgspec.Raw()


class HalfSurrogates(MalformedSourceMap):
    """The JSON has halves of surrogate pairs in it, `literals.without_half_surrogates` mends it."""


def read_document(data: bytes | memoryview | msgspec.Raw, faults: list[str]) -> Document:
    """As `open_document`, but halves of surrogate pairs are mended in a copy."""
    content = memoryview(data)
    try:
        return open_document(content)
    except HalfSurrogates:
        document = open_document(memoryview(b"".join(without_half_surrogates(content))))
        faults.append(MENDED)
        return document


def open_document(content: memoryview) -> Document:
    """The outermost object; byte order mark and `)]}'` guard are passed over.

    Its members are pieces of `content`, not copies. Raises MalformedSourceMap.
    """
    content = _without_prefix(content)
    try:
        return msgspec.json.decode(content, type=Document)
    except msgspec.ValidationError as wrong:
        raise MalformedSourceMap(f"a source map is a JSON object: {wrong}") from None
    except RecursionError:
        raise MalformedSourceMap("the JSON is nested too deeply") from None
    except msgspec.DecodeError as wrong:
        kind = HalfSurrogates if has_half_surrogates(content) else MalformedSourceMap
        raise kind(_no_json(content) or f"not JSON: {wrong}") from None


def _no_json(content: memoryview) -> str:
    """What a file that was never meant as JSON says best itself, such as a page of HTML; else empty."""
    beginning = _BEGINNING.match(bytes(content[:_BEGINNING_BYTES]).lstrip())
    if beginning is None:
        return "it is empty"
    shown = beginning[0].decode("utf-8", "replace").rstrip()
    return "" if shown.startswith("{") else f"it begins with `{shown}`"


def _without_prefix(content: memoryview) -> memoryview:
    """Servers guard JSON against being run as a script with `)]}'` and the rest of the line.

    Some leave the line break out, so the object may begin on the guard's own line.
    """
    start = len(_BYTE_ORDER_MARK) if bytes(content[:3]) == _BYTE_ORDER_MARK else 0
    rest = bytes(content[start : start + 1024]).lstrip()
    if rest[:1] in (b")", b"]", b"}", b"'"):
        line_break = _LINE_BREAK.search(content, start)
        brace = _BRACE.search(content, start)
        behind = len(content) if line_break is None else line_break.end()
        if rest.startswith(_GUARD) and brace is not None and brace.end() <= behind:
            return content[brace.start() :]
        return content[start:] if line_break is None else content[behind:]
    return content[start:]


def text_of(raw: msgspec.Raw | memoryview | bytes) -> str | None:
    """The JSON string's text, with U+FFFD for bytes that are not UTF-8; None for other types."""
    try:
        return msgspec.json.decode(raw, type=str)
    except UnicodeDecodeError:
        readable = bytes(raw).decode("utf-8", "replace").encode()
        return msgspec.json.decode(readable, type=str)
    except (msgspec.DecodeError, RecursionError):
        return None


def value_of(raw: msgspec.Raw) -> Any:
    """The decoded value, for small members; None where absent or undecodable."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def beginning_of(raw: msgspec.Raw) -> str:
    """What a sentence about a fault says that there is instead."""
    there = bytes(memoryview(raw)[:40]).decode("utf-8", "replace")
    return there or "nothing"


def is_absent(raw: msgspec.Raw) -> bool:
    """Whether the member is missing; null counts as there."""
    return len(memoryview(raw)) == 0
