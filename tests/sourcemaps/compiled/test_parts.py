"""Parts of a compiled file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.sourcemaps.compiled import parts as module
from headwater.sourcemaps.compiled.cache import Cache
from headwater.sourcemaps.compiled.memory import MemoryBytes
from headwater.sourcemaps.compiled.parts import (
    PLAIN,
    TAIL,
    CompiledFileDamaged,
    Parts,
    PartWriter,
    Ref,
    packed,
    range_at,
    unpacked,
)
from headwater.sourcemaps.reading.document import SourceMapTooLarge

KIND = 1
CONTENTS = st.lists(st.binary(max_size=50) | st.binary(min_size=4000, max_size=4000), max_size=6)


def written(
    contents: list[bytes], key: str = "key", head: bytes = b"head"
) -> tuple[bytes, list[Ref]]:
    pieces: list[bytes] = []
    writer = PartWriter(pieces.append, key, KIND)
    refs = [writer.add(each) for each in contents]
    size = writer.finish(head)
    file = b"".join(pieces)
    assert len(file) == size
    return file, refs


def reader(file: bytes, key: str = "key", kind: int = KIND) -> Parts:
    return Parts(MemoryBytes(key, file), kind, Cache())


@given(CONTENTS)
def test_parts_and_head_come_back(contents: list[bytes]) -> None:
    file, refs = written(contents)

    parts = reader(file)

    assert parts.head() == b"head"
    assert parts.read([ref.address for ref in refs]) == contents


@pytest.mark.parametrize("size", [0, 1, PLAIN - 1, PLAIN, TAIL - 100, TAIL, 3 * TAIL])
def test_a_head_may_have_any_size(size: int) -> None:
    head = bytes(index * 7919 % 251 for index in range(size))

    file, _ = written([b"before"], head=head)

    assert reader(file).head() == head


def test_a_part_at_another_place_is_refused() -> None:
    file, (one, two) = written([b"a" * 20, b"b" * 20])
    assert one.length == two.length
    pieces = [file[ref.offset : ref.offset + ref.length] for ref in (one, two)]

    swapped = reader(pieces[1] + pieces[0] + file[two.offset + two.length :])

    for ref in (one, two):
        with pytest.raises(CompiledFileDamaged):
            swapped.read([ref.address])


@pytest.mark.parametrize(("key", "kind"), [("other", KIND), ("key", KIND + 1)])
def test_a_file_of_another_key_or_kind_is_refused(key: str, kind: int) -> None:
    file, (ref,) = written([b"content"])
    other = reader(file, key, kind)

    with pytest.raises(CompiledFileDamaged):
        other.head()
    with pytest.raises(CompiledFileDamaged):
        other.read([ref.address])


def test_a_file_of_another_version_is_refused() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "VERSION", module.VERSION + 1)
        file, _ = written([b"content"])

    with pytest.raises(CompiledFileDamaged, match="version"):
        reader(file).head()


def test_what_one_reader_decoded_another_is_given() -> None:
    file, (ref,) = written([b"content"])
    parts = reader(file)

    first = parts.decoded(ref.address, lambda content: ([content], 1))

    assert parts.decoded(ref.address, lambda content: ([content], 1)) is first


def test_a_part_over_the_limit_is_not_written() -> None:
    pieces: list[bytes] = []
    writer = PartWriter(pieces.append, "key", KIND)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MAX_PART", 10)
        writer.add(bytes(10))
        with pytest.raises(SourceMapTooLarge, match="more than"):
            writer.add(bytes(11))


def test_a_file_over_its_limit_is_not_written() -> None:
    written: list[bytes] = []
    writer = PartWriter(written.append, "key", KIND, limit=10)
    writer.add(b"content of a part")

    with pytest.raises(SourceMapTooLarge, match="more than 10 bytes"):
        writer.add(b"another")


@given(st.lists(st.tuples(st.integers(0, 2**36 - 1), st.integers(0, 2**28 - 1))))
def test_refs_can_be_packed(places: list[tuple[int, int]]) -> None:
    refs = [Ref(*each) for each in places]

    addresses = unpacked(packed(ref.address for ref in refs))

    assert [range_at(each) for each in addresses] == refs


def test_numbers_that_are_cut_off_are_damage() -> None:
    with pytest.raises(CompiledFileDamaged):
        unpacked(packed([1, 2])[:-1])
