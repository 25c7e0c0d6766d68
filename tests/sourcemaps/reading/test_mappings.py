"""Decoding `mappings`, and looking places up in them."""

import json
from bisect import bisect_right

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.sourcemaps.reading import mappings as module
from headwater.sourcemaps.reading.mappings import NONE
from tests.sourcemaps.decoded import Row, decode, parse
from tests.sourcemaps.encode import Segment, encode_mappings, encode_vlq

SOURCES, NAMES = 5, 7
NUMBERS = st.integers(0, 2**31 - 1) | st.integers(0, 50)
SEGMENTS = st.one_of(
    st.tuples(NUMBERS),
    st.tuples(NUMBERS, st.integers(0, SOURCES - 1), NUMBERS, NUMBERS),
    st.tuples(NUMBERS, st.integers(0, SOURCES - 1), NUMBERS, NUMBERS, st.integers(0, NAMES - 1)),
)
LINES = st.lists(st.lists(SEGMENTS, max_size=6), max_size=8)


def row(line: int, segment: Segment) -> Row:
    full = (*segment, *(NONE,) * (5 - len(segment)))
    return (line, full[0], full[1], full[2], full[3], full[4])


def source_map(mappings: str) -> bytes:
    sources = [f"{number}.js" for number in range(SOURCES)]
    names = [f"name {number}" for number in range(NAMES)]
    members = {"version": 3, "sources": sources, "names": names, "mappings": mappings}
    return json.dumps(members).encode()


@given(LINES)
def test_what_was_encoded_comes_back_sorted_with_ties_in_order(lines: list[list[Segment]]) -> None:
    written = encode_mappings(lines)

    decoded, dropped = decode(written.encode(), SOURCES, NAMES)

    expected = [row(line, each) for line, segments in enumerate(lines) for each in segments]
    assert decoded == sorted(expected, key=lambda each: each[:2])
    assert list(dropped.faults()) == []


@given(LINES, st.integers(3, 40))
def test_the_size_of_the_windows_changes_nothing(lines: list[list[Segment]], window: int) -> None:
    written = encode_mappings(lines).encode()
    whole, _ = decode(written, SOURCES, NAMES)
    longest = max(map(len, written.replace(b";", b",").split(b",")), default=0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "WINDOW", max(window, longest + 1))
        in_pieces, dropped = decode(written, SOURCES, NAMES)

    assert in_pieces == whole
    assert list(dropped.faults()) == []


@given(LINES, st.integers(0, 9), NUMBERS)
def test_a_look_up_agrees_with_a_walk_over_the_line(
    lines: list[list[Segment]], line: int, column: int
) -> None:
    found = parse(source_map(encode_mappings(lines))).lookup(line, column)

    segments = lines[line] if line < len(lines) else ()
    ordered = sorted(segments, key=lambda each: each[0])
    count = bisect_right([each[0] for each in ordered], column)
    if count == 0:
        assert found is None
    else:
        last = ordered[count - 1]
        assert found is not None
        assert (found.line, found.column) == (line, last[0])
        assert (found.source is None) == (len(last) == 1)
        if found.source is not None:
            assert (found.source, found.source_line, found.source_column) == last[1:4]
            assert found.name == (f"name {last[4]}" if len(last) > 4 else None)


@given(st.binary(max_size=200))
def test_any_bytes_decode_to_mappings_that_fit(data: bytes) -> None:
    decoded, _ = decode(data, SOURCES, NAMES)

    for line, column, source, source_line, source_column, name in decoded:
        assert line >= 0
        assert column >= 0
        assert NONE <= source < SOURCES
        assert NONE <= name < NAMES
        assert (source == NONE) == (source_line == NONE) == (source_column == NONE)


@pytest.mark.parametrize(
    ("written", "left", "fault"),
    [
        ("AAAA,!!,CAAC", 2, "unreadable: 1"),
        ("AAAA,Cg,CAAC", 2, "unreadable: 1"),
        ("AAAA,CA,CAAC", 2, "of two or three fields: 1"),
        ("AAAA,CAA,CAAC", 2, "of two or three fields: 1"),
        ("AAAA,CAAAAA,CAAC", 3, "of more than five fields: 1"),
        ("AAAA,CAkBA,CAlBC", 3, ""),
        ("AAAA,CkBAA,ClBAC", 2, "out of range: 1"),
        ("AAAA,,CAAC", 2, "empty: 1"),
        ("AAAA,ggggggE,CAAC", 2, "unreadable: 1"),
        ("D,CAAC", 1, "out of range: 1"),
        ("AAAA,", 1, "empty: 1"),
    ],
)
def test_a_bad_segment_costs_only_itself(written: str, left: int, fault: str) -> None:
    decoded, dropped = decode(written.encode(), SOURCES, NAMES)

    assert len(decoded) == left
    said = f"`mappings` has segments that are {fault}, the first in line 1"
    assert list(dropped.faults()) == ([said] if fault else [])


def test_the_line_of_the_first_bad_segment_is_named_for_each_rule(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "WINDOW", 8)
    written = encode_mappings([[(0, 0, 0, 0)]] * 9) + ";!;CA,!;;A,"

    _, dropped = decode(written.encode(), SOURCES, NAMES)

    assert list(dropped.faults()) == [
        "`mappings` has segments that are unreadable: 2, the first in line 10",
        "`mappings` has segments that are of two or three fields: 1, the first in line 11",
        "`mappings` has segments that are empty: 1, the first in line 13",
    ]


def test_leading_zeros_of_any_length_are_allowed() -> None:
    written = "i" + "g" * 5000 + "A"

    decoded, dropped = decode(written.encode(), SOURCES, NAMES)

    assert decoded == [row(0, (1,))]
    assert list(dropped.faults()) == []


def test_a_segment_longer_than_a_window_is_dropped_and_the_rest_is_kept() -> None:
    endless = "g" * (module.WINDOW + 10)
    written = f"AAAA,{endless},CAAC;AAAA"

    decoded, dropped = decode(written.encode(), SOURCES, NAMES)

    assert [each[:2] for each in decoded] == [(0, 0), (0, 1), (1, 0)]
    assert dropped.unreadable == 1


def test_of_two_mappings_at_one_place_the_last_one_answers() -> None:
    found = parse(source_map(encode_mappings([[(4, 0, 1, 1), (4, 0, 2, 2)]]))).lookup(0, 4)

    assert found is not None
    assert found.source_line == 2


def test_a_place_before_the_first_mapping_of_its_line_has_none() -> None:
    found = parse(source_map(encode_mappings([[(0, 0, 0, 0)], [(4, 0, 1, 1)], []])))

    assert found.lookup(1, 3) is None
    assert found.lookup(2, 0) is None


@given(st.integers(-(2**31) + 1, 2**31 - 1))
def test_every_number_of_32_bits_survives(number: int) -> None:
    # A first segment carries the number away from zero, a second brings it back.
    written = f"{encode_vlq(number)},{encode_vlq(-number)}"

    decoded, _ = decode(written.encode(), SOURCES, NAMES)

    assert sorted(each[1] for each in decoded) == ([0, number] if number >= 0 else [0])
