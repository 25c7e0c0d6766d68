"""The `scopes` field, in the shape that swc writes and in the one of the standard's draft."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.sourcemaps.fields import generated_ranges, inlining, original_scopes, scopes_field
from headwater.sourcemaps.fields.inlining import InlinedFrame, Place, PlacedInlining, joined
from headwater.sourcemaps.fields.scopes_field import ScopesField, read_scopes_field
from headwater.sourcemaps.functions.function import Point
from headwater.sourcemaps.reading.document import read_document
from tests.sourcemaps.encode_scopes import Range, Scope, encode_joined, encode_split, preorder

NAMES = ["global", "outer", "inner", "function", "block"]
GLOBAL, OUTER, INNER, FUNCTION, BLOCK = range(5)

SOURCE = Scope(
    (0, 0),
    (30, 0),
    kind=GLOBAL,
    children=[
        Scope((2, 4), (9, 1), OUTER, FUNCTION, True, [Scope((3, 2), (5, 3), kind=BLOCK)]),
        Scope((10, 4), (19, 1), INNER, FUNCTION, True),
        Scope((20, 4), (21, 1), None, FUNCTION, True),
    ],
)
IN_OUTER, IN_BLOCK, IN_INNER, IN_NAMELESS = (0, 1), (0, 2), (0, 3), (0, 4)


def read(
    faults: list[str], sources: int = 1, names: list[str] = NAMES, **members: Any
) -> ScopesField | None:
    document = read_document(json.dumps(members).encode(), faults)
    return read_scopes_field(document, sources, names, faults)


def valid(sources: int = 1, **members: Any) -> ScopesField:
    faults: list[str] = []
    found = read(faults, sources, **members)
    assert found is not None
    assert faults == []
    return found


def both_shapes(*ranges: Range) -> list[ScopesField]:
    scopes, split = encode_split([[SOURCE]], ranges)
    return [valid(scopes=encode_joined([SOURCE], ranges)), valid(scopes=scopes, ranges=split)]


def test_a_place_of_a_source_has_the_name_of_the_innermost_function() -> None:
    for found in both_shapes():
        table = found.function_table(0)

        assert table is not None
        assert table.at(0, 0) is None
        assert table.at(4, 0) == "outer"
        assert table.at(9, 0) == "outer"
        assert table.at(9, 1) is None
        assert table.at(12, 0) == "inner"
        assert table.at(20, 9) == "<anonymous>"


def test_a_source_without_scopes_has_no_table() -> None:
    found = valid(sources=2, scopes=[None, ""])

    assert found.function_table(0) is None
    assert found.function_table(1) is None
    assert found.function_table(2) is None


def test_a_map_without_the_field_has_nothing_to_say() -> None:
    faults: list[str] = []

    assert read(faults, version=3) is None
    assert faults == []


def test_one_frame_of_a_generated_function_is_one_frame() -> None:
    body = Range((0, 10), (0, 90), IN_OUTER, is_function=True)
    for found in both_shapes(Range((0, 0), (1, 0), (0, 0), children=[body])):
        inside = found.inlining.frames_at(0, 10, Place(0, 4, 2))
        outside = found.inlining.frames_at(0, 90, Place(0, 28, 2))

        assert inside == [InlinedFrame("outer", Place(0, 4, 2))]
        assert outside == [InlinedFrame(None, Place(0, 28, 2))]


def test_inlined_bodies_are_frames_of_their_own_each_at_the_call_of_the_one_before() -> None:
    nameless = Range((0, 30), (0, 40), IN_NAMELESS, call_site=(0, 15, 7))
    inner = Range((0, 20), (0, 50), IN_INNER, call_site=(0, 4, 9), children=[nameless])
    block = Range((0, 15), (0, 60), IN_BLOCK, children=[inner])
    outer = Range((0, 10), (0, 90), IN_OUTER, is_function=True, children=[block])
    for found in both_shapes(outer):
        frames = found.inlining.frames_at(0, 35, Place(0, 20, 30))

        assert frames == [
            InlinedFrame("<anonymous>", Place(0, 20, 30)),
            InlinedFrame("inner", Place(0, 15, 7)),
            InlinedFrame("outer", Place(0, 4, 9)),
        ]
        assert len(found.inlining.frames_at(0, 45, Place(0, 12, 1))) == 2
        assert len(found.inlining.frames_at(0, 55, Place(0, 4, 1))) == 1


def test_a_body_inlined_into_the_top_level_is_called_from_there() -> None:
    body = Range((3, 0), (4, 8), IN_INNER, call_site=(0, 25, 2))
    for found in both_shapes(body):
        frames = found.inlining.frames_at(4, 0, Place(0, 11, 0))

        assert frames == [
            InlinedFrame("inner", Place(0, 11, 0)),
            InlinedFrame(None, Place(0, 25, 2)),
        ]


def test_a_function_that_a_tool_made_of_a_block_is_hidden() -> None:
    block = Range((0, 5), (0, 9), IN_BLOCK, is_function=True, is_hidden=True)
    for found in both_shapes(block):
        frames = found.inlining.frames_at(0, 6, Place(0, 4, 0))

        assert frames == [InlinedFrame("outer", Place(0, 4, 0), hidden=True)]


def test_an_index_map_answers_as_its_sections_each_as_far_as_the_next_begins() -> None:
    inner = Range((0, 20), (0, 50), IN_INNER, call_site=(0, 4, 9))
    table = both_shapes(Range((0, 10), (2, 0), IN_OUTER, is_function=True, children=[inner]))[0]
    placed = [PlacedInlining(at, first, table.inlining) for at, first in (((0, 0), 0), ((1, 5), 7))]

    found = joined(placed)

    outer, original = InlinedFrame("outer", Place(0, 1, 1)), Place(0, 1, 1)
    assert found.frames_at(0, 15, original) == [outer]
    assert found.frames_at(1, 4, original) == [outer]
    assert found.frames_at(1, 5, original) == [InlinedFrame(None, original)]
    assert found.frames_at(1, 26, Place(7, 12, 0)) == [
        InlinedFrame("inner", Place(7, 12, 0)),
        InlinedFrame("outer", Place(7, 4, 9)),
    ]
    assert found.frames_at(2, 0, original) == [outer]
    assert found.frames_at(3, 0, original) == [InlinedFrame(None, original)]
    assert joined([]).frames_at(0, 0, original) == [InlinedFrame(None, original)]


def test_items_of_vendors_are_passed_over() -> None:
    found = valid(scopes=[encode_joined([SOURCE]) + ",/BA"], ranges="/AA")

    assert len(found.scopes) == 5


FAULTS: list[tuple[Any, str]] = [
    (7, "must be a string, or a list of strings and nulls"),
    ([7], "must be a string, or a list of strings and nulls"),
    ("B!", "not base64 VLQ of up to 32 bits, in item 1"),
    ("Bg", "not base64 VLQ of up to 32 bits, in item 1"),
    ("BA//////E", "not base64 VLQ of up to 32 bits, in item 1"),
    ("A,,A", "an item is empty, in item 2"),
    ("BA", "the beginning of a scope lacks a number, in item 1"),
    ("BBAA", "the beginning of a scope lacks a number"),
    ("CAA", "a scope ends that never began"),
    ("BAAA,C", "the end of a scope lacks a number, in item 2"),
    ("BAAA", "a scope begins and never ends"),
    ("DA", "variables are listed outside of any scope"),
    ("BBAAM,CAA", "the name of a scope is not an index of `names`"),
    ("BBAAD,CAA", "the name of a scope is not an index of `names`"),
    ("A,A", "there are scopes for more sources than `sources` has"),
    ("A,E", "the beginning of a range lacks a number"),
    ("A,EAA,F", "the end of a range lacks a number"),
    ("A,FA", "a range ends that never began"),
    ("A,EAA", "a range begins and never ends"),
    ("A,ECAA,FA", "the definition of a range is not one of the scopes"),
    ("A,EIA,FA", "a range that is no function is marked hidden"),
    ("A,IAAA", "a call site is outside of any range or lacks a number"),
    ("A,EAA,IBAA,FA", "a call site is not a place in one of the sources"),
    ("A,EAA,IAAA,FA", "a range with a call site has no function for a definition"),
    ("BEAA,CAA,EGAA,IAAA,FA", "a range with a call site is marked as a function"),
    ("A,GA", "values are listed outside of any range"),
    ("A,JA", "an item is of a kind that does not belong here"),
    ("A,EA+/////B,FC,EA+/////B,FC", "a position needs more than 31 bits"),
    (["", ""], "there are scopes for more sources than `sources` has"),
]


@pytest.mark.parametrize(("scopes", "sentence"), FAULTS)
def test_what_is_wrong_is_named_with_its_place(scopes: Any, sentence: str) -> None:
    faults: list[str] = []

    read(faults, scopes=scopes)

    assert any(sentence in fault for fault in faults), faults


def test_what_is_wrong_many_times_is_named_once() -> None:
    faults: list[str] = []

    read(faults, scopes=",".join(["A", *["FA"] * 1000]))

    assert faults == [
        "`scopes`: a range ends that never began, in item 2 first, 1,000 times in all"
    ]


def test_a_wrong_item_costs_only_itself() -> None:
    faults: list[str] = []

    found = read(faults, scopes=encode_joined([SOURCE]).replace(",D", ",!,D", 1))

    assert found is not None
    table = found.function_table(0)
    assert table is not None
    assert table.at(4, 0) == "outer"
    assert len(faults) == 1


class TestLimits:
    """Each is named when it is met, and what was read before stays."""

    def test_scopes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(original_scopes, "MAX_SCOPES", 3)
        faults: list[str] = []

        found = read(faults, scopes=encode_joined([SOURCE]))

        assert found is not None
        assert len(found.scopes) == 3
        assert any("more than 3 scopes" in fault for fault in faults)

    def test_ranges(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(generated_ranges, "MAX_RANGES", 2)
        faults: list[str] = []

        found = read(faults, scopes="A" + ",EAA,FA" * 3)

        assert found is not None
        assert len(found.ranges) == 2
        assert any("more than 2 ranges" in fault for fault in faults)

    def test_depth_of_inlining(self) -> None:
        faults: list[str] = []
        deep = inlining.MAX_INLINED + 5
        scopes = "BEAA,CAA" + ",ECAA,IAAA" * deep + ",FC" * deep

        found = read(faults, scopes=scopes)

        assert found is not None
        frames = found.inlining.frames_at(0, 1, Place(0, 0, 0))
        assert len(frames) == inlining.MAX_INLINED + 1
        assert any("deep" in fault for fault in faults)

    def test_length(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(scopes_field, "MAX_LENGTH", 5)
        faults: list[str] = []

        assert read(faults, scopes="A,A,A,A") is None
        assert any("over 5 bytes" in fault for fault in faults)


def test_scopes_nested_very_deeply_take_no_more_than_their_place() -> None:
    deep = 100_000

    found = valid(scopes="BEAA," * deep + ",".join(["CAB"] * deep))

    table = found.function_table(0)
    assert table is not None
    assert table.at(0, deep - 1) == "<anonymous>"
    assert table.at(0, deep) is None


@st.composite
def trees(draw: st.DrawFn, count: int = 8) -> list[tuple[Point, Point, list[Any]]]:
    """Nested and neighbouring pieces, some empty, none reaching out of the one around it."""
    opens = draw(st.lists(st.booleans(), max_size=2 * count))
    places = sorted(draw(st.tuples(*[st.tuples(st.integers(0, 40), st.integers(0, 99))] * 50)))
    top: list[Any] = []
    around: list[Any] = [((0, 0), (0, 0), top)]
    step = iter(places)
    for is_open in opens:
        if is_open:
            piece = [next(step), (0, 0), []]
            around[-1][2].append(piece)
            around.append(piece)
        elif len(around) > 1:
            around.pop()[1] = next(step)
    while len(around) > 1:
        around.pop()[1] = next(step)
    return top


@given(st.lists(trees(), max_size=3), trees(), st.data())
def test_what_was_written_is_read_in_both_shapes(
    sources: list[Any], pieces: list[Any], data: st.DataObject
) -> None:
    index = st.none() | st.integers(0, len(NAMES) - 1)

    def scope(piece: Any) -> Scope:
        inside = [scope(each) for each in piece[2]]
        return Scope(
            piece[0], piece[1], data.draw(index), data.draw(index), data.draw(st.booleans()), inside
        )

    def range_(piece: Any) -> Range:
        definition = data.draw(st.sampled_from(definitions)) if definitions else None
        is_function = data.draw(st.booleans())
        call = (definition[0], 3, 4) if definition and is_callable[definition] else None
        hidden = is_function and data.draw(st.booleans())
        inside = [range_(each) for each in piece[2]]
        site = None if is_function else call
        return Range(piece[0], piece[1], definition, is_function, hidden, site, inside)

    # One tree a source: more than one can only be written in the newer shape.
    written = [[scope(each) for each in source[:1]] or None for source in sources]
    listed = [list(preorder(each or [])) for each in written]
    definitions = [(one, two) for one, each in enumerate(listed) for two in range(len(each))]
    is_callable = {(one, two): listed[one][two].is_function for one, two in definitions}
    ranges = [range_(each) for each in pieces]
    split, split_ranges = encode_split(written, ranges)

    joined = encode_joined([each[0] if each else None for each in written], ranges)
    old = valid(sources=len(sources), scopes=joined)
    new = valid(sources=len(sources), scopes=split, ranges=split_ranges)

    flat = [each for one in listed for each in one]
    for found in (old, new):
        assert [found.scopes.start(each) for each in range(len(flat))] == [s.start for s in flat]
        assert [found.scopes.end(each) for each in range(len(flat))] == [s.end for s in flat]
        assert list(found.scopes.names) == [-1 if s.name is None else s.name for s in flat]
    assert old.scopes == new.scopes
    assert old.ranges == new.ranges
    assert old.inlining == new.inlining


ITEMS = st.lists(
    st.text(st.sampled_from("ABCDEFGHIJgh+/,!"), max_size=8)
    | st.sampled_from(["BHAAAA", "CBA", "A"])
).map(",".join)


@given(ITEMS, ITEMS, st.integers(0, 3), st.booleans())
def test_no_field_is_a_crash(scopes: str, ranges: str, sources: int, split: bool) -> None:  # noqa: FBT001
    faults: list[str] = []
    members = {"scopes": [scopes] * sources, "ranges": ranges} if split else {"scopes": scopes}

    found = read(faults, sources, **members)

    assert found is not None
    for source in range(sources):
        found.function_table(source)
    for line, column in zip(found.inlining.lines, found.inlining.columns, strict=True):
        assert 1 <= len(found.inlining.frames_at(line, column, Place(0, 0, 0))) <= 65
