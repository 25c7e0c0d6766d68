"""Index maps."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.sourcemaps.reading.document import MalformedSourceMap, SourceMapTooLarge
from headwater.sourcemaps.reading.sections import MAX_DEPTH
from tests.sourcemaps.decoded import parse
from tests.sourcemaps.encode import Segment, encode_mappings

SMALL = st.integers(0, 9)
SEGMENTS = st.tuples(SMALL) | st.tuples(SMALL, st.integers(0, 1), SMALL, SMALL)
PARTS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 9), st.lists(st.lists(SEGMENTS, max_size=4))),
    min_size=1,
    max_size=4,
)


def basic(lines: list[list[Segment]], name: str = "same.ts", content: str = "x") -> dict[str, Any]:
    return {
        "version": 3,
        "sources": [name, "other.ts"],
        "sourcesContent": [content, None],
        "names": [],
        "mappings": encode_mappings(lines),
    }


def section(line: int, column: int, inner: dict[str, Any]) -> dict[str, Any]:
    return {"offset": {"line": line, "column": column}, "map": inner}


def index(*sections: dict[str, Any]) -> bytes:
    return json.dumps({"version": 3, "sections": sections}).encode()


@given(PARTS, st.integers(0, 12), st.integers(0, 30))
def test_a_flattened_index_map_answers_as_its_parts(
    parts: list[tuple[int, int, list[list[Segment]]]], line: int, column: int
) -> None:
    offsets, sections, at = [], [], (0, 0)
    for number, (lines_on, columns_on, lines) in enumerate(parts):
        at = (at[0] + lines_on, columns_on if lines_on else at[1] + columns_on + 1)
        offsets.append(at)
        sections.append(section(*at, basic(lines, content=str(number))))
    whole = parse(index(*sections))

    found = whole.lookup(line, column)

    before = [number for number, offset in enumerate(offsets) if offset <= (line, column)]
    expected = None
    for number in before:
        first_line, first_column = offsets[number]
        own = parse(json.dumps(sections[number]["map"]).encode())
        shift = first_column if line == first_line else 0
        # A part answers up to where the next one begins.
        last = column
        if number + 1 < len(offsets) and offsets[number + 1][0] == line:
            last = min(column, offsets[number + 1][1] - 1)
        reached = number + 1 == len(offsets) or offsets[number + 1][0] >= line
        answer = own.lookup(line - first_line, last - shift) if reached else None
        expected = (number, answer) if answer is not None else expected
    if expected is None:
        assert found is None
    else:
        number, answer = expected
        assert found is not None
        assert (found.source_line, found.source_column) == (
            answer.source_line,
            answer.source_column,
        )
        if answer.source is not None:
            assert found.source == 2 * number + answer.source


def test_the_column_offset_counts_on_the_first_line_only() -> None:
    whole = parse(index(section(0, 10, basic([[(2, 0, 0, 0)], [(2, 0, 1, 0)]]))))

    first, second = whole.lookup(0, 12), whole.lookup(1, 2)

    assert whole.lookup(0, 11) is None
    assert first is not None
    assert (first.line, first.column) == (0, 12)
    assert second is not None
    assert (second.line, second.column, second.source_line) == (1, 2, 1)


def test_equal_names_in_two_sections_keep_their_own_contents() -> None:
    whole = parse(
        index(
            section(0, 0, basic([[(0, 0, 0, 0)]], content="first")),
            section(1, 0, basic([[(0, 0, 0, 0)]], content="second")),
        )
    )

    sources = [whole.lookup(line, 0) for line in (0, 1)]

    contents = [whole.content(each.source) for each in sources if each and each.source is not None]
    assert contents == ["first", "second"]


def test_index_maps_inside_index_maps_add_up() -> None:
    inner = json.loads(index(section(1, 5, basic([[(0, 0, 7, 0)]]))))

    whole = parse(index(section(2, 3, inner)))

    found = whole.lookup(3, 5)
    assert found is not None
    assert found.source_line == 7
    assert whole.lookup(3, 4) is None


def test_ignored_sources_are_those_of_each_section() -> None:
    second = {**basic([[(0, 0, 0, 0)]]), "ignoreList": [1]}

    whole = parse(index(section(0, 0, basic([])), section(1, 0, second)))

    assert whole.ignored == {3}


def test_sections_in_disorder_are_put_in_order_and_noted() -> None:
    late = section(1, 0, basic([[(0, 0, 1, 0)]]))
    early = section(0, 0, basic([[(0, 0, 0, 0)]]))

    whole = parse(index(late, early))

    found = whole.lookup(0, 0)
    assert found is not None
    assert found.source_line == 0
    assert "sections must be in the order of their offsets" in whole.faults


def test_a_section_ends_where_the_next_begins() -> None:
    long = section(0, 0, basic([[(0, 0, 0, 0), (8, 0, 5, 0)]]))
    short = section(0, 5, basic([[(0, 0, 9, 0)]]))

    whole = parse(index(long, short))

    found = whole.lookup(0, 20)
    assert found is not None
    assert found.source_line == 9
    assert any("reaches into the next" in each for each in whole.faults)


def test_one_broken_section_costs_only_itself() -> None:
    whole = parse(
        index(
            section(0, 0, {"version": 3}),
            {"offset": {"line": "x"}, "map": basic([])},
            {"offset": {"line": 1, "column": 0}, "url": "elsewhere.map"},
            section(2, 0, basic([[(0, 0, 0, 0)]])),
        )
    )

    assert whole.lookup(2, 0) is not None
    assert len(whole.faults) == 3


def test_an_index_map_of_which_nothing_can_be_used_is_malformed() -> None:
    with pytest.raises(MalformedSourceMap, match="no section can be used"):
        parse(index(section(0, 0, {"version": 3})))


def test_an_empty_index_map_is_valid_and_maps_nothing() -> None:
    whole = parse(index())

    assert whole.lookup(0, 0) is None
    assert whole.faults == ()


def test_nesting_ends_at_a_bound() -> None:
    inner: dict[str, Any] = basic([])
    for _ in range(MAX_DEPTH + 1):
        inner = json.loads(index(section(0, 0, inner)))

    with pytest.raises(SourceMapTooLarge, match="nested more than"):
        parse(json.dumps(inner).encode())
