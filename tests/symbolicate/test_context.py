"""Lines around a place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.sourcemaps.compiled.origins import excerpt_of
from headwater.sourcemaps.compiled.texts import Line, Text, characters_before
from headwater.sourcemaps.in_memory import script_in_memory
from headwater.symbolicate.context import (
    MAX_LINE,
    WINDOW,
    Context,
    context_of,
    snip,
)


def text_of(*lines: str) -> Text:
    return script_in_memory("\n".join(lines)).text


def context_at(text: Text, line: int, column: int) -> Context | None:
    excerpt = excerpt_of(text, line, column)
    return None if excerpt is None else context_of(excerpt, column)


LINES = text_of(*(f"line {number}" for number in range(1, 21)))


def test_five_lines_stand_on_each_side() -> None:
    context = context_at(LINES, 9, 0)

    assert context is not None
    assert context.pre == ("line 5", "line 6", "line 7", "line 8", "line 9")
    assert context.line == "line 10"
    assert context.post == ("line 11", "line 12", "line 13", "line 14", "line 15")


@pytest.mark.parametrize(("line", "before", "after"), [(0, 0, 5), (2, 2, 5), (19, 5, 0)])
def test_there_are_fewer_at_the_ends(line: int, before: int, after: int) -> None:
    context = context_at(LINES, line, 0)

    assert context is not None
    assert (len(context.pre), len(context.post)) == (before, after)


@pytest.mark.parametrize("line", [-1, 20])
def test_a_line_beyond_the_source_has_no_context(line: int) -> None:
    assert context_at(LINES, line, 0) is None


def test_carriage_returns_are_not_shown() -> None:
    context = context_at(text_of("a\r", "b\r", "c"), 1, 0)

    assert context is not None
    assert (context.pre, context.line, context.post) == (("a",), "b", ("c",))


def test_a_long_line_is_cut_around_the_column() -> None:
    line = "".join(chr(ord("a") + number % 26) for number in range(1000))

    cut = snip(line, 500)

    assert cut == f"{{snip}} {line[440:580]} {{snip}}"


def test_a_cut_near_an_end_is_not_made() -> None:
    line = "x" * 300

    assert snip(line, 62) == f"{'x' * 140} {{snip}}"
    assert snip(line, 222) == f"{{snip}} {'x' * 140}"


def test_characters_count_not_bytes() -> None:
    line = "é" * MAX_LINE

    assert snip(line, 100) == line


def test_columns_are_utf_16_units() -> None:
    assert characters_before("😀😀x", 4) == 2
    assert characters_before("éx", 1) == 1
    assert characters_before("ab", 9) == 2


@given(st.text(max_size=50), st.integers(0, 120))
def test_characters_are_counted_as_one_by_one(line: str, column: int) -> None:
    units = 0
    expected = len(line)
    for index, character in enumerate(line):
        if units >= column:
            expected = index
            break
        units += 2 if ord(character) > 0xFFFF else 1

    assert characters_before(line, column) == expected


@pytest.mark.parametrize("column", [0, 70, 19_990, 40_000, 59_990, 60_000, 70_000])
@pytest.mark.parametrize("letter", ["x", "é", "😀"])
def test_of_a_line_that_is_read_in_parts_the_same_is_shown(letter: str, column: int) -> None:
    line = "".join(f"{number}{letter}" for number in range(12_000))
    text = text_of("before", line, line, "after\r", "")

    context = context_at(text, 1, column)

    assert context is not None
    assert context.line == snip(line, column)
    assert (context.pre, context.post) == (("before",), (snip(line, column), "after", ""))


def test_a_part_of_a_line_is_cut_as_the_whole_would_be() -> None:
    part = Line("y" * 1000, start=5000, is_cut=True)

    assert snip(part, 5500) == "{snip} " + "y" * 140 + " {snip}"
    assert snip(part._replace(is_cut=False), 5998) == "{snip} " + "y" * 140


@given(st.text(max_size=400), st.integers(0, 500))
def test_a_cut_line_is_a_piece_of_the_line(line: str, place: int) -> None:
    cut = snip(line, place)

    kept = cut.removeprefix("{snip} ").removesuffix(" {snip}")
    assert kept in line or cut in line
    assert len(line) <= MAX_LINE or len(kept) <= WINDOW + 10
    if len(line) > MAX_LINE and characters_before(line, place) < len(line):
        assert line[characters_before(line, place)] in kept
