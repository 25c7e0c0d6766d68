"""Tables of rows at places, against a plain sorted list."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.sourcemaps.compiled import places as module
from headwater.sourcemaps.compiled.cache import Cache
from headwater.sourcemaps.compiled.columns import encode
from headwater.sourcemaps.compiled.dictionaries import Shared
from headwater.sourcemaps.compiled.memory import MemoryBytes
from headwater.sourcemaps.compiled.parts import CompiledFileDamaged, Parts, PartWriter, packed
from headwater.sourcemaps.compiled.places import Table, TableHead, TableWriter, key_of

LARGEST = 2**31 - 1
NUMBERS = st.integers(0, 4) | st.sampled_from((LARGEST - 1, LARGEST))
ROWS = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), max_size=25).map(
    lambda rows: sorted(rows, key=lambda row: row[:2])
)
PLACES = st.tuples(
    st.integers(-1, 5) | st.sampled_from((LARGEST, 2**40)),
    st.integers(-1, 5) | st.sampled_from((LARGEST, 2**40)),
)
Rows = list[tuple[int, int, int]]


@pytest.fixture(autouse=True)
def _small_blocks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "ROWS", 4)
        yield


def stored(rows: Rows, step: int = 3, inline: int = 0, *, waits: bool = True) -> Table:
    pieces: list[bytes] = []
    parts = PartWriter(pieces.append, "key", 1)
    writer = TableWriter(parts, inline)
    for start in range(0, len(rows), step):
        writer.add(list(np.array(rows[start : start + step], dtype=np.int32).T))
    head = writer.finish()
    file = MemoryBytes("key", b"".join(pieces))
    file.waits = waits
    table = Table(Parts(file, 1, Cache()), head)
    assert table.rows == len(rows)
    return table


@given(ROWS, st.integers(1, 9), st.sampled_from((0, 10)), st.lists(PLACES))
def test_a_look_up_finds_the_last_row_at_or_before_a_place(
    rows: Rows, step: int, inline: int, asked: list[tuple[int, int]]
) -> None:
    table = stored(rows, step, inline)

    for place in asked:
        before = [row for row in rows if row[:2] <= place and place[1] >= 0]

        assert table.at_or_before(*place) == (list(before[-1]) if before else None)
    assert table.ask(asked).rows() == [table.at_or_before(*place) for place in asked]


@given(ROWS, st.integers(1, 9), st.sampled_from((0, 10)), st.integers(0, 5) | st.just(LARGEST))
def test_the_rows_of_a_line_come_in_order(rows: Rows, step: int, inline: int, line: int) -> None:
    table = stored(rows, step, inline)

    found = [tuple(row) for block in table.on_line(line) for row in block.T.tolist()]

    assert found == [row for row in rows if row[0] == line]


def test_of_many_rows_at_one_place_the_last_wins_over_several_blocks() -> None:
    table = stored([(1, 1, number) for number in range(13)])

    assert table.at_or_before(1, 1) == [1, 1, 12]
    assert table.at_or_before(1, 0) is None
    assert sum(block.shape[1] for block in table.on_line(1)) == 13


def test_what_will_be_read_is_announced_once() -> None:
    asked = stored([(number, 0, 0) for number in range(9)]).ask([(0, 0), (3, 7), (4, 0)])

    assert asked.announce()
    asked.rows()
    assert not asked.announce()
    assert not stored([(1, 0, 0)]).ask([(0, 0)]).announce()
    assert not stored([(1, 0, 0)], inline=1).ask([(1, 0)]).announce()


def test_nothing_is_announced_where_all_is_in_memory() -> None:
    asked = stored([(number, 0, 0) for number in range(9)], waits=False).ask([(0, 0), (3, 7)])

    assert not asked.announce()
    assert asked.rows() == [[0, 0, 0], [3, 0, 0]]


def test_an_empty_table_has_no_row() -> None:
    table = stored([])

    assert table.at_or_before(5, 5) is None
    assert list(table.on_line(0)) == []


@pytest.mark.parametrize("columns", [(1, 1), (2, 3)])
def test_blocks_that_are_no_tables_are_damage(columns: tuple[int, int]) -> None:
    pieces: list[bytes] = []
    parts = PartWriter(pieces.append, "key", 1)
    addresses = [
        parts.add(block, Shared.NUMBERS).address
        for count in columns
        for block in encode([np.array([1, 2], dtype=np.int32)] * count, 2)
    ]
    head = TableHead(4, packed([key_of(1, 1), key_of(2, 1)]), packed(addresses))
    table = Table(Parts(MemoryBytes("key", b"".join(pieces)), 1, Cache()), head)

    with pytest.raises(CompiledFileDamaged):
        table.ask([(1, 1), (2, 1)]).rows()
