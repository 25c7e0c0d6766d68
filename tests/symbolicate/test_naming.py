"""Functions' names where no source tells them."""

import pytest

from headwater.protocol.bundle import ArtifactType
from headwater.sourcemaps.map_functions import FunctionName
from headwater.symbolicate.naming import name_at_call_site, raw_name
from tests.symbolicate.dictionary import DictionarySourceMaps
from tests.symbolicate.world import ID, SCRIPT, frame, map_of, resolved


def test_the_callers_mapping_names_what_it_called() -> None:
    found = [name_at_call_site(each) for each in ("pay", "__webpack_require__", None)]

    assert found == [FunctionName("pay", "call site"), None, None]


def test_without_sources_the_minified_file_names_the_function() -> None:
    maps = DictionarySourceMaps()
    maps.add(ArtifactType.MINIFIED_SOURCE, "~/static/js/app.js", SCRIPT, ID)
    maps.add(ArtifactType.SOURCE_MAP, "~/static/js/app.js.map", map_of(contents=[]), ID)

    found = resolved(maps, frame())

    assert found.original is not None
    assert (found.original.function, found.evidence.named_by) == ("pay", "minified scope")


def test_without_sources_and_minified_file_the_caller_names_the_function() -> None:
    maps = DictionarySourceMaps()
    maps.add(ArtifactType.SOURCE_MAP, "~/static/js/app.js.map", map_of(contents=[]), ID)

    found = resolved(maps, frame(colno=12), frame())

    assert found.original is not None
    assert (found.original.function, found.evidence.named_by) == ("pay", "call site")


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
    assert raw_name(function) == FunctionName(expected, "raw")


def test_a_function_without_a_name_stays_anonymous_and_tells_what_it_was_passed_to() -> None:
    source = (
        "app.get('/',\n  () => {\n    // \n    //\n    throw new Error('nothing to pay');\n  });"
    )
    maps = DictionarySourceMaps()
    maps.add(ArtifactType.SOURCE_MAP, "~/static/js/app.js.map", map_of(contents=[source]), ID)

    found = resolved(maps, frame())

    assert found.original is not None
    assert (found.original.function, found.original.passed_to) == ("<anonymous>", "app.get")
    assert found.evidence.named_by == "original source"
