"""Columns of numbers as bytes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from headwater.sourcemaps.compiled.columns import UnreadableColumns, decode, encode

LARGEST = 2**31 - 1
NUMBERS = st.integers(0, LARGEST) | st.integers(0, 300) | st.sampled_from((0, LARGEST))
MATRICES = arrays(np.int32, array_shapes(min_dims=2, max_dims=2, max_side=9), elements=NUMBERS)


@given(MATRICES)
def test_what_was_encoded_comes_back(
    columns: np.ndarray[tuple[int, int], np.dtype[np.int32]],
) -> None:
    decoded = decode(encode(list(columns)))

    assert decoded.dtype == np.int32
    assert (decoded == columns).all()


@pytest.mark.parametrize("columns", [1, 7])
def test_columns_may_be_empty(columns: int) -> None:
    decoded = decode(encode([np.zeros(0, dtype=np.int32)] * columns))

    assert decoded.shape == (columns, 0)


def test_small_steps_take_one_byte_however_large_the_numbers() -> None:
    column = np.arange(LARGEST - 999, LARGEST, dtype=np.int32)
    column[0] = 5

    assert len(encode([column])) > 4 * 999
    assert len(encode([column[1:] - column[1]])) < 1010


@given(st.binary(max_size=60))
def test_other_bytes_are_refused_or_some_columns(encoded: bytes) -> None:
    try:
        decoded = decode(encoded)
    except UnreadableColumns:
        return

    assert decoded.size <= len(encoded)


@given(MATRICES, st.integers(1, 10))
def test_bytes_too_few_or_too_many_are_refused(
    columns: np.ndarray[tuple[int, int], np.dtype[np.int32]], number: int
) -> None:
    encoded = encode(list(columns))

    for changed in (encoded[:-number], encoded + bytes(number)):
        with pytest.raises(UnreadableColumns):
            decode(changed)
