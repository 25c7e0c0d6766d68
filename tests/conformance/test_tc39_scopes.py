"""The standard's goldens of the `scopes` proposal: what is decoded, field by field."""

import json
from pathlib import Path
from typing import Any

import pytest

from headwater.sourcemaps.fields.generated_ranges import RangeKind
from headwater.sourcemaps.fields.original_scopes import NONE
from headwater.sourcemaps.fields.scopes_field import ScopesField, read_scopes_field
from headwater.sourcemaps.reading.document import read_document
from tests.conformance import CONFORMANCE, needs_conformance_data

FOLDER = CONFORMANCE / "tc39-source-map-tests" / "decoding" / "scopes"
MAPS = sorted(FOLDER.glob("*.map")) if FOLDER.is_dir() else []
KINDS = {RangeKind.PART: "none", RangeKind.FUNCTION: "original", RangeKind.HIDDEN: "hidden"}

pytestmark = needs_conformance_data


@pytest.mark.parametrize("path", MAPS, ids=lambda path: path.stem)
def test_scopes_and_ranges_are_those_of_the_golden(path: Path) -> None:
    members = json.loads(path.read_text())
    golden = json.loads(path.with_name(path.name + ".golden").read_text())
    faults: list[str] = []

    document = read_document(path.read_bytes(), faults)
    found = read_scopes_field(document, len(members["sources"]), members["names"], faults)

    assert found is not None
    assert faults == []
    scopes = [
        scopes_of(found, source, members["names"]) for source in range(len(golden["sources"]))
    ]
    assert scopes == [flat(each["scope"]) for each in golden["sources"]]
    assert ranges_of(found) == [each for one in golden["ranges"] for each in flat(one)]


def flat(tree: dict[str, Any] | None) -> list[dict[str, Any]]:
    """A tree's nodes in pre-order, each without what is not decoded here."""
    if tree is None:
        return []
    left_out = ("children", "variables", "bindings")
    node = {key: value for key, value in tree.items() if key not in left_out}
    return [node, *(each for child in tree["children"] for each in flat(child))]


def scopes_of(found: ScopesField, source: int, names: list[str]) -> list[dict[str, Any]]:
    scopes = found.scopes
    return [
        {
            "start": position(scopes.start(each)),
            "end": position(scopes.end(each)),
            "name": None if scopes.names[each] == NONE else names[scopes.names[each]],
            "kind": None if scopes.kinds[each] == NONE else names[scopes.kinds[each]],
            "isStackFrame": scopes.is_stack_frame(each),
        }
        for each in scopes.of_source(source)
    ]


def ranges_of(found: ScopesField) -> list[dict[str, Any]]:
    ranges = found.ranges
    return [
        {
            "start": position(ranges.start(each)),
            "end": position(ranges.end(each)),
            "definitionIndex": None
            if (definition := ranges.definitions[each]) == NONE
            else definition,
            "stackFrameType": KINDS[RangeKind(ranges.kinds[each])],
            "callSite": None if ranges.call_sources[each] == NONE else ranges.call_sources[each],
        }
        for each in range(len(ranges))
    ]


def position(point: tuple[int, int]) -> dict[str, int]:
    return {"line": point[0], "column": point[1]}
