"""The standard's own tests: 99 maps and 94 questions, and 13 maps of the range mapping proposal."""

import json
from pathlib import Path
from typing import Any

import pytest

from headwater.sourcemaps.reading.document import MalformedSourceMap
from headwater.sourcemaps.strict import strict
from tests.conformance import CONFORMANCE, needs_conformance_data
from tests.sourcemaps.decoded import Decoded, parse

FOLDER = CONFORMANCE / "tc39-source-map-tests"
SUITE = FOLDER / "source-map-spec-tests.json"
RANGE_MAPPINGS = FOLDER / "range-mappings-proposal-tests.json"


def cases(suite: Path, folder: str) -> list[dict[str, Any]]:
    tests = json.loads(suite.read_text())["tests"] if suite.is_file() else []
    return [{**test, "sourceMapFile": folder + test["sourceMapFile"]} for test in tests]


CASES = cases(SUITE, "")
RANGE_CASES = cases(RANGE_MAPPINGS, "proposals/range-mappings/")
# The folder's two index maps are no JSON: they have trailing commas.
DEBUG_IDS = [
    FOLDER / "decoding" / "debug-id" / name for name in ("debug-id.map", "invalid-debug-id.map")
]
ACTIONS = [
    pytest.param(case, action, id=f"{case['name']}-{number}")
    for case in [*CASES, *RANGE_CASES]
    for number, action in enumerate(case.get("testActions", ()))
]

USABLE_ALTHOUGH_INVALID = """
versionMissing versionNotANumber versionNumericString versionTooHigh versionTooLow
sourcesMissing sourcesNotAList1 sourcesNotAList2 sourcesNotStringOrNull
sourcesContentNotAList1 sourcesContentNotAList2 sourcesContentNotStringOrNull
fileNotAString1 fileNotAString2 sourceRootNotAString1 sourceRootNotAString2
namesNotAList1 namesNotAList2 namesNotString
ignoreListWrongType1 ignoreListWrongType2 ignoreListWrongType3 ignoreListWrongType4
ignoreListOutOfBounds1 ignoreListOutOfBounds2
invalidVLQDueToNonBase64Character invalidVLQDueToNonBase64CharacterPadding
invalidVLQDueToMissingContinuationDigits invalidMappingSegmentBadSeparator
invalidMappingSegmentWithZeroFields
invalidMappingSegmentWithTwoFields invalidMappingSegmentWithThreeFields
invalidMappingSegmentWithSourceIndexOutOfBounds invalidMappingSegmentWithNameIndexOutOfBounds
invalidMappingSegmentWithNegativeColumn invalidMappingSegmentWithNegativeSourceIndex
invalidMappingSegmentWithNegativeOriginalLine invalidMappingSegmentWithNegativeOriginalColumn
invalidMappingSegmentWithNegativeNameIndex invalidMappingSegmentWithNegativeRelativeColumn
invalidMappingSegmentWithNegativeRelativeSourceIndex
invalidMappingSegmentWithNegativeRelativeOriginalLine
invalidMappingSegmentWithNegativeRelativeOriginalColumn
invalidMappingSegmentWithNegativeRelativeNameIndex
invalidMappingSegmentWithColumnExceeding32Bits invalidMappingSegmentWithSourceIndexExceeding32Bits
invalidMappingSegmentWithOriginalLineExceeding32Bits
invalidMappingSegmentWithOriginalColumnExceeding32Bits
invalidMappingSegmentWithNameIndexExceeding32Bits
indexMapInvalidBaseMappings indexMapInvalidOverlap indexMapInvalidOrder
indexMapFileWrongType1 indexMapFileWrongType2
""".split()  # noqa: SIM905 — fifty names read better as a paragraph
"""Maps that the standard refuses and that answer all the same here, each with its fault noted."""

pytestmark = needs_conformance_data


def read(name: str) -> Decoded:
    return parse((FOLDER / "resources" / name).read_bytes())


@pytest.mark.parametrize("case", [*CASES, *RANGE_CASES], ids=lambda case: str(case["name"]))
def test_a_map_is_without_fault_if_and_only_if_it_is_valid(case: dict[str, Any]) -> None:
    try:
        valid = read(case["sourceMapFile"]).faults == ()
    except MalformedSourceMap:
        valid = False

    assert valid == case["sourceMapIsValid"]


@pytest.mark.parametrize("case", [*CASES, *RANGE_CASES], ids=lambda case: str(case["name"]))
def test_a_validator_finds_fault_with_a_map_if_and_only_if_it_is_invalid(
    case: dict[str, Any],
) -> None:
    found = strict((FOLDER / "resources" / case["sourceMapFile"]).read_bytes())

    assert (found == ()) == case["sourceMapIsValid"]


@pytest.mark.parametrize("path", DEBUG_IDS, ids=lambda path: path.stem)
def test_a_debug_id_is_without_fault_if_and_only_if_it_is_a_uuid(path: Path) -> None:
    invalid = path.with_suffix(".error").exists()

    assert bool(strict(path.read_bytes())) == invalid


def test_these_invalid_maps_are_used_all_the_same() -> None:
    lenient = []
    for case in CASES:
        try:
            found = read(case["sourceMapFile"])
        except MalformedSourceMap:
            continue
        if found.faults:
            lenient.append(case["name"])

    assert sorted(lenient) == sorted(USABLE_ALTHOUGH_INVALID)


@pytest.mark.parametrize(("case", "action"), ACTIONS)
def test_every_question_has_the_standards_answer(
    case: dict[str, Any], action: dict[str, Any]
) -> None:
    found = read(case["sourceMapFile"])

    if action["actionType"] == "checkIgnoreList":
        assert {found.sources[index] for index in found.ignored} == set(action["present"])
        return
    maps = [found, *(read(name) for name in action.get("intermediateMaps", ()))]
    answer = follow(maps, action["generatedLine"], action["generatedColumn"])

    expected = (action["originalSource"], action["originalLine"], action["originalColumn"])
    assert answer[:3] == expected
    if action["actionType"] == "checkMapping":
        assert answer[3] == action["mappedName"]


def follow(
    maps: list[Decoded], line: int, column: int
) -> tuple[str | None, int | None, int | None, str | None]:
    """Through one map after another, as from minified to compiled to TypeScript."""
    answer: tuple[str | None, int | None, int | None, str | None] = (None, line, column, None)
    for each in maps:
        assert answer[1] is not None
        assert answer[2] is not None
        mapping = each.lookup(answer[1], answer[2])
        if mapping is None or mapping.source is None:
            return (None, None, None, None)
        source = each.sources[mapping.source]
        answer = (source, mapping.source_line, mapping.source_column, mapping.name)
    return answer
