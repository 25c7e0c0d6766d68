"""Columns of numbers as bytes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from headwater.sourcemaps.compiled.columns import (
    Column,
    UnreadableColumns,
    decode,
    encode,
)

LARGEST = 2**31 - 1
NUMBERS = st.integers(0, LARGEST) | st.integers(0, 300) | st.sampled_from((0, LARGEST))
MATRICES = arrays(np.int32, array_shapes(min_dims=2, max_dims=2, max_side=9), elements=NUMBERS)


def encoded(columns: list[Column]) -> bytes:
    (only,) = encode(columns, columns[0].size)
    return only


@given(st.lists(MATRICES, max_size=5))
def test_what_was_encoded_comes_back(
    tables: list[np.ndarray[tuple[int, int], np.dtype[np.int32]]],
) -> None:
    decoded = decode([encoded(list(columns)) for columns in tables])

    assert len(decoded) == len(tables)
    for found, columns in zip(decoded, tables, strict=True):
        assert found.dtype == np.int32
        assert (found == columns).all()


@given(MATRICES, st.integers(1, 10))
def test_a_long_table_is_cut_into_tables(
    columns: np.ndarray[tuple[int, int], np.dtype[np.int32]], rows: int
) -> None:
    tables = decode(list(encode(list(columns), rows)))

    assert all(table.shape[1] == rows for table in tables[:-1])
    assert (np.concatenate(tables, axis=1) == columns).all()


def test_small_steps_take_two_bytes_however_large_the_numbers() -> None:
    column = np.arange(LARGEST - 1000, LARGEST, dtype=np.int32)
    far = column.copy()
    far[500] = 5

    assert len(encoded([column])) < 2010
    assert len(encoded([far])) > 4 * 1000


@given(st.binary(max_size=60))
def test_other_bytes_are_refused_or_some_columns(encoded: bytes) -> None:
    try:
        (decoded,) = decode([encoded])
    except UnreadableColumns:
        return

    assert decoded.size <= len(encoded)


@given(MATRICES, st.integers(1, 10))
def test_bytes_too_few_or_too_many_are_refused(
    columns: np.ndarray[tuple[int, int], np.dtype[np.int32]], number: int
) -> None:
    whole = encoded(list(columns))

    for changed in (whole[:-number], whole + bytes(number)):
        with pytest.raises(UnreadableColumns):
            decode([changed])
