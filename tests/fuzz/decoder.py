"""Fuzzing the decoder of `mappings`: it answers as a plain reader does, one character at a time."""

from collections.abc import Iterator
from typing import NamedTuple

from headwater.sourcemaps.reading import mappings as module
from headwater.sourcemaps.reading.mappings import NONE
from tests.sourcemaps.decoded import Row, decode
from tests.sourcemaps.encode import ALPHABET

LARGEST = 2**31 - 1


class Plain(NamedTuple):
    """What the plain reader found."""

    rows: list[Row]
    has_faults: bool
    """A segment was left out, or some of its fields were."""


def check(data: bytes) -> None:
    """The first two bytes say how many sources and names there are, the third how long a window
    is; the rest is `mappings`."""
    sources, names, window = (*data[:3], 0, 0, 0)[:3]
    mappings = data[3:]
    expected = plain(mappings, sources, names)
    longest = max(map(len, mappings.replace(b";", b",").split(b",")))
    for length in (module.WINDOW, max(longest + 1, window)):
        usual, module.WINDOW = module.WINDOW, length  # type: ignore[misc]
        try:
            decoded, dropped = decode(mappings, sources, names)
        finally:
            module.WINDOW = usual  # type: ignore[misc]
        assert decoded == expected.rows
        assert any(dropped.faults()) == expected.has_faults


def plain(mappings: bytes, sources: int, names: int) -> Plain:
    """Mappings by a loop over segments; as slow as it is simple."""
    found: list[Row] = []
    has_faults = False
    totals = [0, 0, 0, 0, 0]
    for line, segments in enumerate(mappings.split(b";")):
        totals[0] = 0
        for segment in segments.split(b",") if segments else ():
            fields = fields_of(segment)
            for index, field in enumerate(fields[:5]):
                totals[index] += field
            row = row_of(line, totals, len(fields))
            is_kept = len(fields) not in {0, 2, 3} and fits(row, len(fields), sources, names)
            has_faults |= not is_kept or len(fields) > 5
            found += [row] * is_kept
    return Plain(sorted(found, key=lambda row: row[:2]), has_faults)


def row_of(line: int, totals: list[int], fields: int) -> Row:
    """The totals of the fields that a segment has."""
    source = totals[1:4] if fields >= 4 else [NONE] * 3
    return (line, totals[0], source[0], source[1], source[2], totals[4] if fields >= 5 else NONE)


def fits(row: Row, fields: int, sources: int, names: int) -> bool:
    """Whether place, source and name exist."""
    if not 0 <= row[1] <= LARGEST:
        return False
    if fields >= 4 and not (0 <= row[2] < sources and all(0 <= at <= LARGEST for at in row[3:5])):
        return False
    return fields < 5 or 0 <= row[5] < names


def fields_of(segment: bytes) -> list[int]:
    """A segment's numbers; none if it is cut off, has a foreign character or a number too large."""
    numbers = list(numbers_of(segment))
    return [] if None in numbers else [each for each in numbers if each is not None]


def numbers_of(segment: bytes) -> Iterator[int | None]:
    """Signed numbers of up to 32 bits; None for what is none."""
    value, shift = 0, 0
    for character in segment.decode("latin-1"):
        digit = ALPHABET.find(character)
        if digit < 0:
            yield None
            return
        value |= (digit & 31) << shift
        shift += 5
        if digit < 32:
            yield None if value >= 2**32 else (-(value >> 1) if value & 1 else value >> 1)
            value, shift = 0, 0
    if shift:
        yield None
