"""One map or minified file, asked through the same words wherever it is kept."""

import json

from headwater.sourcemaps.compiled.spots import AROUND
from headwater.sourcemaps.in_memory import script_in_memory, source_map_in_memory
from headwater.sourcemaps.map_functions import FunctionName, InlinedCall
from headwater.sourcemaps.source_map import SourceMap
from tests.sourcemaps.encode import encode_mappings

SOURCE = "export function pay(order) {\n  return charge(order);\n}\n"


def source_map(**members: object) -> SourceMap:
    plain = {
        "version": 3,
        "sources": ["pay.ts"],
        "sourcesContent": [SOURCE],
        "names": ["pay", "charge"],
        "mappings": encode_mappings([[(0, 0, 0, 0), (9, 0, 0, 16, 0), (20, 0, 1, 9, 1)]]),
    }
    return source_map_in_memory(json.dumps({**plain, **members}).encode())


def test_a_place_is_found_with_its_source_name_text_and_function() -> None:
    found = source_map()

    mapping = found.lookup(0, 22)

    assert mapping is not None
    assert (mapping.source, mapping.source_line, mapping.source_column) == (0, 1, 9)
    assert found.name(mapping) == "charge"
    assert found.source(0).name == "pay.ts"
    text = found.text(0)
    assert text is not None
    line = text.line(1)
    assert line is not None
    assert line.text == "  return charge(order);"
    assert found.function_at(0, 1, 9) == FunctionName("pay", "original source")


def test_the_top_level_of_a_source_is_no_function() -> None:
    found = source_map()

    assert found.function_at(0, 0, 0) == FunctionName(None, "original source")


def test_a_source_without_text_names_no_function() -> None:
    found = source_map(sourcesContent=None)

    assert found.function_at(0, 1, 9) is None


def test_a_source_in_a_foreign_language_names_no_function() -> None:
    found = source_map(sources=["pay.coffee"])

    assert found.function_at(0, 1, 9) is None


def test_a_minified_function_has_the_name_that_the_map_gives_its_token() -> None:
    script = "function a(n){return b(n)}"
    members = json.dumps(
        {
            "version": 3,
            "sources": ["pay.ts"],
            "names": ["pay"],
            "mappings": encode_mappings([[(9, 0, 0, 16, 0), (21, 0, 1, 9)]]),
        }
    ).encode()

    found = source_map_in_memory(members, script)

    assert found.generated_function_at(0, 21) == FunctionName("pay", "minified scope")
    assert found.generated_function_at(0, 26) == FunctionName(None, "minified scope")


def test_a_minified_function_whose_name_the_map_lacks_is_unknown() -> None:
    found = source_map_in_memory(
        b'{"version":3,"sources":["a"],"names":[],"mappings":"AAAA"}', "function a(n){return b(n)}"
    )

    assert found.generated_function_at(0, 21) is None


def test_a_function_in_the_place_of_its_only_call_has_the_name_that_was_called() -> None:
    script = "(function(n){b(n)})(1)"
    mappings = encode_mappings([[(0, 0, 0, 0), (13, 0, 1, 2), (19, 0, 5, 3, 0)]])
    members = {"version": 3, "sources": ["a.ts"], "names": ["pay"], "mappings": mappings}

    found = source_map_in_memory(json.dumps(members).encode(), script)

    assert found.generated_function_at(0, 14) == FunctionName("pay", "call site")


def test_without_a_minified_file_no_generated_function_is_known() -> None:
    assert source_map().generated_function_at(0, 3) is None


def test_without_a_scopes_field_nothing_is_inlined() -> None:
    calls: tuple[InlinedCall, ...] = ()

    assert source_map().inlined_at(0, 21) == calls


def test_an_await_leads_to_what_is_awaited() -> None:
    script = script_in_memory("async function a(){let n=await b(1)}")

    assert script.awaited(0, 25) == (0, 31)
    assert script.awaited(0, 24) is None


def test_an_awaited_function_that_is_called_where_it_stands_leads_to_its_arguments() -> None:
    script = script_in_memory("async function a(){await async function(){b()}(1)}")

    assert script.awaited(0, 19) == (0, 46)


def test_an_awaited_function_that_is_not_called_leads_nowhere() -> None:
    script = script_in_memory("async function a(){await function(){}}")

    assert script.awaited(0, 19) is None


def test_an_await_behind_characters_of_two_units_is_found() -> None:
    script = script_in_memory("async function a(){'\U0001f600';await b()}")

    assert script.awaited(0, 24) == (0, 30)


def test_a_minified_file_tells_its_map_and_its_debug_id() -> None:
    debug_id = "0f8a3c5e-7d6b-4f7e-9a51-3c2b1d0e4f5a"
    script = script_in_memory(f"a()\n//# sourceMappingURL=a.js.map\n//# debugId={debug_id}\n")

    assert script.source_mapping_url == "a.js.map"
    assert script.debug_id == debug_id


def test_places_of_a_minified_file_are_told_with_what_is_near_them() -> None:
    script = script_in_memory("a" * 1000 + " await b()" + "c" * 1000 + "\n")
    places = [(0, 1001), (0, 3000), (9, 0)]

    first, again = script.spots(places), script.spots(places)

    assert again == first
    near, end, nothing = first
    assert nothing is None
    assert near is not None
    assert near.begins("await")
    assert (near.length, len(near.text)) == (2010, 2 * AROUND)
    assert near.text[: near.at].endswith("a ")
    assert end is not None
    assert (end.text, end.at) == ("c" * AROUND, AROUND)
