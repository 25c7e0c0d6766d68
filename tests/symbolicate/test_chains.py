"""Sources that are generated files themselves, with maps of their own."""

from typing import Any

import pytest

from headwater.protocol.bundle import ArtifactType
from headwater.symbolicate.resolution import ResolvedFrame
from headwater.symbolicate.verdicts import Verdict
from tests.sourcemaps.encode import Segment
from tests.symbolicate.dictionary import DictionarySourceMaps
from tests.symbolicate.world import ID, frame, map_of, resolved

JS, MAP = ArtifactType.MINIFIED_SOURCE, ArtifactType.SOURCE_MAP
MINIFIED = "function t(e){throw Error(e)}t(1);\n"
COMPILED = '"use strict";\nfunction pay(cart) {\n    throw Error(cart);\n}\npay(1);\n'
WRITTEN = (
    "type Cart = number;\n\nconst pay = (cart: Cart) => {\n  throw Error(cart);\n};\npay(1);\n"
)
WRITTEN_LINE = 4


def bundler_map(**more: Any) -> str:
    """From MINIFIED to COMPILED."""
    segments: list[Segment] = [(0, 0, 1, 0), (MINIFIED.index("throw"), 0, 2, 4)]
    return map_of([segments], ["../build/pay.js"], [COMPILED], **more)


def compiler_map(source: str = "../src/pay.ts", contents: str | None = WRITTEN) -> str:
    """From COMPILED to WRITTEN."""
    lines: list[list[Segment]] = [[], [(0, 0, 2, 0)], [(4, 0, 3, 2)]]
    return map_of(lines, [source], [contents])


@pytest.fixture
def maps() -> DictionarySourceMaps:
    maps = DictionarySourceMaps()
    maps.add(JS, "~/dist/app.js", MINIFIED, ID)
    maps.add(MAP, "~/dist/app.js.map", bundler_map(), ID)
    return maps


def thrown(maps: DictionarySourceMaps, **more: Any) -> ResolvedFrame:
    return resolved(maps, frame(colno=MINIFIED.index("throw") + 1), **more)


def place(found: ResolvedFrame) -> tuple[str, int] | None:
    original = found.original
    return None if original is None else (original.filename, original.lineno)


def test_the_compilers_map_leads_on_from_the_bundlers(maps: DictionarySourceMaps) -> None:
    maps.add(JS, "~/build/pay.js", COMPILED, reference="pay.js.map")
    maps.add(MAP, "~/build/pay.js.map", compiler_map())

    found = thrown(maps)

    assert found.verdict is Verdict.RESOLVED
    assert place(found) == ("src/pay.ts", WRITTEN_LINE)
    assert found.original is not None
    assert found.original.abs_path == "~/src/pay.ts"
    assert found.original.context_line == "  throw Error(cart);"
    assert (found.original.function, found.evidence.named_by) == ("pay", "original source")
    assert found.evidence.mapping == "1:15 → ../build/pay.js:3:5"
    assert found.evidence.chain == ("~/build/pay.js.map: 3:5 → ../src/pay.ts:4:3",)
    assert found.evidence.source_map == "~/dist/app.js.map"


def test_files_of_the_same_release_lead_on_too(maps: DictionarySourceMaps) -> None:
    maps.add(JS, "~/build/pay.js", COMPILED, reference="pay.js.map", release="1", bundle=2)
    maps.add(MAP, "~/build/pay.js.map", compiler_map(), release="1", bundle=2)

    assert place(thrown(maps, release="1")) == ("src/pay.ts", WRITTEN_LINE)
    assert place(thrown(maps, release="2")) == ("build/pay.js", 3)
    assert place(thrown(maps)) == ("build/pay.js", 3)


@pytest.mark.parametrize("lines", [1, 2])
def test_a_snippet_that_was_put_in_after_bundling_does_not_matter(
    maps: DictionarySourceMaps, lines: int
) -> None:
    shifted: list[list[Segment]] = [[]] * (lines + 2) + [[(4, 0, 3, 2)]]
    maps.add(JS, "~/build/pay.js", ";{debugIds()}\n" * lines + COMPILED)
    maps.add(MAP, "~/build/pay.js.map", map_of(shifted, ["../src/pay.ts"], [WRITTEN]))

    assert place(thrown(maps)) == ("src/pay.ts", WRITTEN_LINE)


def test_a_file_that_is_not_what_the_bundler_read_leads_nowhere(
    maps: DictionarySourceMaps,
) -> None:
    maps.add(JS, "~/build/pay.js", COMPILED.replace("Error", "TypeError"))
    maps.add(MAP, "~/build/pay.js.map", compiler_map())

    found = thrown(maps)

    assert place(found) == ("build/pay.js", 3)
    assert found.evidence.chain == ()


@pytest.mark.parametrize(
    "url", ["~/build/other.js.map", "~/elsewhere/build/pay.js.map", "~/pay.js.map"]
)
def test_only_the_exact_address_counts(maps: DictionarySourceMaps, url: str) -> None:
    maps.add(MAP, url, compiler_map())

    assert place(thrown(maps)) == ("build/pay.js", 3)


def test_a_place_that_the_second_map_does_not_have_ends_the_chain(
    maps: DictionarySourceMaps,
) -> None:
    maps.add(MAP, "~/build/pay.js.map", map_of([[(0, 0, 0, 0)]], ["../src/pay.ts"], [WRITTEN]))

    assert place(thrown(maps)) == ("build/pay.js", 3)


def test_text_is_not_given_up_for_a_place_without_any(maps: DictionarySourceMaps) -> None:
    maps.add(MAP, "~/build/pay.js.map", compiler_map(contents=None))

    assert place(thrown(maps)) == ("build/pay.js", 3)


def test_a_circle_is_left(maps: DictionarySourceMaps) -> None:
    maps.add(MAP, "~/build/pay.js.map", compiler_map("../dist/app.js", MINIFIED + "\n" * 9))

    found = thrown(maps)

    assert found.verdict is Verdict.RESOLVED
    assert len(found.evidence.chain) <= 1


def test_three_maps_are_followed_and_no_more(maps: DictionarySourceMaps) -> None:
    text = "a\nb\n    throw c\n"
    for number in range(5):
        source = f"../build{number + 1}/pay.js"
        content = map_of([[], [], [(4, 0, 2, 4)]], [source], [text], file=str(number))
        folder = "build" if number == 0 else f"build{number}"
        maps.add(MAP, f"~/{folder}/pay.js.map", content)

    found = thrown(maps)

    assert place(found) == ("build3/pay.js", 3)
    assert len(found.evidence.chain) == 3


def test_what_third_party_code_was_made_of_is_third_party_code(
    maps: DictionarySourceMaps,
) -> None:
    maps = DictionarySourceMaps()
    segments: list[Segment] = [(0, 0, 1, 0), (MINIFIED.index("throw"), 0, 2, 4)]
    bundled = map_of([segments], ["../node_modules/pay/dist/pay.js"], [COMPILED])
    maps.add(MAP, "~/dist/app.js.map", bundled, ID)
    maps.add(MAP, "~/node_modules/pay/dist/pay.js.map", compiler_map())

    found = thrown(maps)

    assert place(found) == ("src/pay.ts", WRITTEN_LINE)
    assert found.in_app is False
