"""The sources of a map in a compiled file: each is a part, with its name and, if it is here, its text."""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from headwater.sourcemaps.compiled.dictionaries import Shared
from headwater.sourcemaps.compiled.parts import Content, Parts, PartWriter, Ref
from headwater.sourcemaps.compiled.records import structure
from headwater.sourcemaps.compiled.texts import Text, TextHead, text_head

OWN = 0
"""As a holder: the file itself. Others count from 1."""


class Elsewhere(NamedTuple):
    """Where the text of a source is: as another source's of this file, or of another one."""

    digest: bytes
    """SHA-256 of the text as UTF-8."""
    holder: int
    address: int


class SourceRecord(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One source of a map. Without a text, neither `text` nor `elsewhere` is there."""

    name: str | None
    is_ignored: bool = False
    text: TextHead | None = None
    elsewhere: Elsewhere | None = None

    @property
    def digest(self) -> bytes:
        """SHA-256 of the text as UTF-8; empty without one."""
        if self.text is not None:
            return self.text.digest
        return b"" if self.elsewhere is None else self.elsewhere.digest


class StoredSource(NamedTuple):
    """A source that was read."""

    record: SourceRecord
    text: Text | None
    """If it is here."""


def write_source(parts: PartWriter, record: SourceRecord) -> Ref:
    """Append a source."""
    return parts.add(msgspec.msgpack.encode(record), Shared.TEXT)


def write_source_with(
    parts: PartWriter, record: SourceRecord, pieces: Iterable[str]
) -> tuple[bytes, Ref]:
    """Append a source and its text, whose pieces may be cut anywhere; its digest and where it is."""
    head = text_head(parts, pieces)
    return head.digest, write_source(parts, msgspec.structs.replace(record, text=head))


def sources_at(parts: Parts, addresses: Iterable[int]) -> dict[int, StoredSource]:
    """Sources by address; they are kept with the parts. Raises CompiledFileDamaged, OSError."""
    return parts.decoded_all(
        addresses,
        lambda contents: [_source(parts, each) for each in contents.values()],
        Shared.TEXT,
    )


def source_at(parts: Parts, address: int) -> StoredSource:
    """As `sources_at` of one."""
    return parts.decoded(address, lambda content: _source(parts, content), Shared.TEXT)


def _source(parts: Parts, content: Content) -> tuple[StoredSource, int]:
    record = structure(content, SourceRecord)
    text = None if record.text is None else Text(parts, record.text)
    return StoredSource(record, text), 500 + len(content) + (text.bytes if text else 0)
