"""Chunks as one file."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.artifacts.joined import JoinedChunks
from headwater.protocol.chunks import Sha1
from headwater.storage.files.blobs import BlobNotFound
from tests.folders import FolderBlobs


def joined(folder: Path, pieces: list[bytes]) -> JoinedChunks:
    blobs = FolderBlobs(folder, "sha1")
    return JoinedChunks(blobs, [(Sha1(blobs.put([piece])[0]), len(piece)) for piece in pieces])


@given(
    pieces=st.lists(st.binary(max_size=20), max_size=5),
    steps=st.lists(st.tuples(st.integers(0, 110), st.integers(0, 40)), max_size=8),
)
def test_it_reads_like_the_file_that_was_cut(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes], steps: list[tuple[int, int]]
) -> None:
    whole = io.BytesIO(b"".join(pieces))

    with io.BufferedReader(joined(tmp_path_factory.mktemp("blobs"), pieces), 8) as file:
        for place, size in steps:
            assert file.seek(place) == whole.seek(place)
            assert file.read(size) == whole.read(size)
            assert file.tell() == whole.tell()
        assert file.seek(0, io.SEEK_END) == len(whole.getvalue())


def test_a_chunk_that_is_gone_is_told(tmp_path: Path) -> None:
    file = joined(tmp_path, [b"one", b"two"])
    for path in list(tmp_path.glob("??/*")):
        path.unlink()

    with pytest.raises(BlobNotFound):
        file.read()
