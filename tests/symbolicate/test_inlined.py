"""Minified frames that stand for several of the program as it was written."""

import copy

from headwater.protocol.bundle import ArtifactType
from headwater.symbolicate.overlay import overlay
from headwater.symbolicate.resolution import Resolution, ResolvedFrame, ResolvedStacktrace
from headwater.symbolicate.verdicts import Verdict
from tests.sourcemaps.encode import Segment
from tests.sourcemaps.encode_scopes import Range, Scope, encode_joined
from tests.symbolicate.dictionary import DictionarySourceMaps
from tests.symbolicate.world import FILE, ID, frame, map_of, resolved

WRITTEN = """function check(cart) {
  throw new Error(cart);
}
function pay(cart) {
  check(cart);
}
export function main() {
  pay(1);
}
"""
MINIFIED = "function m(){throw Error(1)}m();\n"
THROW = MINIFIED.index("throw")
END = MINIFIED.index("}")


def maps_with(depth: int) -> DictionarySourceMaps:
    """MINIFIED with `check` in `pay`, and that in `main`; deeper, `pay` in itself again and again."""
    scopes = Scope(
        (0, 0),
        (9, 0),
        children=[
            Scope((0, 14), (2, 1), name=0, is_function=True),
            Scope((3, 12), (5, 1), name=1, is_function=True),
            Scope((6, 7), (8, 1), name=2, is_function=True),
        ],
    )
    body = Range((0, THROW), (0, END), (0, 1), call_site=(0, 4, 2))
    for _ in range(depth - 1):
        body = Range((0, THROW), (0, END), (0, 2), call_site=(0, 7, 2), children=[body])
    ranges = [Range((0, 10), (0, END), (0, 3), is_function=True, children=[body])]
    segments: list[Segment] = [(0, 0, 6, 7), (THROW, 0, 1, 2)]
    names = ["check", "pay", "main"]
    scopes_field = encode_joined([scopes], ranges)
    maps = DictionarySourceMaps()
    content = map_of([segments], ["../src/pay.js"], [WRITTEN], names=names, scopes=scopes_field)
    maps.add(ArtifactType.SOURCE_MAP, "~/static/js/app.js.map", content, ID)
    return maps


def thrown(depth: int = 2) -> ResolvedFrame:
    return resolved(maps_with(depth), frame(colno=THROW + 1))


def test_the_callers_of_what_was_inlined_are_there_each_at_its_call() -> None:
    found = thrown()

    assert found.verdict is Verdict.RESOLVED
    assert found.original is not None
    assert found.evidence.named_by == "original source"
    chain = [found.original, *found.inlined_into]
    assert [(each.function, each.lineno, each.colno) for each in chain] == [
        ("check", 2, 3),
        ("pay", 5, 3),
        ("main", 8, 3),
    ]
    assert [each.context_line for each in chain] == [
        "  throw new Error(cart);",
        "  check(cart);",
        "  pay(1);",
    ]
    assert {each.filename for each in chain} == {"src/pay.js"}


def test_where_nothing_was_inlined_there_is_one_original() -> None:
    found = resolved(maps_with(2), frame(colno=12))

    assert found.original is not None
    assert found.original.function == "main"
    assert found.inlined_into == ()


def test_of_very_many_callers_the_nearest_are_shown_and_the_others_counted() -> None:
    found = thrown(depth=20)

    assert len(found.inlined_into) == 8
    assert "12 more callers" in (found.evidence.detail or "")


def test_the_api_shows_callers_as_frames_of_their_own_before_the_inlined_one() -> None:
    raw = {"abs_path": FILE, "function": "m", "lineno": 1, "colno": THROW + 1}
    trace = {"frames": [{"abs_path": "native"}, raw, raw]}
    event = {"exception": {"values": [{"stacktrace": trace}]}}
    before = copy.deepcopy(event)
    path = ("exception", "values", 0, "stacktrace")
    plain = ResolvedFrame(Verdict.BUILT_IN, in_app=False)
    frames = (plain, thrown(), resolved(maps_with(2), frame(colno=12)))

    result = overlay(event, Resolution(2, (ResolvedStacktrace(path, frames),)))

    exception = result["exception"]["values"][0]
    shown = exception["stacktrace"]["frames"]
    assert [each.get("function") for each in shown] == [None, "main", "pay", "check", "main"]
    assert [each.get("data", {}).get("inlined") for each in shown] == [
        None,
        False,
        True,
        True,
        None,
    ]
    assert exception["raw_stacktrace"]["frames"] == trace["frames"]
    assert event == before
