"""Envelopes: a line of headers, then items, each a line of headers and a payload."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final, TypeVar

import msgspec

from headwater.protocol.dsn import Dsn, InvalidDsn
from headwater.protocol.event_id import parse_event_id
from headwater.protocol.json_text import MalformedJson, decode_json
from headwater.protocol.timestamp import parse_timestamp

MAX_HEADER = 64 * 1024
"""Bytes of one line of headers. The largest real ones hold a trace's baggage of 8 KiB."""

MAX_ITEM_HEADER = 8 * 1024
"""Bytes of an item's line of headers: real ones have 200 and name a file at most."""

MAX_ITEM_HEADERS = 256 * 1024
"""Bytes of all items' headers, MAX_ITEMS of real ones: JSON can be made that takes seconds a MB."""

MAX_ITEMS = 1000
"""Items of one envelope. SDKs send a handful; session aggregates up to 100."""

_LINE_1: Final = "line 1, the envelope's headers"
_LINE_BREAKS: Final = re.compile(rb"[\r\n]+")


class MalformedEnvelope(Exception):
    """The bytes are not an envelope; the message says what was expected and where."""


class Item(msgspec.Struct, frozen=True):
    """One item. `header` is its line of headers as it came, without the line break."""

    type: str
    header: bytes
    payload: bytes


class Envelope(msgspec.Struct, frozen=True):
    """An envelope, taken apart. `header` is its line of headers as it came."""

    header: bytes
    event_id: str | None
    """32 lower-case hexadecimal digits."""
    items: tuple[Item, ...]

    @property
    def sent_at(self) -> datetime | None:
        """When it left the client, by the client's clock."""
        return parse_timestamp(_header_of(self.header).sent_at)

    @property
    def dsn(self) -> Dsn | None:
        """Whose it says that it is."""
        return _dsn(_header_of(self.header).dsn)

    def __bytes__(self) -> bytes:
        parts = [self.header, b"\n"]
        for item in self.items:
            parts += [item.header, b"\n", item.payload, b"\n"]
        return b"".join(parts)


def parse_envelope(body: bytes) -> Envelope:
    """Take an envelope apart. Payloads are not looked into. Raises MalformedEnvelope.

    Item headers may leave out `length`, as all JavaScript SDKs do: the payload then ends with its
    line. Empty lines between and after items are tolerated.
    """
    header, start = _line(body, 0, MAX_HEADER, "the envelope's headers")
    event_id = parse_event_id(_header_of(header).event_id)
    return Envelope(header=header, event_id=event_id, items=tuple(_items(body, start)))


def dsn_of(start: bytes) -> Dsn | None:
    """The DSN that an envelope's first line names, given that line or more. Raises MalformedEnvelope."""
    header, _ = _line(start, 0, MAX_HEADER, "the envelope's headers")
    return _dsn(_header_of(header).dsn)


def item_of(kind: str, payload: bytes, **more: str) -> Item:
    """An item of our own; `more` goes into its header."""
    header = {"type": kind, "length": len(payload), **more}
    return Item(kind, msgspec.json.encode(header), payload)


def envelope_of(item: Item, event_id: str) -> Envelope:
    """What did not come in an envelope, in one."""
    return Envelope(msgspec.json.encode({"event_id": event_id}), event_id, (item,))


def _items(body: bytes, start: int) -> Iterator[Item]:
    number = 0
    room = MAX_ITEM_HEADERS
    start = _next_line(body, start)
    while start < len(body):
        number += 1
        if number > MAX_ITEMS:
            raise MalformedEnvelope(
                f"expected at most {MAX_ITEMS} items; more begin at byte {start}"
            )
        what = f"the headers of item {number} at byte {start}"
        header, payload_start = _line(body, start, MAX_ITEM_HEADER, what)
        room -= len(header)
        if room < 0:
            raise MalformedEnvelope(
                f"expected at most {MAX_ITEM_HEADERS} bytes of items' headers; {what} exceed that"
            )
        fields = _read(_ITEM_HEADER, header, what)
        if not isinstance(fields.type, str):
            raise MalformedEnvelope(f"expected a `type` in {what}")
        end = _end_of_payload(body, payload_start, fields.length, number)
        yield Item(fields.type, header, body[payload_start:end])
        start = _next_line(body, end)


def _end_of_payload(body: bytes, start: int, length: object, number: int) -> int:
    if length is None:
        end = body.find(b"\n", start)
        return len(body) if end < 0 else end
    if not isinstance(length, int) or isinstance(length, bool) or length < 0:
        raise MalformedEnvelope(
            f"expected a whole number of bytes as `length` of item {number}, not {length!r:.40}"
        )
    if length > len(body) - start:
        raise MalformedEnvelope(
            f"item {number} says that its payload has {length} bytes, "
            f"but only {len(body) - start} follow at byte {start}"
        )
    end = start + length
    if body[end : end + 1] not in (b"", b"\n") and body[end : end + 2] != b"\r\n":
        raise MalformedEnvelope(
            f"expected a line break at byte {end}, after the {length} bytes of item {number}"
        )
    return end


def _line(body: bytes, start: int, limit: int, what: str) -> tuple[bytes, int]:
    end = body.find(b"\n", start, start + limit + 1)
    if end < 0 and len(body) - start > limit:
        raise MalformedEnvelope(f"expected {what} to be at most {limit} bytes")
    return (body[start:], len(body)) if end < 0 else (body[start:end], end + 1)


def _next_line(body: bytes, start: int) -> int:
    if body[start : start + 1] not in (b"\n", b"\r"):
        return start  # so mostly
    # Not a loop: a body may be 20 million line breaks.
    breaks = _LINE_BREAKS.match(body, start)
    return breaks.end() if breaks else start


class _Header(msgspec.Struct):
    # Of whatever type: what else there is in a line of headers is skipped and not built.
    event_id: object = None
    sent_at: object = None
    dsn: object = None


class _ItemHeader(msgspec.Struct):
    type: object = None
    length: object = None


_HEADER: Final = msgspec.json.Decoder(_Header)
_ITEM_HEADER: Final = msgspec.json.Decoder(_ItemHeader)
_Fields = TypeVar("_Fields", _Header, _ItemHeader)


def _header_of(line: bytes) -> _Header:
    return _read(_HEADER, line, _LINE_1)


def _read(decoder: msgspec.json.Decoder[_Fields], line: bytes, what: str) -> _Fields:
    try:
        return decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass  # perhaps it can be repaired
    try:
        value = decode_json(line)
    except MalformedJson as error:
        raise MalformedEnvelope(f"expected a JSON object in {what}, but found {error}") from None
    if not isinstance(value, dict):
        raise MalformedEnvelope(f"expected a JSON object in {what}, not a {type(value).__name__}")
    return msgspec.convert(value, decoder.type)


def _dsn(text: object) -> Dsn | None:
    if not isinstance(text, str):
        return None
    try:
        return Dsn.parse(text)
    except InvalidDsn:
        return None
