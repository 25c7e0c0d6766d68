"""What is asked of the process that compiles, what it asks back, and what it answers."""

from collections.abc import Sequence
from typing import Final, TypeAlias

import msgspec

from headwater.artifacts.facts.of_pair import Facts
from headwater.storage.files.compiled_files import Kind

PARSE: Final = "parse"
"""Begins the child's note of what it is about to parse."""


class Compile(msgspec.Struct, frozen=True, tag="compile"):
    """Compile an uploaded file: its mappings and texts, or as a script."""

    kind: Kind
    """MAP, INLINE (the map inside of a minified file) or SCRIPT."""
    path: str
    sha256: str
    """What the file's bytes must have: it may have been damaged since it came."""
    key: str
    """The compiled file's name."""
    target: str
    """Where to write it: nothing is there yet."""
    parses: bool = True
    """Whether a script may be parsed: the parser may die of it."""


class CompileFunctions(msgspec.Struct, frozen=True, tag="functions"):
    """Name the functions in all sources of a compiled map."""

    kind: Kind
    """FUNCTIONS or INLINE_FUNCTIONS."""
    path: str
    """Of the uploaded file that the map is, or is inside of."""
    script: str | None
    """Path of the minified file that the map belongs to."""
    folder: str
    """Where compiled files are."""
    map: str
    """The compiled map's name."""
    key: str
    target: str
    left_out: Sequence[str] = ()
    """What had better not be parsed: see `compile_functions`."""


class NameFunctions(msgspec.Struct, frozen=True, tag="name"):
    """Name the functions in one source of a compiled map."""

    folder: str
    map: str
    source: int


class NameGenerated(msgspec.Struct, frozen=True, tag="generated"):
    """Name the functions of a minified file by its compiled map."""

    folder: str
    map: str
    script: str


class Look(msgspec.Struct, frozen=True, tag="look"):
    """Look into a minified file, or its map, or whether they belong together."""

    folder: str
    script: str | None = None
    """Path of the minified file as it was uploaded."""
    compiled_script: str | None = None
    """The compiled file's name."""
    source_map: str | None = None
    """Path of the map as it was uploaded, or of the minified file that it is inside of."""
    compiled_map: str | None = None
    debug_ids: Sequence[str] = ()
    """That the upload says the minified file has."""


Question: TypeAlias = Compile | CompileFunctions | NameFunctions | NameGenerated | Look


class Absent(msgspec.Struct, frozen=True, tag="absent"):
    """Asked back: a compiled file is not in the folder; can it be brought there? No answer is awaited but
    that it was tried."""

    name: str


class Wanted(msgspec.Struct, frozen=True, tag="wanted"):
    """Asked back: where are the texts, or their function tables, with these digests?"""

    digests: Sequence[bytes]
    functions: bool = False


AskedBack: TypeAlias = Absent | Wanted


class Stored(msgspec.Struct, frozen=True):
    """Something that a compiled file holds. `holder` "": the one that was just written."""

    digest: bytes
    holder: str
    offset: int
    length: int


class Written(msgspec.Struct, frozen=True, tag="written"):
    """A compiled file was written."""

    holds: Sequence[Stored] = ()
    """Texts, or function tables, that others may use."""
    uses: Sequence[str] = ()
    """Names of the files that hold the others."""


class Table(msgspec.Struct, frozen=True):
    """A function table, as `function_table.FunctionTable` has it."""

    lines: Sequence[int]
    columns: Sequence[int]
    names: Sequence[str | None]


class Named(msgspec.Struct, frozen=True, tag="named"):
    """The functions of a source; or of a minified file, and the calls that they stand for."""

    tables: Sequence[Table]


class Fault(msgspec.Struct, frozen=True, tag="fault"):
    """Why there is nothing: a sentence's end, as stored with the file."""

    sentence: str
    is_lasting: bool = True
    """It is the file's own, and would be the same at any other time."""
    error: int | None = None
    """The number of the system's error that it is."""
    damaged: str | None = None
    """The compiled file that was found damaged."""


Answer: TypeAlias = Written | Named | Facts | Fault
