"""What a validator would say."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.sourcemaps.compiling.compile import MAX_FAULTS
from headwater.sourcemaps.strict import strict

VALID: dict[str, Any] = {
    "version": 3,
    "sources": ["a.ts"],
    "names": ["run"],
    "mappings": "AAAA",
    "rangeMappings": "A",
    "scopes": ["BFAAA,CKA"],
    "ranges": "ECAAA,FK",
    "x_facebook_sources": [[{"names": ["run"], "mappings": "AAA"}]],
    "debugId": "1aad9d9e-2b50-454f-a5f2-0dd5e95c154c",
}

FAULTS: list[tuple[str, Any, str]] = [
    ("version", "3", "`version` must be 3"),
    ("mappings", "AAAA;;A,!", "unreadable: 1, the first in line 3"),
    ("rangeMappings", "B!", "`rangeMappings`: a line is not base64 VLQ"),
    ("scopes", ["CAA"], "`scopes`: a scope ends that never began, in item 1"),
    ("ranges", 7, "`scopes`: the field `ranges` must be a string"),
    ("x_facebook_sources", [7], "`x_facebook_sources`: an entry must be null, or a list"),
    ("debugId", "1aad9d9e", '`debugId` must be a UUID, there is "1aad9d9e"'),
    ("debug_id", None, "`debug_id` must be a UUID, there is null"),
]


def check(**members: Any) -> tuple[str, ...]:
    return strict(json.dumps({**VALID, **members}).encode())


def index(*maps: Any) -> bytes:
    offsets = ({"line": number, "column": 4} for number in range(len(maps)))
    sections = [{"offset": at, "map": one} for at, one in zip(offsets, maps, strict=True)]
    return json.dumps({"version": 3, "sections": sections}).encode()


def test_a_valid_map_is_without_fault() -> None:
    assert check() == ()
    assert strict(index(VALID, VALID)) == ()


@pytest.mark.parametrize(("member", "value", "sentence"), FAULTS)
def test_a_fault_is_said_with_what_was_expected_and_where(
    member: str, value: Any, sentence: str
) -> None:
    found = check(**{member: value})

    assert any(sentence in fault for fault in found), found


@pytest.mark.parametrize(("member", "value", "sentence"), FAULTS[1:6])
def test_a_fault_in_a_section_says_in_which(member: str, value: Any, sentence: str) -> None:
    found = strict(index(VALID, {**VALID, member: value}))

    where = "section at line 2, column 4: "
    assert any(fault.startswith(where) and sentence in fault for fault in found), found


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "it is empty"),
        (b"<!doctype html>\n<html>", "it begins with `<!doctype html>`"),
        (b'{"version"', "not JSON"),
        (b"[]", "a source map is a JSON object"),
        (b"{}", "`mappings` must be a string"),
        (b'{"sections": 7}', "`sections` must be a list of objects"),
    ],
)
def test_what_is_no_source_map_is_a_fault_and_no_exception(data: bytes, sentence: str) -> None:
    assert sentence in strict(data)[-1]


def test_a_map_over_a_limit_is_a_fault_and_no_exception() -> None:
    deep: Any = VALID
    for _ in range(10):
        deep = json.loads(index(deep))

    assert "nested more than" in strict(json.dumps(deep).encode())[-1]


def test_of_very_many_faults_the_first_are_said_and_how_many_more() -> None:
    wrong = {**VALID, "version": 2}

    found = strict(index(*[wrong] * (MAX_FAULTS + 5)))

    assert len(found) == MAX_FAULTS + 1
    assert found[-1] == "and 5 more"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 9) | st.text("AB;,g!3", max_size=9),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*VALID, "sections", "sourcesContent"]), JSON))
def test_nothing_is_an_exception(members: dict[str, Any]) -> None:
    for document in (members, {**VALID, **members}):
        assert isinstance(strict(json.dumps(document).encode()), tuple)
        assert isinstance(strict(index(document)), tuple)


@given(st.binary(max_size=60))
def test_no_bytes_are_an_exception(data: bytes) -> None:
    assert strict(data) or data
