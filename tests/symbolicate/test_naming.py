"""Functions' names without the sources' text: from the minified file and the map's `names`."""

import json

import pytest

from headwater.sourcemaps.sourcemap import SourceMap, parse
from headwater.symbolicate.naming import (
    Named,
    name_at_call_site,
    name_in_minified,
    name_in_original,
    raw_name,
)
from tests.sourcemaps.encode import Segment, encode_mappings

NAMES = ["validateOrder", "OrderQueue", "pay"]


def map_with(*segments: Segment, contents: list[str | None] | None = None) -> SourceMap:
    return parse(
        json.dumps(
            {
                "version": 3,
                "sources": ["a.ts"],
                "sourcesContent": contents or [None],
                "names": NAMES,
                "mappings": encode_mappings([segments]),
            }
        ).encode()
    )


@pytest.mark.parametrize(
    ("script", "name_token", "expected"),
    [
        ("function r(e){throw e}", "r(", Named("validateOrder", "minified scope")),
        ("const r=e=>{throw e}", "r=", Named("validateOrder", "minified scope")),
        ("class n{drain(){throw 1}}", "n{", Named("validateOrder.drain", "minified scope")),
        ("class n{drain(){throw 1}}", "drain", Named("validateOrder", "minified scope")),
        ("class n{constructor(){throw 1}}", "n{", Named("new validateOrder", "minified scope")),
        ("x.map(function(e){throw e})", "x", Named("<anonymous>", "minified scope")),
        ("a(),function(e){throw e}(1)", "(1", Named("validateOrder", "call site")),
        ("(e=>{throw e})(1)", "(1", Named("validateOrder", "call site")),
        ("throw 1", "throw", Named(None, "minified scope")),
        ("function r(e){throw e}", "e)", None),
    ],
)
def test_the_minified_functions_name_is_translated(
    script: str, name_token: str, expected: Named | None
) -> None:
    source_map = map_with((script.index(name_token), 0, 0, 0, 0))

    found = name_in_minified(source_map, script, 0, script.index("throw"))

    assert found == expected


def test_the_original_source_says_when_there_is_no_name() -> None:
    source_map = map_with((0, 0, 0, 4), (9, 0, 0, 20), contents=["x(); list.map(() => { go() })"])

    names = [
        name_in_original(source_map, mapping)
        for column in (0, 9)
        if (mapping := source_map.lookup(0, column)) is not None
    ]

    assert names == [Named(None, "original source"), Named("<anonymous>", "original source")]


def test_without_a_text_the_original_source_says_nothing() -> None:
    source_map = map_with((0, 0, 0, 0))
    mapping = source_map.lookup(0, 0)

    assert mapping is not None
    assert name_in_original(source_map, mapping) is None


def test_the_callers_mapping_names_what_it_called() -> None:
    source_map = map_with((0, 0, 0, 0, 2), (5, 0, 0, 9))

    found = [name_at_call_site(source_map.lookup(0, column)) for column in (0, 5)]

    assert found == [Named("pay", "call site"), None]
    assert name_at_call_site(None) is None


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        ("Module.k [as generateMetadata]", "generateMetadata"),
        ("async pay", "pay"),
        ("Object.pay", "Object.pay"),
        ("new Cart", "new Cart"),
        ("?", None),
        ("Object.?", None),
        ("Object.<anonymous>", None),
        ("<anonymous>", None),
        ("", None),
        (None, None),
    ],
)
def test_the_sdks_own_word_is_the_last_resort(function: str | None, expected: str | None) -> None:
    assert raw_name(function) == Named(expected, "raw")
