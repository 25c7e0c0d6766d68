"""Blocks of texts, of which lines are read without looking for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.sourcemaps.compiled import text_block as module
from headwater.sourcemaps.compiled.parts import CompiledFileDamaged
from headwater.sourcemaps.compiled.text_block import FEW, GROUP, Block, block_with

MANY = "".join(f"{'é' * (number % 7)}line {number}\n" for number in range(5 * GROUP))


def block_of(text: str) -> Block:
    stored, _ = block_with(text.encode())
    return Block(stored)


@given(
    st.lists(st.text(alphabet="aé😀", max_size=3), min_size=FEW, max_size=6 * GROUP),
    st.integers(0, 6 * GROUP),
    st.integers(1, 3 * GROUP),
)
def test_lines_are_those_of_the_text(lines: list[str], first: int, count: int) -> None:
    block = block_of("\n".join(lines))

    assert block.lines(first, first + count) == lines[first : first + count]
    assert block.breaks == len(lines) - 1
    assert block.text() == "\n".join(lines)


def test_lines_are_the_same_when_they_were_asked_for_often() -> None:
    block = block_of(MANY)

    found = [block.lines(GROUP - 1, 2 * GROUP + 1) for _ in range(2 * module.OFTEN)]

    assert found == [MANY.split("\n")[GROUP - 1 : 2 * GROUP + 1]] * len(found)


@pytest.mark.parametrize("length", [0, 3, 4, 5, 8, 11, 23])
def test_a_block_that_is_cut_within_its_beginning_is_refused(length: int) -> None:
    stored, _ = block_with(MANY.encode())

    with pytest.raises(CompiledFileDamaged):
        Block(stored[:length])
