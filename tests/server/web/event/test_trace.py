"""A stack trace as rows."""

from msgspec import structs

from headwater.protocol.event import Frame, Stacktrace
from headwater.server.web.event.frame import FrameCard
from headwater.server.web.event.trace import MAX_OPEN, Fold, Trace, trace
from headwater.symbolicate.resolution import Original, ResolvedFrame, ResolvedStacktrace
from headwater.symbolicate.verdicts import Verdict

PATH = ("exception", "values", 0, "stacktrace")


def _raw(name: str, **more: object) -> Frame:
    fields = {"abs_path": f"https://x.example/{name}.js", "function": name, "lineno": 1, "colno": 9}
    return Frame(**fields | more)  # type: ignore[arg-type]


def _own(name: str) -> ResolvedFrame:
    original = Original(f"src/{name}.ts", f"webpack:///src/{name}.ts", name, 84, 13)
    return ResolvedFrame(Verdict.RESOLVED, original, in_app=True)


def _library(package: str) -> ResolvedFrame:
    path = f"node_modules/{package}/index.js"
    original = Original(path, f"webpack:///./{path}", "run", 1, 1)
    return ResolvedFrame(Verdict.RESOLVED, original, in_app=False)


def _trace(*frames: ResolvedFrame) -> Trace:
    """Oldest call first, as the record has them."""
    raw = tuple(_raw(f"f{number}") for number in range(len(frames)))
    return trace(Stacktrace(PATH, raw), ResolvedStacktrace(PATH, frames))


def _names(joined: Trace) -> list[str]:
    return [
        row.packages if isinstance(row, Fold) else f"{row.function} {row.place}"
        for row in joined.original
    ]


def test_the_throwing_frame_comes_first_in_its_original_form() -> None:
    joined = _trace(_own("main"), _own("getPostedInvoice"))

    assert _names(joined) == [
        "getPostedInvoice src/getPostedInvoice.ts:84:13",
        "main src/main.ts:84:13",
    ]


def test_a_function_without_a_name_says_what_it_was_passed_to_beside_it() -> None:
    own = _own("<anonymous>")
    assert own.original is not None
    passed = structs.replace(own.original, passed_to="app.get")

    (card,) = _trace(structs.replace(own, original=passed)).original

    assert isinstance(card, FrameCard)
    assert (card.function, card.passed_to) == ("<anonymous>", "app.get")


def test_callers_that_have_no_frame_of_their_own_follow_what_was_put_into_them() -> None:
    inner, outer = _own("total"), _own("checkout")
    assert outer.original is not None

    joined = _trace(_own("main"), structs.replace(inner, inlined_into=(outer.original,)))

    assert _names(joined) == [
        "total src/total.ts:84:13",
        "checkout src/checkout.ts:84:13",
        "main src/main.ts:84:13",
    ]
    assert len(joined.minified_cards) == 2


def test_runs_of_library_frames_are_one_row_with_their_packages() -> None:
    joined = _trace(
        _own("main"),
        _library("react"),
        _library("@scope/lib"),
        _library("react"),
        _own("throwing"),
    )

    assert _names(joined)[1] == "react, @scope/lib"
    fold = joined.original[1]
    assert isinstance(fold, Fold)
    assert len(fold.frames) == 3


def test_the_throwing_frame_is_never_hidden_in_a_fold() -> None:
    joined = _trace(_own("main"), _library("react"), _library("react"), _library("scheduler"))

    throwing, rest, main = joined.original
    assert not isinstance(throwing, Fold)
    assert isinstance(rest, Fold)
    assert len(rest.frames) == 2
    assert not isinstance(main, Fold)


def test_many_packages_are_named_up_to_a_point() -> None:
    joined = _trace(*(_library(name) for name in "abcde"), _own("throwing"))

    assert _names(joined)[1] == "e, d, c, …"


def test_a_single_library_frame_keeps_its_row() -> None:
    joined = _trace(_own("main"), _library("react"), _own("throwing"))

    assert all(isinstance(row, FrameCard) for row in joined.original)


def test_packages_are_found_in_nested_and_linked_folders() -> None:
    nested = ResolvedFrame(
        Verdict.RESOLVED,
        Original("x", "/a/node_modules/b/node_modules/c/i.js", "f", 1, 1),
        in_app=False,
    )
    linked = ResolvedFrame(
        Verdict.RESOLVED,
        Original("x", "/a/node_modules/.pnpm/d@1.0.0/node_modules/d/i.js", "f", 1, 1),
        in_app=False,
    )

    cards = _trace(nested, linked, _own("x")).cards

    assert [card.package for card in cards] == ["", "d", "c"]


def test_own_frames_are_open_and_others_are_not() -> None:
    cards = _trace(_own("main"), _library("react"), _own("throwing")).cards

    assert [card.is_open for card in cards] == [True, False, True]


def test_where_nothing_is_the_users_own_the_throwing_frame_is_open() -> None:
    joined = _trace(_library("a"), _library("b"), _library("c"))

    first, rest = joined.original
    assert isinstance(first, FrameCard)
    assert first.is_open
    assert isinstance(rest, Fold)


def test_a_long_recursion_does_not_open_without_end() -> None:
    cards = _trace(*[_own("again")] * 60).cards

    assert sum(card.is_open for card in cards) == MAX_OPEN


def test_elements_are_no_components() -> None:
    element = _raw("b", abs_path="b", lineno=None, colno=None, in_app=True)
    raw = Stacktrace(PATH, (_raw("App"), element, _raw("Price")), are_components=True)
    lost = ResolvedFrame(Verdict.NO_POSITION, in_app=True)

    joined = trace(raw, ResolvedStacktrace(PATH, (_own("App"), lost, _own("Price"))))

    assert [card.function for card in joined.cards] == ["Price", "App"]
    assert [card.function for card in joined.minified_cards] == ["Price", "App"]


def test_the_minified_form_has_the_same_rows() -> None:
    joined = _trace(_own("main"), _library("a"), _library("b"), _own("throwing"))

    assert [type(row) for row in joined.minified] == [type(row) for row in joined.original]
    assert joined.minified_cards[0].place == "https://x.example/f3.js:1:9"
    assert joined.minified_cards[0].function == "f3"
    assert joined.minified_cards[0].mark is None


def test_there_is_a_switch_only_if_there_is_something_to_switch_between() -> None:
    assert _trace(_own("a")).is_switchable
    assert not _trace(ResolvedFrame(Verdict.ALREADY_ORIGINAL)).is_switchable


def test_frames_that_are_all_as_written_carry_no_mark() -> None:
    written = ResolvedFrame(Verdict.ALREADY_ORIGINAL, in_app=True)

    assert [card.mark for card in _trace(written, written).cards] == [None, None]
    assert all(card.mark for card in _trace(written, _own("a")).cards)


def test_frames_without_an_answer_are_shown_as_they_came() -> None:
    raw = Stacktrace(PATH, (_raw("old", in_app=True), _raw("new", in_app=False)))

    for answer in (None, ResolvedStacktrace(PATH, (_own("old"),))):
        joined = trace(raw, answer)
        assert joined.cards[0].function == "new"
        assert joined.cards[0].mark is None


def test_a_frame_of_nothing_is_still_a_row() -> None:
    (card,) = trace(Stacktrace(PATH, (Frame(),)), None).cards

    assert (card.function, card.place, card.lines) == ("?", "unknown file", ())
    assert card.is_open


def test_a_snipped_line_has_no_mark_since_its_columns_are_not_the_files() -> None:
    raw = _raw("a", context_line="'{snip} function(){throw x} {snip}", in_app=True)

    (card,) = trace(Stacktrace(PATH, (raw,)), None).cards

    assert card.lines[0].caret is None
