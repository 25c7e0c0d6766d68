"""An event's page before it is written down."""

from datetime import UTC, datetime

from msgspec.structs import replace

from headwater.grouping.title import culprit
from headwater.protocol.circumstances import Circumstances, Field, Section
from headwater.protocol.event import Event, ExceptionValue, Frame, Stacktrace
from headwater.server.web.event.view import EventView, event_view
from headwater.symbolicate.resolution import (
    Original,
    Resolution,
    ResolvedFrame,
    ResolvedStacktrace,
)
from headwater.symbolicate.verdicts import EXPLANATIONS, Verdict

ANGULAR = "sentry.javascript.angular"
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
OWN = ResolvedFrame(
    Verdict.RESOLVED, Original("src/a.ts", "src/a.ts", "pay", 84, 13, in_app=True), in_app=True
)


def _stack(*path: str | int) -> Stacktrace:
    return Stacktrace(path, (Frame(abs_path="/srv/a.js", function="e", lineno=1, colno=9),))


def _event(**parts: object) -> Event:
    fields = {"event_id": "0" * 32, "platform": "node", "timestamp": NOW}
    return Event(**fields | parts)  # type: ignore[arg-type]


def _view(event: Event, *answers: ResolvedStacktrace) -> EventView:
    return event_view(event, Resolution(1, answers), Circumstances())


CHAIN = (
    ExceptionValue("RangeError", "too many", stacktrace=_stack("exception", "values", 0)),
    ExceptionValue(
        "CheckoutError",
        "checkout failed",
        mechanism="onerror",
        handled=False,
        stacktrace=_stack("exception", "values", 1),
    ),
)


def test_what_was_thrown_comes_before_what_caused_it() -> None:
    view = _view(_event(exceptions=CHAIN))

    assert [(problem.heading, problem.title) for problem in view.problems] == [
        ("", "CheckoutError: checkout failed"),
        ("Caused by", "RangeError: too many"),
    ]
    assert view.problems[0].remark == "unhandled · onerror"


def test_answers_are_joined_by_their_path_and_not_by_their_order() -> None:
    view = _view(_event(exceptions=CHAIN), ResolvedStacktrace(("exception", "values", 0), (OWN,)))

    thrown, cause = view.problems
    assert thrown.trace and thrown.trace.cards[0].function == "e"  # noqa: PT018
    assert cause.trace and cause.trace.cards[0].function == "pay"  # noqa: PT018


def test_threads_and_the_events_own_stack_trace_are_shown_too() -> None:
    view = _view(
        _event(exceptions=CHAIN[:1], threads=(_stack("threads", 0),), stacktrace=_stack("own"))
    )

    assert [problem.heading for problem in view.problems] == [
        "",
        "Stack trace of the event",
        "Thread",
    ]


def test_a_message_is_an_event_without_a_trace() -> None:
    view = _view(_event(message="Payment took long"))

    assert view.problems[0].title == "Payment took long"
    assert not view.has_trace
    assert view.where is None
    assert view.banner is None


def test_an_event_of_nothing_is_still_a_page() -> None:
    view = _view(_event())

    assert [problem.title for problem in view.problems] == [""]
    assert not view.is_switchable


def test_lines_for_any_bundler_are_not_called_the_guessed_one_s() -> None:
    lost = ResolvedFrame(Verdict.UPLOADED_TO_OTHER_PROJECT, in_app=True)
    path = ("exception", "values", 1)

    view = _view(_event(exceptions=CHAIN, sdk=ANGULAR), ResolvedStacktrace(path, (lost,)))

    assert view.banner
    assert view.banner.remedy
    assert view.banner.remedy.guess == ""


def test_several_pastes_of_one_bundler_are_told_apart() -> None:
    lost = ResolvedFrame(Verdict.DEBUG_ID_NOT_UPLOADED, in_app=True)
    path = ("exception", "values", 1)

    view = _view(_event(exceptions=CHAIN, sdk=ANGULAR), ResolvedStacktrace(path, (lost,)))

    assert view.banner
    assert view.banner.remedy
    titles = [each.title for each in view.banner.remedy.snippets]
    assert titles[:2] == ["Angular, 1 of 2", "Angular, 2 of 2"]
    assert len(set(titles)) == len(titles)


def test_the_banner_names_the_commonest_reason_among_their_own_frames() -> None:
    lost = ResolvedFrame(Verdict.DEBUG_ID_NOT_UPLOADED, in_app=True)
    other = ResolvedFrame(Verdict.NO_COLUMN, in_app=False)
    path = ("exception", "values", 1)

    view = _view(
        _event(exceptions=CHAIN),
        ResolvedStacktrace(path, (other, other, other, OWN, ResolvedFrame(Verdict.BUILT_IN), lost)),
    )

    assert view.banner
    explanation = EXPLANATIONS[Verdict.DEBUG_ID_NOT_UPLOADED]
    assert view.banner.remedy
    told = (view.banner.cause, view.banner.remedy.sentence)
    assert told == (explanation.cause, explanation.remedy)
    assert view.banner.remedy.snippets
    assert (view.banner.unresolved, view.banner.of) == (1, 2)


def test_the_banner_tells_of_doubtful_frames_if_none_failed() -> None:
    doubtful = ResolvedFrame(Verdict.SUSPICIOUS_MAPPING, in_app=True)
    lost = ResolvedFrame(Verdict.DEBUG_ID_NOT_UPLOADED, in_app=True)
    path = ("exception", "values", 1)

    view = _view(_event(exceptions=CHAIN), ResolvedStacktrace(path, (OWN, doubtful)))
    beside_a_failure = _view(_event(exceptions=CHAIN), ResolvedStacktrace(path, (lost, doubtful)))

    assert view.banner and beside_a_failure.banner  # noqa: PT018
    assert view.banner.is_doubtful
    assert (view.banner.unresolved, view.banner.of) == (1, 2)
    assert view.banner.remedy
    assert view.banner.remedy.verdict is Verdict.SUSPICIOUS_MAPPING
    assert not view.remedies
    assert not beside_a_failure.banner.is_doubtful


def test_there_is_no_banner_when_all_is_well() -> None:
    view = _view(
        _event(exceptions=CHAIN[1:]),
        ResolvedStacktrace(
            ("exception", "values", 1), (OWN, ResolvedFrame(Verdict.NO_SOURCE_CONTENT))
        ),
    )

    assert view.banner is None


def test_code_that_the_bundler_added_is_nothing_to_warn_of() -> None:
    added = ResolvedFrame(Verdict.POSITION_UNMAPPED, in_app=False)
    path = ("exception", "values", 1)

    view = _view(_event(exceptions=CHAIN[1:]), ResolvedStacktrace(path, (added, OWN)))
    nothing_own = _view(_event(exceptions=CHAIN[1:]), ResolvedStacktrace(path, (added,)))

    assert view.banner is None
    assert nothing_own.banner


def test_a_trace_copied_as_text_reads_like_a_stack_trace() -> None:
    answer = ResolvedStacktrace(("exception", "values", 1), (OWN,))

    view = _view(_event(exceptions=CHAIN), answer)

    assert view.text == (
        "CheckoutError: checkout failed\n"
        "    at pay (src/a.ts:84:13)\n"
        "Caused by: RangeError: too many\n"
        "    at e (/srv/a.js:1:9)"
    )
    assert view.minified_text.splitlines()[1] == "    at e (/srv/a.js:1:9)"


def test_local_variables_stand_in_the_card_of_their_frame_in_either_form() -> None:
    table = Section("Local variables", (Field("cart", "{}"),))
    around = Circumstances(variables={("exception", "values", 1): {0: table}})

    view = event_view(_event(exceptions=CHAIN), Resolution(1), around)

    thrown, cause = (problem.trace for problem in view.problems)
    assert thrown is not None
    assert cause is not None
    assert [card.variables for card in (*thrown.cards, *thrown.minified_cards)] == [table, table]
    assert [card.variables for card in cause.cards] == [None]


def test_a_thread_is_called_by_its_name() -> None:
    threads = (
        replace(_stack("threads", "values", 1), thread="main, crashed"),
        _stack("threads", "values", 0),
    )

    view = _view(_event(message="slow", threads=threads))

    assert [problem.heading for problem in view.problems] == [
        "",
        "Thread main, crashed",
        "Thread 2",
    ]


def test_a_react_error_is_said_in_full_and_as_it_was_sent() -> None:
    sent = "Minified React error #418; visit https://react.dev/errors/418?args[]=text&args[]="
    (problem,) = _view(_event(exceptions=(ExceptionValue("Error", sent),))).problems

    assert problem.title.startswith("Error: Hydration failed because the server rendered text ")
    assert "\n" not in problem.title
    assert "- A server/client branch" in problem.more
    assert problem.sent == f"Error: {sent}"


def test_an_exception_that_no_build_has_shortened_is_shown_once() -> None:
    (problem,) = _view(_event(exceptions=(ExceptionValue("Error", "one\ntwo"),))).problems

    assert (problem.title, problem.more, problem.sent) == ("Error: one\ntwo", "", "")


def test_what_react_finds_while_it_renders_is_shown_in_the_component() -> None:
    thrown = ExceptionValue("Error", "x", stacktrace=_stack("exception", "values", 0))
    context = _stack("contexts", "react", "componentStack")
    event = _event(exceptions=(thrown,), component_stack=replace(context, are_components=True))
    component = ResolvedStacktrace(context.path, (OWN,))

    of_react = ResolvedFrame(Verdict.DEBUG_ID_NOT_UPLOADED, in_app=False)
    foreign = _view(event, component, ResolvedStacktrace(("exception", "values", 0), (of_react,)))
    own = _view(event, component, ResolvedStacktrace(("exception", "values", 0), (OWN,)))

    assert foreign.where is not None
    assert foreign.where.place == "src/a.ts:84:13"
    assert foreign.problems[-1].trace is not None
    assert not any(card.is_open for card in foreign.problems[-1].trace.cards)
    assert own.where is not None
    assert own.where.place == "src/a.ts:84:13"


def test_the_page_names_the_place_that_the_lists_name() -> None:
    frames = tuple(Frame(abs_path="https://h/a.js", lineno=1, colno=n) for n in (3, 6, 9))
    path = ("exception", "values", 0)
    thrown = ExceptionValue("Error", "x", stacktrace=Stacktrace(path, frames))
    event = _event(exceptions=(thrown,), platform="javascript")
    lost = ResolvedFrame(Verdict.DEBUG_ID_NOT_UPLOADED, in_app=True)
    answers = ResolvedStacktrace(path, (OWN, lost, ResolvedFrame(Verdict.BUILT_IN, in_app=False)))

    where = _view(event, answers).where

    assert where is not None
    assert (where.function, where.place) == ("pay", "src/a.ts:84:13")
    assert culprit(event, Resolution(1, (answers,))) == "pay · src/a.ts:84"


def test_a_component_stack_of_nothing_but_elements_is_none() -> None:
    path = ("exception", "values", 0)
    elements = Stacktrace(path, (Frame("div", "div", in_app=True),), are_components=True)
    linked = ExceptionValue("React ErrorBoundary Error", "x", stacktrace=elements)

    (problem,) = _view(_event(exceptions=(linked, ExceptionValue("Error", "x")))).problems

    assert problem.title == "Error: x"


def test_components_are_no_cause_and_stand_at_the_end_once() -> None:
    thrown = ExceptionValue("TypeError", "x", stacktrace=_stack("exception", "values", 1))
    linked = ExceptionValue(
        "React ErrorBoundary TypeError", "x", stacktrace=_stack("exception", "values", 0)
    )
    context = _stack("contexts", "react", "componentStack")

    for event in (
        _event(exceptions=(linked, thrown)),
        _event(exceptions=(linked, thrown), component_stack=context),
        _event(exceptions=(thrown,), component_stack=context),
    ):
        problems = _view(event).problems

        assert [problem.heading for problem in problems] == ["", "Component stack"]
        assert problems[-1].trace is not None
