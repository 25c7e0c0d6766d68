"""Whole source maps: what is accepted, what is noted, what is refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.sourcemaps.reading.document import MAX_ENTRIES, MalformedSourceMap, SourceMapTooLarge
from tests.sourcemaps.decoded import parse

PLAIN: dict[str, Any] = {
    "version": 3,
    "sources": ["a.ts", "b.ts"],
    "sourcesContent": ["one\ntwo", None],
    "names": ["pay"],
    "mappings": "AAAAA,ICCC",
}


def encoded(**changes: Any) -> bytes:
    return json.dumps({**PLAIN, **changes}).encode()


def without(*keys: str) -> bytes:
    return json.dumps({key: value for key, value in PLAIN.items() if key not in keys}).encode()


def test_a_place_leads_to_its_source_line_column_and_name() -> None:
    found = parse(encoded())

    mapping = found.lookup(0, 3)

    assert mapping is not None
    assert mapping.source == 0
    assert (mapping.source_line, mapping.source_column, mapping.name) == (0, 0, "pay")
    assert found.sources == ("a.ts", "b.ts")
    assert found.content(0) == "one\ntwo"
    assert found.content(1) is None
    assert found.faults == ()


def test_contents_belong_to_an_index_even_where_names_are_equal() -> None:
    found = parse(encoded(sources=["a.ts", "a.ts"], sourcesContent=["first", "second"]))

    contents = [found.content(index) for index in range(2)]

    assert contents == ["first", "second"]


@pytest.mark.parametrize(
    "prefix",
    [b"\xef\xbb\xbf", b")]}'\n", b")]}'", b")]}',\n", b"\xef\xbb\xbf)]}'\n", b")]}' garbage\n"],
)
def test_what_servers_put_in_front_is_passed_over(prefix: bytes) -> None:
    found = parse(prefix + encoded())

    assert found.lookup(0, 0) is not None


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"version": "3"}, '`version` must be 3, there is "3"'),
        ({"version": 3.5}, "`version` must be 3, there is 3.5"),
        ({"version": True}, "`version` must be 3, there is true"),
        ({"file": 7}, "`file` must be a string, there is 7"),
        ({"sourceRoot": []}, "`sourceRoot` must be a string, there is []"),
        ({"names": ["pay", 5]}, "`names` has entries that are no strings"),
        ({"names": None, "mappings": "AAAA"}, "`names` must be a list, there is null"),
        ({"sources": ["a.ts", 5]}, "`sources` has entries that are neither a string nor null"),
        ({"sourcesContent": "x"}, "`sourcesContent` must be a list of strings and nulls"),
        ({"sourcesContent": ["x", 1]}, "`sourcesContent` must be a list of strings and nulls"),
        ({"ignoreList": "x"}, '`ignoreList` must be a list, there is "x"'),
        ({"ignoreList": [0, 9]}, "`ignoreList` has entries that are not an index of a source"),
        ({"x_google_ignoreList": {}}, "`ignoreList` must be a list, there is {}"),
    ],
)
def test_a_wrong_member_is_noted_and_the_rest_is_used(changes: dict[str, Any], fault: str) -> None:
    found = parse(encoded(**changes))

    assert found.lookup(0, 0) is not None
    assert found.faults == (fault,)


def test_a_bad_debug_id_is_the_readers_business_not_the_maps() -> None:
    found = parse(encoded(debugId="not an id", debug_id=7))

    assert found.debug_id == "not an id"
    assert found.lookup(0, 0) is not None


def test_numbers_among_names_become_text() -> None:
    found = parse(encoded(names=[404]))

    mapping = found.lookup(0, 0)

    assert mapping is not None
    assert mapping.name == "404"


def test_sources_of_null_keep_their_place_and_content() -> None:
    found = parse(encoded(sources=[None, "b.ts"]))

    assert found.sources == (None, "b.ts")
    assert found.content(0) == "one\ntwo"
    assert found.faults == ()


@pytest.mark.parametrize(
    ("root", "source", "expected"),
    [
        ("lib", "a.ts", "lib/a.ts"),
        ("lib/", "a.ts", "lib/a.ts"),
        ("", "a.ts", "a.ts"),
        ("lib", "/a.ts", "/a.ts"),
        ("lib", "https://h/a.ts", "https://h/a.ts"),
        ("lib", "webpack://x/a.ts", "webpack://x/a.ts"),
        ("https://h/x", "../a.ts", "https://h/x/../a.ts"),
    ],
)
def test_the_source_root_stands_before_relative_sources(
    root: str, source: str, expected: str
) -> None:
    found = parse(encoded(sourceRoot=root, sources=[source, "b.ts"]))

    assert found.sources[0] == expected


def test_half_a_surrogate_pair_costs_one_character() -> None:
    data = encoded(sourcesContent=["x\ud800y 😀", None]).replace(b"\\\\", b"\\")

    found = parse(data)

    assert found.content(0) == "x�y 😀"


def test_half_a_pair_at_the_very_end_of_a_string_is_repaired() -> None:
    found = parse(encoded(sourcesContent=["\\\ud800", None]))

    assert found.content(0) == "\\�"


def test_bytes_that_are_no_text_are_replaced() -> None:
    found = parse(encoded().replace(b"one", b"\xff\xfe").replace(b"b.ts", b"\xff.ts"))

    assert found.content(0) == "��\ntwo"
    assert found.sources[1] == "�.ts"


def test_a_short_list_of_contents_leaves_the_rest_without() -> None:
    found = parse(encoded(sourcesContent=["one"]))

    assert found.content(1) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"<!doctype html><title>Not found</title>",
        b"{",
        b'{"version":3}',
        b'{"version":3,"mappings":null}',
        b'{"version":3,"sources":[],"mappings":5}',
        b'{"sections":5}',
        b'{"sections":[{}]}',
        b"[" * 100_000,
        b'{"mappings":' + b"[" * 100_000,
        b")]}'",
    ],
)
def test_what_has_no_mappings_at_all_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(MalformedSourceMap) as refused:
        parse(data)

    assert len(str(refused.value)) > 10


def test_missing_sources_leave_a_map_that_maps_nothing() -> None:
    found = parse(without("sources", "sourcesContent", "names"))

    assert found.mappings == 0
    assert "`sources` must be a list, there is nothing" in found.faults


def test_a_list_of_millions_of_names_is_refused_before_it_is_built() -> None:
    data = b'{"version":3,"sources":[],"mappings":"","names":[' + b"0," * MAX_ENTRIES + b"0]}"

    with pytest.raises(SourceMapTooLarge, match="`names`"):
        parse(data)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_source_map_or_malformed(data: bytes) -> None:
    try:
        found = parse(data)
    except MalformedSourceMap:
        return

    found.lookup(0, 0)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


@given(
    st.dictionaries(
        st.sampled_from([*PLAIN, "sections", "file", "sourceRoot", "ignoreList", "debugId"]),
        VALUES,
    )
)
def test_any_members_are_a_source_map_or_malformed(changes: dict[str, Any]) -> None:
    data = json.dumps({**PLAIN, **changes}).encode()

    try:
        found = parse(data)
    except MalformedSourceMap:
        return

    for index in range(len(found.sources)):
        found.content(index)
    assert found.mappings >= 0
