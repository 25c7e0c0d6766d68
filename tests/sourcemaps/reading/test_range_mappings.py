"""Range mappings: one mapping for a piece that a tool left as it was."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.sourcemaps.reading import range_mappings
from tests.sourcemaps.decoded import Decoded, parse
from tests.sourcemaps.encode import Segment, encode_mappings
from tests.sourcemaps.encode_scopes import unsigned

LINES: list[list[Segment]] = [[(4, 0, 10, 2), (9, 0, 20, 0)], [], [(5, 0, 30, 1)]]
PLACES = st.tuples(st.integers(0, 6), st.integers(0, 12))


def basic(ranges: Any, lines: list[list[Segment]] = LINES) -> dict[str, Any]:
    return {
        "version": 3,
        "sources": ["a.ts"],
        "names": [],
        "mappings": encode_mappings(lines),
        "rangeMappings": ranges,
    }


def read(ranges: Any, lines: list[list[Segment]] = LINES) -> Decoded:
    return parse(json.dumps(basic(ranges, lines)).encode())


def place(found: Decoded, line: int, column: int) -> tuple[int, int] | None:
    mapping = found.lookup(line, column)
    return None if mapping is None else (mapping.source_line, mapping.source_column)


def test_a_range_answers_with_the_place_as_far_on_in_the_source() -> None:
    found = read("A")

    assert place(found, 0, 3) is None
    assert place(found, 0, 4) == (10, 2)
    assert place(found, 0, 8) == (10, 6)
    assert place(found, 0, 9) == (20, 0)
    assert place(found, 0, 11) == (20, 0)


def test_a_range_goes_on_through_lines_until_the_next_mapping() -> None:
    found = read("AB")

    assert place(found, 0, 11) == (20, 2)
    assert place(found, 1, 7) == (21, 7)
    assert place(found, 2, 4) == (22, 4)
    assert place(found, 2, 5) == (30, 1)
    assert place(found, 3, 0) is None


def test_the_last_mapping_of_a_file_holds_for_all_that_follows() -> None:
    found = read(";;A")

    assert place(found, 9, 3) == (37, 3)


def test_fields_of_before_april_2026_count_from_one() -> None:
    older, newer = read("BB;;B"), read("AB;;A")

    for line in range(5):
        for column in range(12):
            assert place(older, line, column) == place(newer, line, column)


def test_a_range_mapping_ends_where_the_next_section_begins() -> None:
    index = {
        "version": 3,
        "sections": [
            {"offset": {"line": 0, "column": 0}, "map": basic("AB;;A")},
            {"offset": {"line": 5, "column": 3}, "map": basic("A", [[], [(0, 0, 7, 7)]])},
        ],
    }

    found = parse(json.dumps(index).encode())

    assert found.faults == (
        "section at line 6, column 3: `rangeMappings`: 1 of its mappings are not in `mappings`",
    )
    assert place(found, 5, 2) == (33, 2)
    ended = found.lookup(5, 3)
    assert ended is not None
    assert ended.source is None
    assert place(found, 6, 5) == (7, 7)


@pytest.mark.parametrize(
    ("ranges", "sentence"),
    [
        (7, "must be a string"),
        ("A%", "not base64 VLQ of up to 32 bits, in line 1"),
        ("A;g", "not base64 VLQ of up to 32 bits, in line 2"),
        ("AA", "a distance between two range mappings is 0, in line 1"),
        ("AC", "1 of its mappings are not in `mappings`"),
        ("A;A", "1 of its mappings are not in `mappings`"),
        ("+/////D+/////D", "needs more than 31 bits"),
    ],
)
def test_what_is_wrong_is_named(ranges: Any, sentence: str) -> None:
    found = read(ranges)

    assert any(sentence in fault for fault in found.faults), found.faults
    assert all(fault.startswith("`rangeMappings`: ") for fault in found.faults)


def test_a_mapping_without_an_original_is_no_range() -> None:
    found = read("A", [[(2,)]])

    assert found.faults == ("`rangeMappings`: a mapping that has no original is marked as a range",)
    mapping = found.lookup(0, 5)
    assert mapping is not None
    assert mapping.source is None


def test_a_field_over_the_limit_is_named_and_left_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(range_mappings, "MAX_LENGTH", 3)

    found = read("A;;A")

    assert any("over 3 bytes" in fault for fault in found.faults)
    assert place(found, 0, 8) == (10, 2)


SEGMENTS = st.lists(
    st.lists(st.tuples(st.integers(0, 12), st.just(0), st.integers(0, 9), st.integers(0, 9))).map(
        lambda line: sorted({each[0]: each for each in line}.values())
    ),
    max_size=5,
)


@given(SEGMENTS, st.data(), PLACES)
def test_each_place_is_that_of_the_mapping_before_it(
    lines: list[list[Segment]], data: st.DataObject, asked: tuple[int, int]
) -> None:
    marked = [
        sorted(data.draw(st.sets(st.sampled_from(range(len(s)))))) if s else [] for s in lines
    ]
    encoded = [
        "".join(unsigned(each - before) for each, before in zip(one, [-1, *one], strict=False))
        for one in marked
    ]
    every = [
        (line, segment[0], segment[2], segment[3], number in marked[line])
        for line, segments in enumerate(lines)
        for number, segment in enumerate(segments)
    ]

    found = read(";".join(encoded), lines)

    assert found.faults == ()
    before = [each for each in every if each[:2] <= asked]
    expected = None
    if before:
        line, column, source_line, source_column, is_range = before[-1]
        if is_range and line < asked[0]:
            expected = (source_line + asked[0] - line, asked[1])
        elif is_range:
            expected = (source_line, source_column + asked[1] - column)
        elif line == asked[0]:
            expected = (source_line, source_column)
    assert place(found, *asked) == expected


@given(st.text(st.sampled_from("ABCDg+/;!"), max_size=30), SEGMENTS)
def test_no_field_is_a_crash(ranges: str, lines: list[list[Segment]]) -> None:
    found = read(ranges, lines)

    assert isinstance(found.faults, tuple)
    for line in range(6):
        found.lookup(line, 6)


def test_ranges_are_found_among_any_part_of_the_mappings() -> None:
    ranges = range_mappings.RangeMappings(np.array([0, 2, 3 << 32 | 1], dtype=np.int64))
    lines, indices = np.array([0, 0, 0, 3, 3, 4]), np.array([0, 1, 2, 0, 1, 1])

    flags = ranges.among(lines, indices)

    assert flags.tolist() == [True, False, True, False, True, False]
