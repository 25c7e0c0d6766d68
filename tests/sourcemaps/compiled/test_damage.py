"""A compiled file that is not as it was written gives the right answers or none."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.sourcemaps.compiled.parts import CompiledFileDamaged
from tests.sourcemaps.compiled.example import answers, of_functions, of_maps, write_all

WHOLE = write_all()
QUESTIONS = {"older": of_maps, "newer": of_maps, "functions": of_functions}
RIGHT = {name: answers(questions(WHOLE)) for name, questions in QUESTIONS.items()}
FILES = tuple(QUESTIONS)


def is_right_or_damaged(name: str, content: bytes) -> bool:
    """Whether each answer is the right one or that the file is damaged, and some say that."""
    found = answers(QUESTIONS[name](WHOLE._replace(**{name: content})))
    pairs = zip(found, RIGHT[name], strict=True)
    return CompiledFileDamaged in found and all(
        answer in (right, CompiledFileDamaged) for answer, right in pairs
    )


def flipped(content: bytes) -> Iterator[bytes]:
    """Each byte another one, by turns in one bit or in all of them."""
    for place, byte in enumerate(content):
        change = (1 << place % 8, 0xFF)[place % 2]
        yield content[:place] + bytes((byte ^ change,)) + content[place + 1 :]


def test_the_whole_files_answer_everything() -> None:
    for name in FILES:
        assert CompiledFileDamaged not in RIGHT[name]


@pytest.mark.parametrize("name", FILES)
def test_no_flipped_byte_gives_a_wrong_answer(name: str) -> None:
    content = getattr(WHOLE, name)

    wrong = [
        place
        for place, changed in enumerate(flipped(content))
        if not is_right_or_damaged(name, changed)
    ]

    assert wrong == []


@pytest.mark.parametrize("name", FILES)
def test_no_file_cut_short_gives_an_answer_of_its_own(name: str) -> None:
    content = getattr(WHOLE, name)

    wrong = [
        length for length in range(len(content)) if not is_right_or_damaged(name, content[:length])
    ]

    assert wrong == []


@given(st.sampled_from(FILES), st.binary(min_size=1, max_size=100))
def test_bytes_behind_the_end_are_damage(name: str, more: bytes) -> None:
    content = getattr(WHOLE, name)

    assert is_right_or_damaged(name, content + more)


@given(st.sampled_from(FILES), st.data())
def test_pieces_that_changed_places_give_no_wrong_answer(name: str, data: st.DataObject) -> None:
    content = getattr(WHOLE, name)
    one, two, three = sorted(data.draw(st.tuples(*[st.integers(0, len(content))] * 3)))

    changed = content[:one] + content[two:three] + content[one:two] + content[three:]

    assert changed == content or is_right_or_damaged(name, changed)


@given(st.sampled_from(FILES), st.sampled_from(FILES))
def test_another_file_in_the_place_of_one_gives_no_answer(name: str, other: str) -> None:
    assert name == other or is_right_or_damaged(name, getattr(WHOLE, other))


def test_the_same_maps_give_the_same_bytes() -> None:
    assert write_all() == WHOLE
