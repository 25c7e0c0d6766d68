"""Metro's function maps, as Metro 0.84 writes them and its composing with Hermes keeps them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.sourcemaps.fields import facebook_sources
from headwater.sourcemaps.fields.facebook_sources import FacebookSources, read_facebook_sources
from headwater.sourcemaps.functions.function import Point
from headwater.sourcemaps.functions.function_table import FunctionTable, table_of_changes
from headwater.sourcemaps.reading.document import read_document
from headwater.sourcemaps.reading.field_faults import FieldFaults
from tests.sourcemaps.decoded import parse
from tests.sourcemaps.encode import encode_vlq

QUEUE = {
    "names": [
        "leaf", "<global>", "Queue", "Queue.make", "Queue#get__size", "Queue#onTick",
        "map$argument_0", "gen",
    ],
    "mappings": "AAA,kDC;OCC;gBCC,iBD;EEC,wBF;EGC,2BC,0CD,IH;CDC;eMC,kCN",
}  # fmt: skip
"""Metro's for:

    function leaf(x) { throw new Error("boom " + x); }
    export class Queue {
      static make = () => new Queue();
      get size() { return 1; }
      onTick(z) { return [z].map(function (each) { return leaf(each * 2); }); }
    }
    export default async function* gen() { yield 1; }
"""


def read(value: Any, sources: int = 1, noted: FieldFaults | None = None) -> FacebookSources | None:
    document = read_document(json.dumps({"x_facebook_sources": value}).encode(), [])
    faults = noted or FieldFaults("x_facebook_sources")
    return read_facebook_sources(document.x_facebook_sources, sources, faults)


def table(function_map: Any, noted: FieldFaults | None = None) -> FunctionTable | None:
    found = read([[function_map]])
    assert found is not None
    return found.function_table(0, noted)


def faults_of(value: Any, sources: int = 1) -> list[str]:
    noted = FieldFaults("x_facebook_sources")
    found = read(value, sources, noted)
    for source in range(sources if found else 0):
        assert found is not None
        found.function_table(source, noted)
    return list(noted.sentences())


def test_each_place_has_the_name_that_metro_gave_it() -> None:
    found = table(QUEUE)

    assert found is not None
    assert found.at(0, 20) == "leaf"
    assert found.at(0, 51) is None
    assert found.at(2, 20) == "Queue.make"
    assert found.at(2, 2) == "Queue"
    assert found.at(3, 10) == "Queue.get size"
    assert found.at(4, 5) == "Queue.onTick"
    assert found.at(4, 45) == "<anonymous>"
    assert found.at(4, 72) == "Queue.onTick"
    assert found.at(5, 1) is None
    assert found.at(6, 40) == "gen"
    assert faults_of([[QUEUE]]) == []


def test_a_place_before_the_first_column_is_left_out() -> None:
    before_first = {"names": ["a", "b"], "mappings": "DCC,CCC"}

    found = table(before_first)

    assert found is not None
    assert min(found.columns, default=0) >= 0
    assert faults_of([[before_first]]) != []


@pytest.mark.parametrize("entry", [None, [], [None], [None, {"other": 1}]])
def test_a_source_of_which_nothing_is_said_has_no_table(entry: Any) -> None:
    found = read([entry])

    assert found is not None
    assert found.function_table(0) is None
    assert found.function_table(1) is None
    assert faults_of([entry]) == []


@pytest.mark.parametrize("value", [None, []])
def test_a_map_may_say_nothing_of_any_source(value: Any) -> None:
    assert faults_of(value, sources=0) == []


def test_other_things_said_of_a_source_are_passed_over() -> None:
    assert faults_of([[QUEUE, {"more": [1]}, "x"]]) == []


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (7, "the field must be a list"),
        ({}, "the field must be a list"),
        ([None, None], "the field has 2 entries for 1 sources"),
        ([7], "an entry must be null, or a list"),
        ([[7]], "an entry must be null, or a list"),
        ([[{"names": [1], "mappings": ""}]], "an entry must be null, or a list"),
        ([[{"names": []}]], "an entry must be null, or a list"),
        (
            [[{"names": ["a"], "mappings": "A!A"}]],
            "two or three numbers in base64 VLQ, in source 0",
        ),
        ([[{"names": ["a"], "mappings": "A"}]], "two or three numbers in base64 VLQ"),
        ([[{"names": ["a"], "mappings": "AAAA"}]], "two or three numbers in base64 VLQ"),
        ([[{"names": ["a"], "mappings": "ACA"}]], "not an index of `names`"),
        ([[{"names": ["a"], "mappings": "KAA,DAA"}]], "not behind the one before it"),
        ([[{"names": ["a"], "mappings": "DAA"}]], "not behind the one before it"),
    ],
)
def test_what_is_wrong_is_named(value: Any, sentence: str) -> None:
    found = faults_of(value)

    assert any(sentence in fault for fault in found), found


def test_limits_are_named_when_they_are_met(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facebook_sources, "MAX_CHANGES", 3)
    assert any("more than 3 places" in fault for fault in faults_of([[QUEUE]]))

    monkeypatch.setattr(facebook_sources, "MAX_LENGTH", 10)
    assert any("over 10 bytes" in fault for fault in faults_of([[QUEUE]]))


def test_offsets_of_hermes_and_of_bundles_in_pieces_are_no_fault() -> None:
    inner = {"version": 3, "sources": ["a.js"], "names": [], "mappings": "AAAA,U"}
    hermes = {
        **inner,
        "x_hermes_function_offsets": {"0": [0, 586]},
        "x_facebook_sources": [[QUEUE]],
    }
    pieces = {
        "version": 3,
        "sections": [{"offset": {"line": 0, "column": 0}, "map": hermes}],
        "x_facebook_offsets": [0, None, 3],
        "x_metro_module_paths": ["a.js"],
        "x_facebook_segments": {"1": inner},
    }

    for written in (hermes, pieces):
        found = parse(json.dumps(written).encode())

        assert found.faults == ()
        mapping = found.lookup(0, 3)
        assert mapping is not None
        assert mapping.source == 0


ENTRIES = st.lists(
    st.tuples(st.tuples(st.integers(0, 30), st.integers(0, 99)), st.integers(0, 4)),
    unique_by=lambda each: each[0],
).map(sorted)


@given(ENTRIES)
def test_what_was_written_is_read(entries: list[tuple[Point, int]]) -> None:
    names = ["one", "two", "<global>", "A#b", "<anonymous>"]
    spelled = ["one", "two", None, "A.b", "<anonymous>"]
    written, line, column, name = "", 0, 0, 0
    for number, (place, index) in enumerate(entries):
        later = place[0] > line
        if number:
            written += ";" if later else ","
        delta = place[1] - (0 if later else column)
        written += encode_vlq(delta) + encode_vlq(index - name)
        written += encode_vlq(place[0] - line) if later or not number else ""
        (line, column), name = place, index

    noted = FieldFaults("x_facebook_sources")
    found = table({"names": names, "mappings": written}, noted)

    assert list(noted.sentences()) == []
    assert found == table_of_changes((place, spelled[index]) for place, index in entries)


@given(
    st.lists(st.text(st.sampled_from("ACDKg!,;"), max_size=6)).map(",".join),
    st.lists(st.sampled_from(["a", "", "<global>"]), max_size=3),
)
def test_no_map_is_a_crash(mappings: str, names: list[str]) -> None:
    found = table({"names": names, "mappings": mappings})

    assert found is not None
    places = list(zip(found.lines, found.columns, strict=True))
    assert places == sorted(set(places))
