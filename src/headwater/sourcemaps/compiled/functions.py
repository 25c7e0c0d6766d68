"""Function tables in compiled files: which function encloses a place of a source."""

import itertools
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal

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
from headwater.sourcemaps.compiled.places import Place, key_of, keys_of
from headwater.sourcemaps.compiled.records import structure
from headwater.sourcemaps.functions.function_table import FunctionTable

INLINE: Final = 2048
"""Entries of a table that is one part: a source of 1,000 functions, read in 20 µs."""
ENTRIES: Final = 512
"""Entries of one part of a larger table."""
MAX_NAME: Final = 600
"""Characters of a name that are kept. A map's own fields may say anything."""
_TOP_LEVEL: Final = 0
_TYPES: Final[Sequence[tuple[Literal["B", "H", "I"], int]]] = (
    ("B", 2**8),
    ("H", 2**16),
    ("I", 2**32),
)
"""Types of whole numbers, and what those are less than that fit."""
_CODES: Final = {ord(code): code for code, _ in _TYPES}


Digest = Callable[[], bytes]
"""What a table is known by, which takes some time to tell."""


class Entries(msgspec.Struct, frozen=True, array_like=True):
    """Entries of a function table, as numbers and names that are decoded one by one when asked for."""

    count: int
    numbers: memoryview
    """Of one type, whose letter comes first: the entries' lines; their columns; their names, 0 at
    the top level, else 1 + the name's index; where each name ends in `names`."""
    names: memoryview
    """UTF-8, one after another."""


class FunctionsHead(msgspec.Struct, frozen=True, array_like=True):
    """Where a function table is."""

    digest: bytes
    """Of the text that the places are in, so that no other text's table is taken for this one's."""
    entries: Entries | None
    """All of a table that is small."""
    keys: memoryview = NO_NUMBERS
    """u64: line and column that each part of a larger one begins at."""
    addresses: memoryview = NO_NUMBERS
    """Of those parts."""


def write_functions(parts: PartWriter, digest: bytes, functions: FunctionTable) -> Ref:
    """Append the table of a text that has this digest."""
    if len(functions) <= INLINE:
        return _add(parts, FunctionsHead(digest, _entries(functions, 0)))
    starts = range(0, len(functions), ENTRIES)
    keys = packed(key_of(functions.lines[each], functions.columns[each]) for each in starts)
    addresses = packed(_add(parts, _entries(functions, each, ENTRIES)).address for each in starts)
    return _add(parts, FunctionsHead(digest, None, keys, addresses))


def _add(parts: PartWriter, content: "FunctionsHead | Entries") -> Ref:
    return parts.add(msgspec.msgpack.encode(content), Shared.FUNCTIONS)


def _entries(functions: FunctionTable, start: int, length: int = INLINE) -> Entries:
    some = slice(start, start + length)
    indices: dict[str, int] = {}
    named = [
        _TOP_LEVEL if name is None else indices.setdefault(name[:MAX_NAME], len(indices) + 1)
        for name in functions.names[some]
    ]
    names = [name.encode("utf-8", "replace") for name in indices]
    ends = itertools.accumulate(map(len, names))
    numbers = [*functions.lines[some], *functions.columns[some], *named, *ends]
    return Entries(len(named), _stored(numbers), memoryview(b"".join(names)))


def _stored(numbers: Sequence[int]) -> memoryview:
    """Little-endian, as all machines are that this runs on, behind the letter of their type."""
    largest = max(numbers, default=0)
    code = next(code for code, limit in _TYPES if largest < limit)
    return memoryview(code.encode() + array(code, numbers).tobytes())


class Whole:
    """A function table, or a part of one, whose entries are all here."""

    __slots__ = ("_columns", "_ends", "_named", "_names", "_numbers")

    def __init__(self, entries: Entries) -> None:
        """Raises CompiledFileDamaged."""
        stored = entries.numbers
        try:
            self._numbers = stored[1:].cast(_CODES[stored[0]])
        except (IndexError, KeyError, TypeError) as error:
            raise CompiledFileDamaged(f"a function table can't be read: {error}") from None
        self._columns = entries.count
        self._named = 2 * entries.count
        self._ends = 3 * entries.count
        self._names = entries.names
        if not 0 <= self._ends <= len(self._numbers):
            raise CompiledFileDamaged("a function table has entries without a place or name")

    def of(self, places: Sequence[Place]) -> list[str | None]:
        """As `map_functions.Functions.of`."""
        numbers, columns, named, ends = self._numbers, self._columns, self._named, self._ends
        found: list[str | None] = []
        try:
            for line, column in places:
                at = bisect_right(numbers, line, 0, columns) - 1
                if at >= 0 and numbers[at] == line:
                    first = columns + bisect_left(numbers, line, 0, at)
                    at = bisect_right(numbers, column, first, columns + at + 1) - 1 - columns
                number = numbers[named + at] if at >= 0 else _TOP_LEVEL
                if number == _TOP_LEVEL:
                    found.append(None)
                    continue
                end = ends + number - 1
                start = numbers[end - 1] if end > ends else 0
                found.append(str(self._names[start : numbers[end]], "utf-8"))
        except (IndexError, UnicodeDecodeError) as error:
            raise CompiledFileDamaged(f"a function table lacks a name: {error}") from None
        return found


class InParts:
    """A function table in parts."""

    def __init__(self, parts: Parts, head: FunctionsHead) -> None:
        """Raises CompiledFileDamaged."""
        self._parts = parts
        self._keys = unpacked(head.keys)
        self._addresses = unpacked(head.addresses)
        if len(self._keys) != len(self._addresses):
            raise CompiledFileDamaged("a function table has parts without a place")

    def of(self, places: Sequence[Place]) -> list[str | None]:
        """As `map_functions.Functions.of`; the parts are read together.

        Raises CompiledFileDamaged, OSError.
        """
        in_part: dict[int, list[Place]] = {}
        numbers = [bisect_right(self._keys, key) - 1 for key in keys_of(places)]
        for number, place in zip(numbers, places, strict=True):
            in_part.setdefault(number, []).append(place)
        addresses = {number: self._addresses[number] for number in in_part if number >= 0}
        parts = self._parts.decoded_all(addresses.values(), _parts_of, Shared.FUNCTIONS)
        names = {
            number: iter(parts[address].of(in_part[number]))
            for number, address in addresses.items()
        }
        return [next(names[number]) if number >= 0 else None for number in numbers]


Functions = Whole | InParts
"""A function table that can be asked."""


def functions_at(parts: Parts, digests: Mapping[int, Digest]) -> dict[int, Functions]:
    """The tables whose heads are at these addresses; they are kept with the parts.

    Raises CompiledFileDamaged, also if one is not the table of the text with its digest; OSError.
    """
    return parts.decoded_all(
        digests,
        lambda contents: [
            _functions(parts, content, digests[address]()) for address, content in contents.items()
        ],
        Shared.FUNCTIONS,
    )


def _functions(parts: Parts, content: Content, digest: bytes) -> tuple[Functions, int]:
    head = structure(content, FunctionsHead)
    if head.digest != digest:
        raise CompiledFileDamaged("a function table is that of another text")
    table = InParts(parts, head) if head.entries is None else Whole(head.entries)
    return table, 1000 + len(content)


def _parts_of(contents: Mapping[int, Content]) -> list[tuple[Whole, int]]:
    return [
        (Whole(structure(content, Entries)), 1000 + len(content)) for content in contents.values()
    ]
