"""What the heads of compiled files hold."""

from enum import IntEnum
from typing import Final

import msgspec

from headwater.sourcemaps.compiled.parts import Ref
from headwater.sourcemaps.compiled.places import TableHead
from headwater.sourcemaps.compiled.records import ListHead

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
"""Bits of the third column of a row of mappings: it has a source,"""
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


class MapHead(msgspec.Struct, frozen=True, array_like=True):
    """The head of a file of kind MAP.

    Rows of `mappings`: line, column, bits, source, source line, source column, name; where
    there is no source or name, the value of the row before is repeated, which takes no bytes.
    """

    mappings: TableHead
    names: ListHead
    sources: memoryview
    """Addresses of all sources, u64."""
    holders: tuple[str, ...] = ()
    """Keys of other files of kind MAP."""
    debug_id: str | None = None
    """As the map has it, in whatever spelling."""
    faults: tuple[str, ...] = ()
    """What a strict reader would refuse."""
    last_line: int | None = None
    """The last generated line that has a mapping."""


class BodyRecord(msgspec.Struct, frozen=True, array_like=True):
    """A function of the generated file, or a body inlined into one, counted from 1 (0: none)."""

    name: str | None
    is_hidden: bool = False
    around: int = 0
    """The body that an inlined one lies in."""
    call_source: int = 0
    """1 + the source that an inlined body was called from; 0 if it is a function of its own."""
    call_line: int = 0
    call_column: int = 0


class ScriptHead(msgspec.Struct, frozen=True, array_like=True):
    """The head of a file of kind SCRIPT."""

    text: Ref
    awaits: TableHead
    """Where an awaited function begins: line, column, 1 + line and column of the arguments of the
    call that it stands for, 0 and 0 if it is not called."""
    source_mapping_url: str | None = None
    debug_id: str | None = None
