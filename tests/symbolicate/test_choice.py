"""Several maps claim one debug id."""

import pytest

from headwater.protocol.bundle import ArtifactType
from headwater.symbolicate.verdicts import Verdict
from tests.symbolicate.dictionary import DictionarySourceMaps
from tests.symbolicate.world import FILE, ID, SCRIPT, frame, map_of, resolved

JS, MAP = ArtifactType.MINIFIED_SOURCE, ArtifactType.SOURCE_MAP
OURS = map_of()
FOREIGN = map_of([[(0, 0, 0, 0)]], ["../other.ts"], ["foreign();"])
ELSEWHERE = map_of([[], [(0, 0, 0, 0)]], ["../elsewhere.ts"], ["elsewhere();"])


@pytest.fixture
def maps() -> DictionarySourceMaps:
    return DictionarySourceMaps()


def test_equal_contents_are_one_candidate(maps: DictionarySourceMaps) -> None:
    maps.add(MAP, "~/a.js.map", OURS, ID, bundle=1)
    maps.add(MAP, "~/b.js.map", OURS, ID, bundle=2)

    found = resolved(maps, frame())

    assert found.verdict is Verdict.RESOLVED
    assert found.evidence.candidates == 1


@pytest.mark.parametrize("ours_first", [True, False])
def test_the_files_name_decides(maps: DictionarySourceMaps, *, ours_first: bool) -> None:
    uploads = [("~/static/js/app.js.map", OURS), ("~/static/js/other.js.map", FOREIGN)]
    for url, content in uploads if ours_first else reversed(uploads):
        maps.add(MAP, url, content, ID)

    found = resolved(maps, frame())

    assert found.original is not None
    assert found.original.filename == "src/pay.ts"
    assert found.evidence.candidates == 2


@pytest.mark.parametrize("ours_first", [True, False])
def test_the_position_decides_where_names_do_not(
    maps: DictionarySourceMaps, *, ours_first: bool
) -> None:
    uploads = [(f"~/{ID}-0.js.map", OURS), (f"~/{ID}-1.js.map", ELSEWHERE)]
    for url, content in uploads if ours_first else reversed(uploads):
        maps.add(MAP, url, content, ID)

    found = resolved(maps, frame())

    assert found.original is not None
    assert found.original.filename == "src/pay.ts"


@pytest.mark.parametrize("ours_first", [True, False])
def test_the_minified_text_that_the_sdk_saw_decides(
    maps: DictionarySourceMaps, *, ours_first: bool
) -> None:
    uploads = [(0, SCRIPT, OURS), (1, "another('program')" * 9, FOREIGN)]
    for number, script, content in uploads if ours_first else reversed(uploads):
        maps.add(JS, f"~/{ID}-{number}.js", script, ID, bundle=number)
        maps.add(MAP, f"~/{ID}-{number}.js.map", content, ID, bundle=number)

    found = resolved(maps, frame(context_line="{snip} if(n(e)<0)throw new {snip}"))

    assert found.original is not None
    assert found.original.filename == "src/pay.ts"


def test_a_minified_file_that_is_too_short_for_the_position_is_ruled_out(
    maps: DictionarySourceMaps,
) -> None:
    maps.add(JS, f"~/{ID}-0.js", SCRIPT, ID, bundle=0)
    maps.add(MAP, f"~/{ID}-0.js.map", OURS, ID, bundle=0)
    maps.add(JS, f"~/{ID}-1.js", "a()", ID, bundle=1)
    maps.add(MAP, f"~/{ID}-1.js.map", FOREIGN, ID, bundle=1)

    found = resolved(maps, frame())

    assert found.original is not None
    assert found.original.filename == "src/pay.ts"


def test_maps_that_give_the_same_answer_need_no_decision(maps: DictionarySourceMaps) -> None:
    maps.add(MAP, f"~/{ID}-0.js.map", OURS, ID)
    maps.add(MAP, f"~/{ID}-1.js.map", map_of(names=["other"]), ID)

    found = resolved(maps, frame())

    assert found.verdict is Verdict.RESOLVED
    assert found.evidence.candidates == 2


def test_what_cannot_be_decided_is_a_conflict_and_never_a_guess(
    maps: DictionarySourceMaps,
) -> None:
    maps.add(MAP, f"~/{ID}-0.js.map", OURS, ID)
    maps.add(MAP, f"~/{ID}-1.js.map", FOREIGN, ID)

    found = resolved(maps, frame())

    assert found.verdict is Verdict.ID_CONFLICT
    assert found.original is None
    assert found.evidence.candidates == 2


def test_two_files_at_one_address_of_a_release_are_ambiguous(maps: DictionarySourceMaps) -> None:
    maps.add(MAP, "~/static/js/app.js.map", OURS, release="shop@1")
    maps.add(MAP, "~/static/js/app.js.map", FOREIGN, release="shop@1")

    found = resolved(maps, frame(FILE), images=(), release="shop@1")

    assert found.verdict is Verdict.AMBIGUOUS_BY_URL


def test_a_broken_candidate_leaves_the_field_to_the_other(maps: DictionarySourceMaps) -> None:
    maps.add(MAP, f"~/{ID}-0.js.map", OURS, ID)
    maps.add(MAP, f"~/{ID}-1.js.map", "no map", ID)

    found = resolved(maps, frame())

    assert found.verdict is Verdict.RESOLVED
