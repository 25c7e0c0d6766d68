"""One envelope in a segment: a mark, its size, a checksum, then what is known of it and its bytes.

    mark 4 | size u32 | CRC-32 u32 | project i64 | received i64, µs | event id 16 | n u8 | encoding n | body

Numbers are little-endian. `size` and the checksum are of everything after them. The mark lets a
reader find the next record behind a damaged one; zeros, which a segment is made of, are no record.
Checksums begin with their segment's salt, so that a client can't send bytes that look like a record.
"""

import struct
from datetime import UTC, datetime, timedelta
from typing import Final

from isal import isal_zlib
from msgspec import Struct

MARK: Final = b"\xf1HwR"

HEAD: Final = struct.Struct("<4sII")
_KNOWN: Final = struct.Struct("<qq16sB")

MAX_ENCODING: Final = 64
"""Characters of a Content-Encoding: two of the longest known names are 15."""

MAX_OVERHEAD: Final = HEAD.size + _KNOWN.size + MAX_ENCODING
"""Bytes of a record besides its body."""

MAX_RECORD: Final = 48 * 1024**2
"""Bytes of one record. Envelopes are bounded far below by the door; a size above is damage."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_NO_ID: Final = bytes(16)


class Record(Struct, frozen=True):
    """One envelope, and where its record begins and ends in the segment, in bytes."""

    start: int
    end: int
    project_id: int
    received_at: datetime
    event_id: str
    encoding: str
    body: bytes


def written(
    project_id: int, body: bytes, received_at: datetime, event_id: str, encoding: str, salt: int
) -> bytes:
    """The bytes of a record."""
    known = (
        _KNOWN.pack(
            project_id,
            (received_at - _EPOCH) // _MICROSECOND,
            bytes.fromhex(event_id) if event_id else _NO_ID,
            len(encoding),
        )
        + encoding.encode()
    )
    checksum = isal_zlib.crc32(body, isal_zlib.crc32(known, salt))
    return b"".join((HEAD.pack(MARK, len(known) + len(body), checksum), known, body))


def record_size(data: bytes, position: int) -> int | None:
    """Bytes of the record that begins at `position` of `data`, by its head alone; None if none does."""
    if len(data) - position < HEAD.size:
        return None
    mark, size, _ = HEAD.unpack_from(data, position)
    return HEAD.size + size if mark == MARK and _KNOWN.size <= size <= MAX_RECORD else None


def read(data: bytes, position: int, offset: int, salt: int) -> Record | None:
    """The whole and undamaged record at `position` of `data`, or None.

    `offset`: where `data` begins in the segment.
    """
    size = record_size(data, position)
    if size is None or len(data) - position < size:
        return None
    start, end = position + HEAD.size, position + size
    _, _, checksum = HEAD.unpack_from(data, position)
    if isal_zlib.crc32(memoryview(data)[start:end], salt) != checksum:
        return None
    project_id, received, event_id, length = _KNOWN.unpack_from(data, start)
    body = start + _KNOWN.size + length
    return Record(
        start=offset + position,
        end=offset + end,
        project_id=project_id,
        received_at=_EPOCH + timedelta(microseconds=received),
        event_id=event_id.hex() if event_id != _NO_ID else "",
        encoding=data[body - length : body].decode("ascii", "replace"),
        body=data[body:end],
    )
