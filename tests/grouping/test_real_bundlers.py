"""One program in real builds: the same errors, whatever bundler and whether its maps hold the text."""

import json
from datetime import UTC, datetime

import pytest

from headwater.grouping.fingerprint import Hashes, hashes
from headwater.protocol.event_json import parse_event
from headwater.symbolicate.stacktrace import symbolicate
from tests.conformance import CONFORMANCE, needs_conformance_data
from tests.symbolicate.dictionary import DictionarySourceMaps

pytestmark = needs_conformance_data

ERRORS = ["arrow-property", "async", "callback", "method", "plain"]


def _hashes(bundler: str, name: str) -> Hashes:
    folder = CONFORMANCE / "real-bundlers" / bundler
    maps = DictionarySourceMaps()
    maps.add_bundle(folder / "bundle.zip")
    case = json.loads((folder / f"{name}.json").read_text())
    event = parse_event(json.dumps(case["event"]).encode(), datetime.now(UTC))
    return hashes(event, symbolicate(event, maps))


@pytest.mark.parametrize("name", ERRORS)
def test_maps_without_the_source_s_text_lead_to_the_issue_of_those_with_it(name: str) -> None:
    textless, vite, esbuild = (_hashes(each, name) for each in ("rollup", "vite", "esbuild"))

    assert textless.final == vite.without_source == esbuild.without_source
    assert vite.final != vite.without_source


# webpack put the arrow function of `plain` in the place of its call: it has one frame less.
@pytest.mark.parametrize("name", [each for each in ERRORS if each != "plain"])
def test_another_bundler_changes_no_hash(name: str) -> None:
    assert _hashes("vite", name).final == _hashes("webpack", name).final


@pytest.mark.parametrize("bundler", ["vite", "webpack", "rollup", "esbuild"])
def test_different_errors_of_one_build_are_different_issues(bundler: str) -> None:
    assert len({_hashes(bundler, name).final for name in ERRORS}) == len(ERRORS)
