"""What parts of compiled files share."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.sourcemaps.compiled import parts as module
from headwater.sourcemaps.compiled.cache import Cache
from headwater.sourcemaps.compiled.dictionaries import CHECKSUM, Shared, content_of
from headwater.sourcemaps.compiled.memory import MemoryBytes
from headwater.sourcemaps.compiled.parts import (
    VERSION,
    CompiledFileDamaged,
    Parts,
    PartWriter,
    range_at,
)

OF_VERSION = {
    5: "44003dd73d1b3ca5e193abb93e690bfdb7d4369455eb2482b1f5c9958a6f8907",
}
"""The dictionaries' digest: files of a version can be read with no others."""


def reader_of(contents: list[tuple[bytes, Shared]]) -> tuple[Parts, list[int]]:
    pieces: list[bytes] = []
    writer = PartWriter(pieces.append, "key", 1)
    addresses = [writer.add(*each).address for each in contents]
    writer.finish(b"")
    return Parts(MemoryBytes("key", b"".join(pieces)), 1, Cache()), addresses


def test_other_dictionaries_are_another_version_of_the_format() -> None:
    digest = sha256()
    for each in Shared:
        if each is not Shared.NOTHING:
            digest.update(content_of(each))

    assert OF_VERSION.get(VERSION) == digest.hexdigest()


@given(st.lists(st.tuples(st.binary(max_size=300), st.sampled_from(Shared)), min_size=1))
def test_parts_come_back_whatever_they_share(contents: list[tuple[bytes, Shared]]) -> None:
    parts, addresses = reader_of(contents)

    found = [
        parts.read([address], shared)
        for address, (_, shared) in zip(addresses, contents, strict=True)
    ]

    assert found == [[content] for content, _ in contents]


@pytest.mark.parametrize("shared", Shared)
def test_a_part_is_not_read_by_what_it_does_not_share(shared: Shared) -> None:
    parts, addresses = reader_of([(b"one, two", shared)])

    for other in set(Shared) - {shared}:
        with pytest.raises(CompiledFileDamaged):
            parts.read(addresses, other)


def test_a_part_is_not_read_by_other_dictionaries(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(module, "CHECKSUM", CHECKSUM ^ 1)
        parts, addresses = reader_of([(b"one, two", Shared.NUMBERS)])
        assert parts.read(addresses, Shared.NUMBERS) == [b"one, two"]

    parts = Parts(parts.file, 1, Cache())

    with pytest.raises(CompiledFileDamaged):
        parts.read(addresses, Shared.NUMBERS)


def test_what_is_shared_is_not_written_again() -> None:
    text = b"export function total(order) {\n  return order.lines.length;\n}\n"

    _, addresses = reader_of([(text, Shared.NOTHING), (text, Shared.TEXT)])

    (_, alone), (_, together) = map(range_at, addresses)
    assert together < alone * 0.8
