"""Which events belong together."""

import pytest
from msgspec.structs import replace

from headwater.grouping.fingerprint import hashes
from headwater.protocol.event import Event, ExceptionValue, Frame, Stacktrace
from headwater.symbolicate.resolution import Resolution
from tests.grouping.builders import (
    BUILT_IN,
    MISSING,
    NOON,
    error,
    fingerprint,
    minified,
    named_by,
    original,
    resolved,
)

BUNDLE = "https://h/assets/index-DCrZ1V9u.js"
NEXT_BUNDLE = "https://cdn.h/assets/index-CiT4Ou6v.js?v=2"


def _final(event: Event, *frames: object) -> str:
    return fingerprint(event, resolved(event, *frames))  # type: ignore[arg-type]


def test_lines_and_columns_never_count() -> None:
    one, other = error(minified(BUNDLE, lineno=1, colno=10)), error(minified(BUNDLE, lineno=2))

    assert fingerprint(one, None) == fingerprint(other, None)
    assert _final(one, original("src/a.ts", lineno=3)) == _final(
        other, original("src/a.ts", lineno=9)
    )


def test_the_same_error_in_the_next_build_has_the_same_hashes() -> None:
    one, other = error(minified(BUNDLE, "a")), error(minified(NEXT_BUNDLE, "b"))

    assert fingerprint(one, None) == fingerprint(other, None)
    assert _final(one, original("src/a.ts")) == _final(other, original("src/a.ts"))


@pytest.mark.parametrize(
    "other",
    [
        original("src/b.ts"),
        original("lib/a.ts"),
        original("src/a.ts", "g"),
        original("src/a.ts", context="g();"),
    ],
)
def test_file_function_and_source_line_tell_resolved_errors_apart(other: object) -> None:
    event = error(minified(BUNDLE))

    assert _final(event, original("src/a.ts")) != _final(event, other)


def test_spaces_in_the_source_line_don_t_count() -> None:
    event = error(minified(BUNDLE))

    assert _final(event, original("src/a.ts", context="f( x )")) == _final(
        event, original("src/a.ts", context="\t f(  x )")
    )


def test_where_in_a_monorepo_the_build_ran_does_not_count() -> None:
    event = error(minified(BUNDLE))

    assert _final(event, original("../../src/a.ts")) == _final(event, original("./src/a.ts"))


def test_only_frames_of_the_users_own_count_if_there_are_any() -> None:
    event = error(minified(BUNDLE), minified(BUNDLE))
    own, library = original("src/a.ts"), original("node_modules/x/y.js", in_app=False)

    assert _final(event, library, own) == _final(event, own, BUILT_IN)
    assert _final(event, library, library) != _final(event, own, own)


def test_recursion_counts_once_however_deep() -> None:
    frames = [minified(BUNDLE, "walk")] * 2
    deeper = [minified(BUNDLE, "walk")] * 90

    assert fingerprint(error(*frames), None) == fingerprint(error(*deeper), None)


def test_recursion_of_several_functions_counts_once_however_deep() -> None:
    visit, child, leaf = (minified(BUNDLE, name) for name in ("visit", "child", "leaf"))

    assert fingerprint(error(visit, child, leaf), None) == fingerprint(
        error(*[visit, child] * 40, leaf), None
    )
    assert fingerprint(error(visit, child, leaf), None) != fingerprint(
        error(child, visit, leaf), None
    )


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("RangeError", "Maximum call stack size exceeded"),
        ("InternalError", "too much recursion"),
        ("RecursionError", "maximum recursion depth exceeded while calling a Python object"),
        ("java.lang.StackOverflowError", ""),
        ("SystemStackError", "stack level too deep"),
    ],
)
def test_where_a_stack_happened_to_be_full_does_not_count(type_: str, value: str) -> None:
    frames = [minified(BUNDLE, name) for name in ("visit", "child", "isLeaf")]
    early = error(*frames * 20, type=type_, value=value)
    late = error(*frames * 20, *frames[:2], type=type_, value=value)
    cut = error(*frames[1:], *frames * 15, type=type_, value=value)

    assert fingerprint(early, None) == fingerprint(late, None) == fingerprint(cut, None)


def test_the_type_counts_and_the_message_does_not_when_frames_tell_enough() -> None:
    event = error(minified(BUNDLE, "processPayment"))
    same = error(minified(BUNDLE, "processPayment"), value="y is undefined")
    other = error(minified(BUNDLE, "processPayment"), type="RangeError")

    assert fingerprint(event, None) == fingerprint(same, None)
    assert fingerprint(event, None) != fingerprint(other, None)


def test_without_one_named_frame_the_message_counts_without_its_numbers() -> None:
    event = error(minified(BUNDLE), value="no invoice 17")

    assert fingerprint(event, None) == fingerprint(
        error(minified(BUNDLE), value="no invoice 4"), None
    )
    assert fingerprint(event, None) != fingerprint(error(minified(BUNDLE), value="no money"), None)


def test_without_frames_type_and_message_count() -> None:
    assert fingerprint(error(value="a 1"), None) == fingerprint(error(value="a 2"), None)
    assert fingerprint(error(value="a"), None) != fingerprint(error(value="b"), None)


def test_chunks_that_can_t_be_loaded_are_one_issue_whatever_the_chunk() -> None:
    events = [
        error(minified(BUNDLE), type="ChunkLoadError", value="Loading chunk 915 failed."),
        error(type="ChunkLoadError", value="Loading chunk page failed. (error: https://h/p.js)"),
        error(value="Failed to fetch dynamically imported module: https://h/assets/a-DCrZ1V9u.js"),
        error(value="Importing a module script failed."),
    ]

    assert len({fingerprint(event, None) for event in events}) == 1


def test_a_message_of_the_newest_sdk_groups_like_one_of_the_older() -> None:
    older = Event("0" * 32, "javascript", NOON, message="Order 7 failed")
    newest = error(minified(BUNDLE), type=None, value="Order 8 failed", synthetic=True)

    assert fingerprint(older, None) == fingerprint(newest, None)


def test_the_template_of_a_message_counts_where_the_sdk_says_it() -> None:
    one = Event("0" * 32, "python", NOON, message="Ann has left", template="%s has left")
    other = replace(one, message="Bob has left")

    assert fingerprint(one, None) == fingerprint(other, None)


def test_a_cause_tells_errors_apart_but_its_repetition_does_not() -> None:
    thrown, cause = ExceptionValue("Error", "failed"), ExceptionValue("IoError", "disk")
    chain = Event("0" * 32, "node", NOON, exceptions=(cause, thrown))

    assert fingerprint(chain, None) != fingerprint(replace(chain, exceptions=(thrown,)), None)
    assert fingerprint(chain, None) == fingerprint(
        replace(chain, exceptions=(cause, cause, cause, thrown)), None
    )


def test_an_sdk_s_own_fingerprint_decides() -> None:
    one = error(minified(BUNDLE), fingerprint=("payments",))
    other = error(value="quite another", type="Other", fingerprint=("payments",))

    assert fingerprint(one, None) == fingerprint(other, None)
    assert fingerprint(one, None) == _final(one, original("src/a.ts"))


@pytest.mark.parametrize("default", ["{{ default }}", "{{default}}"])
def test_default_in_a_fingerprint_stands_for_what_would_be_without_it(default: str) -> None:
    plain = error(minified(BUNDLE))

    assert fingerprint(replace(plain, fingerprint=(default,)), None) == fingerprint(plain, None)
    assert fingerprint(replace(plain, fingerprint=(default, "a")), None) != fingerprint(
        replace(plain, fingerprint=(default, "b")), None
    )


def test_variables_in_a_fingerprint_are_filled_in_and_unknown_ones_stay() -> None:
    event = error(
        value="x", fingerprint=("{{ error.type }}", "{{ tags.shop }}"), tags=(("shop", "7"),)
    )
    same = error(value="y", fingerprint=("TypeError", "7"))

    assert fingerprint(event, None) == fingerprint(same, None)
    assert fingerprint(error(fingerprint=("{{ no.such }}",)), None) != fingerprint(
        error(fingerprint=("{{ nor.such }}",)), None
    )


def test_words_can_t_be_shifted_between_parts() -> None:
    assert fingerprint(error(fingerprint=("ab", "c")), None) != fingerprint(
        error(fingerprint=("a", "bc")), None
    )


def _python(function: str, lineno: int, line: str | None = None) -> Event:
    frame = Frame(
        module="shop.cart",
        function=function,
        lineno=lineno,
        in_app=True,
        filename="shop/cart.py",
        context_line=line,
    )
    return error(frame, platform="python")


def test_frames_of_other_platforms_count_by_module_and_function() -> None:
    assert fingerprint(_python("pay", 3), None) == fingerprint(_python("pay", 9), None)
    assert fingerprint(_python("pay", 3), None) != fingerprint(_python("buy", 3), None)


def test_the_line_that_threw_counts_on_every_platform_and_its_layout_does_not() -> None:
    event = _python("pay", 3, "    charge( card )")

    assert fingerprint(event, None) == fingerprint(_python("pay", 9, "charge( card )"), None)
    assert fingerprint(event, None) != fingerprint(_python("pay", 3, "raise Broke"), None)


def test_lines_of_the_callers_count_only_where_a_function_has_no_name() -> None:
    event = error(minified(BUNDLE), minified(BUNDLE))
    thrown = original("src/b.ts", "pay", context="throw broke")

    assert _final(event, original("src/a.ts", "buy", context="pay(1)"), thrown) == _final(
        event, original("src/a.ts", "buy", context="await pay(2)"), thrown
    )
    assert _final(event, original("src/a.ts", None, context="pay(1)"), thrown) != _final(
        event, original("src/a.ts", None, context="await pay(2)"), thrown
    )


@pytest.mark.parametrize("name", ["Cart.pay", "pay"])
def test_without_the_source_s_text_an_event_has_the_hash_that_one_with_it_has_besides(
    name: str,
) -> None:
    event = error(minified(BUNDLE), minified(BUNDLE))
    with_text = hashes(
        event,
        resolved(
            event,
            original("src/a.ts", None, context="pay(1)"),
            original("src/b.ts", "Cart.pay", context="throw broke"),
        ),
    )
    # Without the text a function's name comes from the minified script, which may have lost its class.
    without = hashes(
        event,
        resolved(
            event,
            original("src/a.ts", None, context=None),
            original("src/b.ts", name, context=None),
        ),
    )

    assert without.final == without.without_source == with_text.without_source
    assert with_text.final != with_text.without_source
    assert without.is_final


def test_a_name_that_only_the_minifier_gave_does_not_count_in_a_resolved_frame_either() -> None:
    event = error(minified(BUNDLE))
    one, other = (named_by(original("src/a.ts", name, context="x()"), "raw") for name in ("t", "n"))

    assert _final(event, one) == _final(event, other)
    assert _final(event, original("src/a.ts", "t")) != _final(event, original("src/a.ts", "n"))


def test_an_event_without_anything_has_a_fingerprint() -> None:
    event = Event("0" * 32, "other", NOON)

    assert len(fingerprint(event, None)) == 32


def test_stack_traces_of_messages_and_threads_are_used_when_there_is_nothing_else() -> None:
    trace = Stacktrace(("threads", "values", 0, "stacktrace"), (minified(BUNDLE, "work"),))
    event = Event("0" * 32, "node", NOON, threads=(trace,))

    assert fingerprint(event, None) != fingerprint(replace(event, threads=()), None)


def test_a_hash_of_minified_frames_only_is_not_final() -> None:
    event = error(minified(BUNDLE, "a"), minified(BUNDLE, "b"))

    unresolved = hashes(event, resolved(event, MISSING, MISSING))
    partly = hashes(event, resolved(event, MISSING, original("src/a.ts")))
    fully = hashes(event, resolved(event, original("src/b.ts"), original("src/a.ts")))

    assert [one.is_final for one in (unresolved, partly, fully)] == [False, True, True]
    assert unresolved.final == unresolved.provisional
    assert len({one.final for one in (unresolved, partly, fully)}) == 3
    assert {one.provisional for one in (unresolved, partly, fully)} == {unresolved.provisional}


def test_what_needs_no_map_is_final_at_once_with_one_hash() -> None:
    frame = Frame(module="shop.cart", function="pay", in_app=True)
    event = error(frame, platform="python")

    found = hashes(event, Resolution(1))

    assert found.is_final
    assert found.provisional == found.final
