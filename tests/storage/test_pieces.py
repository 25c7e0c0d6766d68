"""Pieces: all bytes in order, and the same where two files are the same."""

import io
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.storage.files.pieces import COARSE, FINE, MAX_PIECE, SMALL_FILE, WINDOW
from headwater.storage.files.pieces import pieces as cut


class Slow(io.BytesIO):
    """Reads fewer bytes than it is asked for."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or 0, 100_001))


def pieces(file: io.BytesIO) -> list[bytes]:
    return list(cut(file, len(file.getbuffer())))


def noise(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)  # noqa: S311  # not for secrets


@pytest.mark.parametrize(
    "size", [0, 1, 7, 8, FINE.shortest, MAX_PIECE, SMALL_FILE, WINDOW, WINDOW + 1, 3 * WINDOW]
)
def test_the_pieces_are_the_file(size: int) -> None:
    content = noise(size)

    found = list(pieces(io.BytesIO(content)))

    assert b"".join(found) == content
    shortest = FINE.shortest if size < SMALL_FILE else COARSE.shortest
    assert all(shortest <= len(piece) <= MAX_PIECE for piece in found[:-1])
    assert all(found)


def test_pieces_have_the_size_they_should() -> None:
    found = list(pieces(io.BytesIO(noise(8_000_000))))

    assert 100 < len(found) < 250
    assert 60 < len(list(pieces(io.BytesIO(noise(1_000_000))))) < 120


def test_where_nothing_differs_pieces_are_cut_all_the_same() -> None:
    found = list(pieces(io.BytesIO(b"A" * 3_000_000)))

    assert b"".join(found) == b"A" * 3_000_000
    assert {len(piece) for piece in found[:-1]} <= {COARSE.shortest, MAX_PIECE}


def test_how_a_file_is_read_changes_no_cut() -> None:
    content = noise(WINDOW + 500_000)

    assert list(pieces(Slow(content))) == list(pieces(io.BytesIO(content)))


@given(st.integers(0, 3_000_000), st.binary(max_size=100), st.integers(0, 100))
def test_a_change_changes_the_pieces_around_it(place: int, new: bytes, gone: int) -> None:
    before = noise(3_000_000)
    after = before[:place] + new + before[place + gone :]
    known = set(pieces(io.BytesIO(before)))

    changed = [piece for piece in pieces(io.BytesIO(after)) if piece not in known]

    assert sum(map(len, changed)) <= 4 * MAX_PIECE
