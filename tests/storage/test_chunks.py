"""The register of chunks: whose they are, and for how long."""

from datetime import UTC, datetime, timedelta

import pytest

from headwater.protocol.chunks import Sha1
from headwater.storage.database import Database
from headwater.storage.projects import Projects
from headwater.storage.uploads.chunks import Chunks
from headwater.storage.uploads.named_files import NamedFiles
from headwater.storage.uploads.unnamed import BlobsMissing

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ONE, TWO = Sha1("1" * 40), Sha1("2" * 40)


@pytest.fixture
def chunks(database: Database) -> Chunks:
    Projects(database).create("web", None, NOW)
    Projects(database).create("shop", None, NOW)
    return Chunks(database)


def are_there(_sha1: str) -> bool:
    return True


def test_a_home_sees_only_the_chunks_that_it_uploaded_itself(chunks: Chunks) -> None:
    chunks.register(1, {ONE: 10}, NOW, are_there)
    chunks.register(None, {TWO: 20}, NOW, are_there)

    assert chunks.touch(1, [ONE, TWO], NOW) == {ONE: 10}
    assert chunks.touch(2, [ONE, TWO], NOW) == {}
    assert chunks.touch(None, [ONE, TWO], NOW) == {TWO: 20}


def test_registering_again_is_fine(chunks: Chunks) -> None:
    chunks.register(None, {ONE: 10}, NOW, are_there)
    chunks.register(None, {ONE: 10}, NOW, are_there)

    assert chunks.touch(None, [ONE], NOW) == {ONE: 10}


def test_chunks_that_are_gone_before_they_are_registered_are_not(chunks: Chunks) -> None:
    with pytest.raises(BlobsMissing):
        chunks.register(1, {ONE: 10, TWO: 20}, NOW, lambda sha1: sha1 == ONE)

    assert chunks.touch(1, [ONE, TWO], NOW) == {}


def test_thousands_of_names_are_asked_about_at_once(chunks: Chunks) -> None:
    names = [Sha1(f"{number:040x}") for number in range(3000)]
    chunks.register(1, dict.fromkeys(names, 5), NOW, are_there)

    assert set(chunks.touch(1, names, NOW)) == set(names)


def test_lost_chunks_are_forgotten_unless_they_came_since(chunks: Chunks) -> None:
    chunks.register(1, {ONE: 10, TWO: 20}, NOW, are_there)
    chunks.register(2, {TWO: 20}, NOW, are_there)
    chunks.register(1, {ONE: 10}, NOW + timedelta(seconds=2), are_there)

    chunks.forget([ONE, TWO], NOW + timedelta(seconds=1))

    assert chunks.sizes() == {ONE: 10}


def test_chunks_that_were_asked_about_do_not_expire(chunks: Chunks) -> None:
    chunks.register(1, {ONE: 10, TWO: 20}, NOW, are_there)
    chunks.touch(1, [TWO], NOW + timedelta(hours=20))

    expired = chunks.expire(NOW + timedelta(hours=1))

    assert expired == 1
    assert chunks.touch(1, [ONE, TWO], NOW) == {TWO: 20}


def test_bytes_that_another_home_shares_are_not_dropped(chunks: Chunks) -> None:
    chunks.register(1, {ONE: 10}, NOW, are_there)
    chunks.register(2, {ONE: 10}, NOW + timedelta(hours=2), are_there)
    chunks.register(1, {TWO: 20}, NOW, are_there)
    chunks.expire(NOW + timedelta(hours=1))

    dropped: list[Sha1] = []
    chunks.drop_unnamed([ONE, TWO], lambda sha1, _: dropped.append(sha1))

    assert dropped == [TWO]


def test_a_database_with_nothing_but_a_chunk_knows_files(
    database: Database, chunks: Chunks
) -> None:
    assert not NamedFiles(database).knows_files()

    chunks.register(1, {ONE: 10}, NOW, are_there)

    assert NamedFiles(database).knows_files()
    assert not NamedFiles(database).are_any()
