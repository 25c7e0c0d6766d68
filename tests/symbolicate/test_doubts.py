"""Mappings that join places which don't fit one another."""

import pytest

from headwater.protocol.bundle import ArtifactType
from headwater.sourcemaps.compiled.origins import excerpt_of
from headwater.sourcemaps.compiled.spots import spot, spot_in
from headwater.sourcemaps.compiled.texts import Text
from headwater.sourcemaps.in_memory import script_in_memory
from headwater.sourcemaps.mapping import Mapping
from headwater.symbolicate.doubts import doubt_of
from headwater.symbolicate.verdicts import Verdict
from tests.sourcemaps.encode import Segment
from tests.symbolicate.dictionary import DictionarySourceMaps
from tests.symbolicate.world import ID, SCRIPT, SOURCE, frame, map_of, resolved

JS, MAP = ArtifactType.MINIFIED_SOURCE, ArtifactType.SOURCE_MAP


def text(content: str) -> Text:
    return script_in_memory(content).text


def doubt(script: str, source: str) -> str | None:
    """Of a mapping between the two places marked `|`."""
    mapping = Mapping(0, script.index("|"), 0, 0, source.index("|"), None)
    return asked(mapping, script.replace("|", ""), source.replace("|", ""))


def asked(mapping: Mapping, script: str | None, source: str) -> str | None:
    original = excerpt_of(text(source), mapping.source_line, mapping.source_column)
    assert original is not None
    return doubt_of(
        mapping,
        None if script is None else spot(text(script), mapping.line, mapping.column),
        spot_in(original.line, mapping.source_column),
        original,
    )


@pytest.mark.parametrize(
    ("script", "source"),
    [
        ("a(|e(1))", "total(|price(1))"),
        ("x|.forEach(t)", "cart|.items.forEach(t)"),
        ("throw |Error(1)", "throw |new Error(1)"),
        ("|throw new Error(1)", "if (bad) |throw new Error(1)"),
        ("if(a)|throw b", "|if (bad) { throw worse }"),
        ("|throw f", "|  throw filename"),
        ("var e=|new Array(n)", "function f(...args|) {"),
        ('"|text"', "`${a}|text`"),
        ("a=>|{}", "function a()| {}"),
        ("wo|rd = 1", "const wo|rd = 1"),
        ("|", "|"),
        ("😀;|e()", "'😀';|price()"),
        ("a()|", "|}"),
    ],
)
def test_what_sound_maps_show_is_not_doubted(script: str, source: str) -> None:
    assert doubt(script, source) is None


@pytest.mark.parametrize(
    ("script", "source", "sentence"),
    [
        ("throw E|rror(1)", "  if (bad) |{", "begins within the word `Error`"),
        ("|e(1)", "to|tal(1)", "into the middle of the word `total`"),
        ("|throw e", "|const first = 1;", "throws here, and the source does not"),
    ],
)
def test_what_does_not_fit_is_doubted(script: str, source: str, sentence: str) -> None:
    assert sentence in (doubt(script, source) or "")


def test_a_column_behind_its_lines_end_is_doubted() -> None:
    at_end, behind = (Mapping(0, 0, 0, 0, column, None) for column in (4, 5))

    assert asked(at_end, None, "😀a;\nb") is None
    assert "column 6 of a line that has 4" in (asked(behind, None, "😀a;\nb") or "")


def test_without_the_minified_file_words_are_not_compared() -> None:
    assert asked(Mapping(0, 1, 0, 0, 1, None), None, "word") is None


def test_a_frame_at_a_doubtful_mapping_is_resolved_and_marked() -> None:
    maps = DictionarySourceMaps()
    maps.add(JS, "~/static/js/app.js", "/*! a */;" + SCRIPT, ID)
    maps.add(MAP, "~/static/js/app.js.map", map_of(), ID)

    found = resolved(maps, frame())

    assert found.verdict is Verdict.SUSPICIOUS_MAPPING
    assert found.original is not None
    assert found.original.lineno == 5
    assert "within the word" in (found.evidence.detail or "")


@pytest.mark.parametrize("ours_first", [True, False])
def test_of_two_maps_with_one_id_the_one_that_fits_is_taken(*, ours_first: bool) -> None:
    shifted: list[Segment] = [(0, 0, 2, 7), (SCRIPT.index("throw") - 3, 0, 2, 9)]
    uploads = [map_of(), map_of([shifted], contents=[SOURCE])]
    maps = DictionarySourceMaps()
    maps.add(JS, f"~/{ID}-0.js", SCRIPT, ID)
    for number, content in enumerate(uploads if ours_first else reversed(uploads)):
        maps.add(MAP, f"~/{ID}-{number}.js.map", content, ID)

    found = resolved(maps, frame())

    assert found.verdict is Verdict.RESOLVED
    assert found.original is not None
    assert found.original.lineno == 5


@pytest.mark.parametrize("ours_first", [True, False])
def test_what_does_not_fit_one_frame_of_a_file_is_believed_of_none(*, ours_first: bool) -> None:
    thrown, call = SCRIPT.index("throw"), SCRIPT.index("t(1)")
    ours: list[Segment] = [(0, 0, 2, 7), (thrown, 0, 4, 4), (call, 0, 0, 0)]
    # Of another build: it begins within the word `throw`, but where `t(1)` is nothing tells.
    theirs: list[Segment] = [
        (0, 0, 2, 7),
        (thrown - 1, 0, 0, 9),
        (thrown + 1, 0, 2, 9),
        (call, 0, 3, 0),
    ]
    uploads = [map_of([each], contents=[SOURCE]) for each in (ours, theirs)]
    maps = DictionarySourceMaps()
    maps.add(JS, f"~/{ID}-0.js", SCRIPT, ID)
    for number, content in enumerate(uploads if ours_first else reversed(uploads)):
        maps.add(MAP, f"~/{ID}-{number}.js.map", content, ID)

    alone = resolved(maps, frame(colno=call + 1))
    beside = resolved(maps, frame(colno=thrown + 2), frame(colno=call + 1))

    assert alone.verdict is Verdict.ID_CONFLICT
    assert beside.verdict is Verdict.RESOLVED
    assert beside.original is not None
    assert beside.original.lineno == 1
