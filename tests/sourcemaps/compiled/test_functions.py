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

    for place in asked:
        assert functions.at(*place) == table.at(*place)


def test_a_table_of_many_functions_is_read_in_parts() -> None:
    count = 3 * INLINE
    table = FunctionTable(
        range(count), [3] * count, [f"f{number}" if number % 5 else None for number in range(count)]
    )

    functions = stored(table)

    for line in (0, 1, 5, INLINE, count - 1):
        assert functions.at(line, 3) == table.names[line]
    assert functions.at(0, 2) is None
    assert functions.at(count + 7, 0) == table.names[-1]


def test_a_small_table_is_one_part() -> None:
    table = FunctionTable(range(INLINE), [0] * INLINE, ["f", "g"] * (INLINE // 2))

    functions = stored(table)

    assert functions.at(INLINE - 2, 9) == "f"


@pytest.mark.parametrize("largest", [255, 256, 65_535, 65_536, 2**31 - 1])
def test_numbers_of_any_size_are_stored(largest: int) -> None:
    table = FunctionTable([0, largest], [largest, largest], ["f", "g"])

    functions = stored(table)

    assert functions.at(0, largest - 1) is None
    assert functions.at(0, largest) == functions.at(largest, largest - 1) == "f"
    assert functions.at(largest, largest) == "g"


def test_a_very_long_name_is_cut() -> None:
    assert stored(FunctionTable([0], [0], ["f" * 10_000])).at(0, 0) == "f" * MAX_NAME


def test_the_table_of_another_text_is_refused() -> None:
    with pytest.raises(CompiledFileDamaged, match="another text"):
        stored(FunctionTable([1], [0], ["f"]), b"e" * 32)
