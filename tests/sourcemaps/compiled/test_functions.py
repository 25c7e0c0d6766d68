"""Function tables in compiled files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.sourcemaps.compiled.cache import Cache
from headwater.sourcemaps.compiled.functions import (
    INLINE,
    MAX_NAME,
    Functions,
    functions_at,
    write_functions,
)
from headwater.sourcemaps.compiled.memory import MemoryBytes
from headwater.sourcemaps.compiled.parts import CompiledFileDamaged, Parts, PartWriter
from headwater.sourcemaps.functions.function_table import FunctionTable
from tests.sourcemaps.compiled.recording import Recording

DIGEST = b"d" * 32
PLACES = st.tuples(st.integers(0, 5), st.integers(0, 5))
NAMES = st.none() | st.sampled_from(("a", "ünï", "<anonymous>", ""))
TABLES = st.dictionaries(PLACES, NAMES).map(
    lambda rows: FunctionTable(
        [line for line, _ in sorted(rows)],
        [column for _, column in sorted(rows)],
        [rows[place] for place in sorted(rows)],
    )
)


def stored(table: FunctionTable, digest: bytes = DIGEST) -> Functions:
    pieces: list[bytes] = []
    ref = write_functions(PartWriter(pieces.append, "key", 2), DIGEST, table)
    parts = Parts(MemoryBytes("key", b"".join(pieces)), 2, Cache())
    return functions_at(parts, {ref.address: lambda: digest})[ref.address]


@given(TABLES, st.lists(PLACES))
def test_a_stored_table_answers_as_the_table(
    table: FunctionTable, asked: list[tuple[int, int]]
) -> None:
    functions = stored(table)

    assert functions.of(asked) == table.of(asked)
    assert table.of(asked) == [table.at(*place) for place in asked]


def test_a_table_of_many_functions_is_read_in_parts() -> None:
    count = 3 * INLINE
    table = FunctionTable(
        range(count), [3] * count, [f"f{number}" if number % 5 else None for number in range(count)]
    )

    functions = stored(table)

    lines = (0, 1, count - 1, 5, INLINE, 1)
    assert functions.of([(line, 3) for line in lines]) == [table.names[line] for line in lines]
    assert functions.of([(0, 2), (count + 7, 0)]) == [None, table.names[-1]]


def test_the_parts_that_places_are_in_are_read_at_once() -> None:
    count = 3 * INLINE
    pieces: list[bytes] = []
    table = FunctionTable(range(count), [3] * count, [f"f{number}" for number in range(count)])
    ref = write_functions(PartWriter(pieces.append, "key", 2), DIGEST, table)
    file = Recording(b"".join(pieces))
    parts = Parts(file, 2, Cache())
    functions = functions_at(parts, {ref.address: lambda: DIGEST})[ref.address]
    file.read_at_once.clear()

    functions.of([(0, 3), (count - 1, 3), (INLINE, 3), (1, 3)])

    assert [len(ranges) for ranges in file.read_at_once] == [3]


def test_a_small_table_is_one_part() -> None:
    table = FunctionTable(range(INLINE), [0] * INLINE, ["f", "g"] * (INLINE // 2))

    functions = stored(table)

    assert functions.of([(INLINE - 2, 9)]) == ["f"]


@pytest.mark.parametrize("largest", [255, 256, 65_535, 65_536, 2**31 - 1])
def test_numbers_of_any_size_are_stored(largest: int) -> None:
    table = FunctionTable([0, largest], [largest, largest], ["f", "g"])

    functions = stored(table)

    places = [(0, largest - 1), (0, largest), (largest, largest - 1), (largest, largest)]
    assert functions.of(places) == [None, "f", "f", "g"]


def test_a_very_long_name_is_cut() -> None:
    assert stored(FunctionTable([0], [0], ["f" * 10_000])).of([(0, 0)]) == ["f" * MAX_NAME]


def test_the_table_of_another_text_is_refused() -> None:
    with pytest.raises(CompiledFileDamaged, match="another text"):
        stored(FunctionTable([1], [0], ["f"]), b"e" * 32)
