"""What the heads of compiled files hold."""

from enum import IntEnum
from typing import Final

import msgspec

from headwater.sourcemaps.compiled.places import TableHead
from headwater.sourcemaps.compiled.records import ListHead

OWN: Final = 0
"""As a holder: the file itself. Others count from 1."""
MAX_HOLDERS: Final = 64
"""Other files that one file refers to; what only further ones hold is stored again. Each is one more
file to open for an event."""


class Kind(IntEnum):
    """What a compiled file is."""

    MAP = 1
    """Mappings, names, sources and texts of a source map."""
    FUNCTIONS = 2
    """The functions of a map's sources: written later, since sources have to be parsed for it."""
    SCRIPT = 3
    """A minified file's text, and what parsing it told."""


MAPPED: Final = 1
"""Bits of the last column of a row of mappings: it has a source,"""
NAMED: Final = 2
"""it has a name,"""
RANGE: Final = 4
"""it is a range mapping."""


class Named(IntEnum):
    """How the functions of a source came to their names."""

    NOT_NAMED = 0
    SCOPES_FIELD = 1
    FACEBOOK_SOURCES = 2
    ORIGINAL_SOURCE = 3


class SourceRecord(msgspec.Struct, frozen=True, array_like=True):
    """One source of a map. Without a text, `digest` is empty."""

    name: str | None
    is_ignored: bool = False
    digest: bytes = b""
    holder: int = OWN
    offset: int = 0
    length: int = 0


class FunctionsRecord(msgspec.Struct, frozen=True, array_like=True):
    """Where the function table of one source is, by the source's index in the map."""

    named: int = Named.NOT_NAMED
    holder: int = OWN
    offset: int = 0
    length: int = 0


class MapHead(msgspec.Struct, frozen=True, array_like=True):
    """The head of a file of kind MAP.

    Rows of `mappings`: line, column, source, source line, source column, name, bits; where
    there is no source or name, the value of the row before is repeated, which takes no bytes.
    """

    mappings: TableHead
    names: ListHead
    sources: ListHead
    holders: tuple[str, ...] = ()
    """Keys of other files of kind MAP."""
    debug_id: str | None = None
    """As the map has it, in whatever spelling."""
    faults: tuple[str, ...] = ()
    """What a strict reader would refuse."""
    last_line: int | None = None
    """The last generated line that has a mapping."""


class FunctionsHead(msgspec.Struct, frozen=True, array_like=True):
    """The head of a file of kind FUNCTIONS."""

    sources: ListHead
    holders: tuple[str, ...] = ()
    """Keys of other files of kind FUNCTIONS."""
