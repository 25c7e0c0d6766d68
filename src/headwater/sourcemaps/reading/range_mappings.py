"""The `rangeMappings` field: which mappings hold for all that follows, character by character.

https://tc39.es/ecma426/branch/proposal-range-mappings/ (stage 3). A line for each generated line,
each a list of distances between the mappings of that line that are ranges, in base64 VLQ.
"""

import re
from array import array
from typing import Final

import msgspec
import numpy as np
from msgspec import Struct

from headwater.sourcemaps.reading.document import is_absent, text_of
from headwater.sourcemaps.reading.field_faults import FieldFaults
from headwater.sourcemaps.reading.mappings import NONE, Column
from headwater.sourcemaps.reading.scope_items import LARGEST, unsigned_numbers
from headwater.sourcemaps.reading.vlq import Flags, Numbers

MAX_LENGTH: Final = 4 * 1024**2
"""Bytes of the field, some three seconds for each MB of the worst there can be. One byte marks one
mapping as a range, and a range stands for many mappings."""
_LINE: Final = re.compile(rb"[^;]+")
_FIRST_IS_A_RANGE: Final = re.compile(rb"(?:^|;)A")


class RangeMappings(Struct, frozen=True):
    """Sorted keys of the mappings that are ranges: line << 32 | index among the line's mappings."""

    keys: Numbers

    def __len__(self) -> int:
        return self.keys.size

    def among(self, lines: Column | Numbers, indices: Column | Numbers) -> Flags:
        """Which of these mappings are ranges: lines, and indices on their lines, both from 0."""
        wanted = lines.astype(np.int64) << 32 | indices
        if not self.keys.size:
            return np.zeros(wanted.size, dtype=np.bool_)
        nearest = np.minimum(np.searchsorted(self.keys, wanted), self.keys.size - 1)
        return np.asarray(self.keys[nearest] == wanted, dtype=np.bool_)


def read_range_mappings(raw: msgspec.Raw, faults: FieldFaults) -> RangeMappings:
    """Decode the field; empty where it is absent or over a limit. What can be used is used."""
    text = text_of(raw)
    if len(memoryview(raw)) > MAX_LENGTH:
        faults.note(f"the field is over {MAX_LENGTH:,} bytes and is not read")
        text = None
    elif text is None and not is_absent(raw):
        faults.note("the field must be a string")
    return RangeMappings(np.frombuffer(_keys((text or "").encode("ascii", "replace"), faults), "q"))


def _keys(text: bytes, faults: FieldFaults) -> "array[int]":
    """The first index of a line counts from 1 until the change of April 2026, then from 0.

    Both are read alike but for that. Only the newer can say that a line's first mapping is a range
    by a 0, and code that a tool left alone nearly always begins a line somewhere: so a field with
    no line that begins with 0 is taken for an older one.
    """
    keys = array("q")
    before_first = 0 if _FIRST_IS_A_RANGE.search(text) else -1
    line = end = 0
    for found in _LINE.finditer(text):
        line += found.start() - end
        end = found.end()
        faults.place = f"line {line + 1:,}"
        distances = unsigned_numbers(found[0])
        if distances is None:
            faults.note("a line is not base64 VLQ of up to 32 bits")
            continue
        index = before_first
        for number, distance in enumerate(distances):
            index += distance
            if not distance and (number or before_first):
                faults.note("a distance between two range mappings is 0")
            elif index > LARGEST:
                faults.note("the index of a range mapping needs more than 31 bits")
                break
            else:
                keys.append(line << 32 | index)
    return keys


class RangeMarker:
    """Tells which mappings are ranges, as they come, sorted: those must exist and have an original."""

    def __init__(self, ranges: RangeMappings, faults: FieldFaults) -> None:
        self._ranges = ranges
        self._faults = faults
        self._line, self._next = 0, 0
        self._found = 0
        self._without_original = False

    def flags(self, lines: Column, sources: Column) -> Flags:
        """Of some mappings that follow those before; no empty arrays."""
        firsts = np.flatnonzero(np.concatenate(([True], lines[1:] != lines[:-1])))
        numbers = np.arange(lines.size)
        indices = numbers - firsts[np.searchsorted(firsts, numbers, side="right") - 1]
        goes_on = lines[0] == self._line
        indices[lines == lines[0]] += self._next if goes_on else 0
        self._line, self._next = int(lines[-1]), int(indices[-1]) + 1
        flags = self._ranges.among(lines, indices)
        self._found += int(flags.sum())
        self._without_original |= bool((flags & (sources == NONE)).any())
        return np.asarray(flags & (sources != NONE), dtype=np.bool_)

    def finish(self) -> None:
        """Note what was wrong with the field."""
        self._faults.place = ""
        if self._found < len(self._ranges):
            missing = len(self._ranges) - self._found
            self._faults.note(f"{missing:,} of its mappings are not in `mappings`")
        if self._without_original:
            self._faults.note("a mapping that has no original is marked as a range")
