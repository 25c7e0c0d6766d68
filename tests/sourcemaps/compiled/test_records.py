"""Lists of which single entries are read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.sourcemaps.compiled.cache import Cache
from headwater.sourcemaps.compiled.layout import BodyRecord
from headwater.sourcemaps.compiled.memory import MemoryBytes
from headwater.sourcemaps.compiled.parts import CompiledFileDamaged, Parts, PartWriter
from headwater.sourcemaps.compiled.records import List, ListWriter


def stored(entries: list[str], per_part: int) -> List[str]:
    pieces: list[bytes] = []
    parts = PartWriter(pieces.append, "key", 1)
    writer = ListWriter[str](parts, per_part)
    for start in range(0, len(entries), 3):
        writer.add(entries[start : start + 3])
    head = writer.finish()
    return List(Parts(MemoryBytes("key", b"".join(pieces)), 1, Cache()), head, str)


@given(st.lists(st.text(), max_size=30), st.integers(1, 8))
def test_entries_come_back(entries: list[str], per_part: int) -> None:
    found = stored(entries, per_part)

    assert len(found) == len(entries)
    assert [found[index] for index in range(len(entries))] == entries


@pytest.mark.parametrize("index", [-1, 9, 2**31])
def test_an_index_that_no_entry_has_is_damage_since_it_comes_from_the_same_file(index: int) -> None:
    found = stored(["entry"] * 9, 4)

    with pytest.raises(CompiledFileDamaged, match="no entry"):
        _ = found[index]


def test_twenty_thousand_sources_are_read_one_by_one() -> None:
    pieces: list[bytes] = []
    parts = PartWriter(pieces.append, "key", 1)
    writer = ListWriter[BodyRecord](parts, 16)
    writer.add(BodyRecord(f"src/{number}.ts", number % 2 == 0) for number in range(20_000))
    head = writer.finish()

    found = List(Parts(MemoryBytes("key", b"".join(pieces)), 1, Cache()), head, BodyRecord)

    assert found[19_999] == BodyRecord("src/19999.ts")
    assert len(head.addresses) == 8 * 20_000 / 16
