"""Texts of which a few lines are read, against the text itself."""

from collections.abc import Iterator
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.sourcemaps.compiled import texts as module
from headwater.sourcemaps.compiled.cache import Cache
from headwater.sourcemaps.compiled.parts import Parts, PartWriter
from headwater.sourcemaps.compiled.texts import (
    Line,
    Text,
    around,
    digest_of,
    text_at,
    units,
    write_text,
)
from tests.sourcemaps.compiled.recording import Recording

BLOCK = 8
TEXTS = st.text(alphabet="a\n\n\ré😀\ud800", max_size=80) | st.text(alphabet="abc", max_size=60)


@pytest.fixture(autouse=True)
def _small_blocks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK", BLOCK)
        patch.setattr(module, "REACH", 4)
        yield


def stored(pieces: list[str]) -> Text:
    written: list[bytes] = []
    parts = PartWriter(written.append, "key", 1)
    digest, ref = write_text(parts, pieces)
    file = Recording(b"".join(written))
    reader = Parts(file, 1, Cache())
    text = text_at(reader, ref.address)
    file.read_at_once.clear()
    assert text.digest == digest
    return text


def cut(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


def storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def slice_of(line: str, start: int, end: int) -> str:
    """By UTF-16 columns."""
    return line.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")


def assert_is_part(found: Line | str, line: str, column: int) -> None:
    """It is what the line has there, and reaches as far around the column as it promises."""
    if isinstance(found, str):
        assert found == line
        return
    end = found.start + units(found.text)
    assert slice_of(line, found.start, end) == found.text
    assert found.is_cut or end == units(line)
    assert found.start <= max(0, min(column, units(line)) - 4)
    assert not found.is_cut or end >= min(column + 4, units(line))


@given(TEXTS, st.integers(1, 30))
def test_all_of_a_text_comes_back_however_it_was_cut(text: str, size: int) -> None:
    found = stored(cut(text, size))

    assert "".join(found.pieces()) == storable(text)
    assert found.lines == text.count("\n") + 1
    assert found.length == len(storable(text).encode())
    assert found.digest == digest_of(cut(text, size)) == sha256(storable(text).encode()).digest()


@given(TEXTS, st.integers(1, 30), st.integers(-3, 60))
def test_each_line_is_found_around_any_column(text: str, size: int, column: int) -> None:
    found = stored(cut(text, size))

    for number, line in enumerate(storable(text).split("\n")):
        part = found.line(number, column)

        assert part is not None
        assert_is_part(part, line, column)
        assert units(part.text) <= 2 * 3 * BLOCK
    assert found.line(found.lines) is None
    assert found.line(-1) is None


@given(TEXTS, st.integers(-3, 60), st.integers(0, 5))
def test_the_lines_around_one_come_in_order(text: str, column: int, reach: int) -> None:
    found = stored([text])
    lines = storable(text).split("\n")

    for number in range(len(lines)):
        (of_place,) = around([(found, [(number, column)])], reach)[0]

        expected = lines[max(0, number - reach) : number + reach + 1]
        assert len(of_place) == len(expected)
        for part, line in zip(of_place, expected, strict=True):
            assert_is_part(part, line, column)


def test_a_long_line_with_astral_characters_is_read_near_the_column_only() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK", 16 * 1024)
        line = "😀é=" * 500_000
        found = stored([f"{line}\nlast"])

        part = found.line(0, 1_000_000)

    assert part is not None
    assert part.is_cut
    assert part.text in line
    assert part.start <= 1_000_000 < part.start + units(part.text)
    assert len(part.text) <= 3 * 16 * 1024
    assert found.line(1) == Line("last")


@pytest.mark.parametrize(
    "text", ["", "\n", "a", "a\n", "a\r\nb\r\n", "a" * BLOCK, "a" * BLOCK + "\n"]
)
def test_beginnings_and_ends(text: str) -> None:
    found = stored([text] if text else [])

    (all_lines,) = around([(found, [(0, 0)])], 99)[0]
    whole = [each for each in all_lines if isinstance(each, str)]
    lines = text.split("\n")
    assert "".join(found.pieces()) == text
    assert found.lines == len(lines)
    assert len(all_lines) == len(lines)
    assert whole == [each for each in lines if len(each) <= BLOCK]


@given(TEXTS, st.lists(st.tuples(st.integers(-2, 90), st.integers(0, 60)), max_size=5))
def test_around_several_places_is_what_is_around_each(
    text: str, places: list[tuple[int, int]]
) -> None:
    found = stored([text])

    assert around([(found, places)], 2)[0] == [
        around([(found, [each])], 2)[0][0] for each in places
    ]
    assert all(
        bool(lines) == (0 <= line < found.lines)
        for lines, (line, _) in zip(around([(found, places)], 2)[0], places, strict=True)
    )


@given(
    st.lists(
        st.tuples(TEXTS, st.lists(st.tuples(st.integers(-2, 90), st.integers(0, 60)))), max_size=4
    )
)
def test_texts_that_are_read_together_are_as_each_by_itself(
    asked: list[tuple[str, list[tuple[int, int]]]],
) -> None:
    """Each in a file of its own, and each once more."""
    texts = [(stored([text]), places) for text, places in asked] * 2

    assert around(texts, 2) == [around([each], 2)[0] for each in texts]


def test_what_is_around_several_places_is_read_at_once_and_announced_before() -> None:
    found = stored(["a\nb\nc\n" * 20])
    places = [(line, 0) for line in range(3, 57, 9)]
    file = found.parts.file
    assert isinstance(file, Recording)
    assert found.announce(places, 1)

    around([(found, places)], 1)

    assert len(file.read_at_once) == 1
    (ranges,) = file.read_at_once
    assert all(
        any(start <= at < start + length for start, length in file.announced) for at, _ in ranges
    )


def test_what_is_read_already_is_not_announced() -> None:
    found = stored(["line\n" * 20])

    assert found.announce([(7, 0)])
    found.line(7)
    assert not found.announce([(7, 0)])
    assert not stored(["short"]).announce([(0, 0)])


def test_a_line_that_fills_a_block_does_not_go_on() -> None:
    found = stored(["x" * BLOCK + "\ny"])

    assert found.line(0) == Line("x" * BLOCK)
