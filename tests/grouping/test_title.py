"""What an issue is called."""

import pytest
from msgspec import structs
from msgspec.structs import replace

from headwater.grouping.title import MAX_TITLE, UNTITLED, culprit, title
from headwater.protocol.component_stack import PATH
from headwater.protocol.event import Event, ExceptionValue, Frame, Stacktrace
from headwater.symbolicate.constructed import Constructed
from headwater.symbolicate.resolution import Resolution, ResolvedFrame, ResolvedStacktrace
from headwater.symbolicate.verdicts import Verdict
from tests.grouping.builders import BUILT_IN, MISSING, NOON, error, minified, original, resolved

BUNDLE = "app:///assets/index-DCrZ1V9u.js"


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (error(type="Error", value="Invoice not found"), "Error: Invoice not found"),
        (error(type="Error", value=""), "Error"),
        (error(type=None, value="Hello"), "Hello"),
        (error(type="Error", value="\n first \n second"), "Error: first"),
        (Event("0" * 32, "other", NOON, message="Hello\nWorld"), "Hello"),
        (Event("0" * 32, "other", NOON), UNTITLED),
        (error(type=None, value=""), UNTITLED),
    ],
)
def test_an_event_is_called_by_its_type_and_message(event: Event, expected: str) -> None:
    assert title(event, Resolution(1)) == expected


def test_of_a_chain_the_thrown_exception_gives_the_name() -> None:
    chain = (ExceptionValue("IoError", "disk"), ExceptionValue("Error", "failed"))

    assert title(replace(error(), exceptions=chain), Resolution(1)) == "Error: failed"


def test_a_long_message_is_cut_and_says_so() -> None:
    long = title(error(value="x" * 1000), Resolution(1))

    assert len(long) == MAX_TITLE
    assert long.endswith("…")


def test_the_culprit_is_the_innermost_frame_of_the_users_own_where_it_was_written() -> None:
    event = error(minified(BUNDLE), minified(BUNDLE), minified("node:internal/timers"))
    found = resolved(
        event,
        original("src/app/page.tsx", "Page", 12),
        original("src/lib/actions/invoices.ts", "getPostedInvoice", 84),
        BUILT_IN,
    )

    assert culprit(event, found) == "getPostedInvoice · src/lib/actions/invoices.ts:84"


def test_an_unresolved_culprit_is_as_it_came() -> None:
    event = error(minified(BUNDLE, "t", 2, 5956))

    assert culprit(event, resolved(event, MISSING)) == f"t · {BUNDLE}:2:5956"
    unnamed = error(minified(BUNDLE, "?", 2, 5956))
    assert culprit(unnamed, resolved(unnamed, MISSING)) == f"{BUNDLE}:2:5956"


def test_without_frames_the_transaction_is_the_culprit() -> None:
    assert culprit(error(transaction="GET /cart"), Resolution(1)) == "GET /cart"
    assert culprit(error(), Resolution(1)) == ""


def test_a_react_error_is_called_by_its_message_and_found_by_its_number() -> None:
    said = (
        "Minified React error #31; visit https://react.dev/errors/31?args[]=object%20Date for the"
    )

    assert title(error(type="Error", value=said), Resolution(1)).startswith(
        "Error: Objects are not valid as a React child (found: object Date). If you meant"
    )
    logged = Event("0" * 32, "javascript", NOON, message=said)
    assert title(logged, Resolution(1)).startswith("Objects are not valid as a React child ")
    long = title(
        error(type="Error", value="Minified React error #418; visit https://x"), Resolution(1)
    )
    assert len(long) <= MAX_TITLE
    assert long.endswith("… (Minified React error #418)")


def test_an_error_is_called_by_its_class_and_found_by_what_the_minifier_called_it() -> None:
    event = error(minified(BUNDLE), type="Dl", value="no card")
    made = structs.replace(
        original("src/pay.ts", "charge"), constructed=Constructed("Dl", "PaymentError")
    )

    assert title(event, resolved(event, made)) == "PaymentError: no card (sent as Dl)"
    assert title(event, resolved(event, MISSING)) == "Dl: no card"


def test_what_react_finds_while_it_renders_is_in_the_component_that_it_rendered() -> None:
    react = minified("https://h/assets/react-dom-DCrZ1V9u.js", "throwOnInvalidObject")
    components = Stacktrace(PATH, (minified(BUNDLE), minified(BUNDLE)), are_components=True)
    event = replace(error(react), component_stack=components)
    in_react = original("node_modules/react-dom/a.js", "throwOnInvalidObject", 31, in_app=False)
    rendered = original("src/app.tsx", "App"), original("src/summary.tsx", "Summary", 27)
    traces = (*resolved(event, in_react).stacktraces, ResolvedStacktrace(PATH, rendered))

    assert culprit(event, Resolution(1, traces)) == "Summary · src/summary.tsx:27"
    own = (ResolvedStacktrace(traces[0].path, (original("src/total.ts", "total", 3),)), traces[1])
    assert culprit(event, Resolution(1, own)) == "total · src/total.ts:3"


def test_an_element_is_no_place() -> None:
    react = minified("https://h/assets/react-dom-DCrZ1V9u.js", "throwOnInvalidObject")
    thrown = error(react).exceptions[-1]
    path = ("exception", "values", 1, "stacktrace")
    frames = (minified(BUNDLE), Frame("p", "p", in_app=True), Frame("b", "b", in_app=True))
    stack = Stacktrace(path, (*frames[1:], frames[0], *frames[1:]), are_components=True)
    linked = ExceptionValue("React ErrorBoundary Error", "x", stacktrace=stack)
    event = replace(error(), exceptions=(linked, thrown))
    in_react = original("node_modules/react-dom/a.js", "throwOnInvalidObject", 31, in_app=False)
    element = ResolvedFrame(Verdict.NO_POSITION, in_app=True)
    rendered = (element, element, original("src/App.jsx", "Price", 4), element, element)
    thrown_path = ("exception", "values", 0, "stacktrace")
    known = ResolvedStacktrace(thrown_path, (in_react,)), ResolvedStacktrace(path, rendered)

    assert culprit(event, Resolution(1, known)) == "Price · src/App.jsx:4"
    lost = ResolvedStacktrace(path, (element, element, MISSING, element, element))
    assert culprit(event, Resolution(1, (known[0], lost))) == f"t · {BUNDLE}:1:5"


def test_the_culprit_is_known_as_it_was_written_if_any_frame_of_theirs_is() -> None:
    event = error(*[minified(BUNDLE, "t", 2, column) for column in (1, 2, 3, 4)])
    own = [original("src/main.ts", "main", 3), original("src/near.ts", "near", 84)]
    foreign = ResolvedFrame(Verdict.THIRD_PARTY, in_app=True)
    library = original("node_modules/x/index.js", "run", 1, in_app=False)

    assert culprit(event, resolved(event, *own, library, MISSING)) == "near · src/near.ts:84"
    assert culprit(event, resolved(event, *own, foreign, MISSING)) == "near · src/near.ts:84"
    lost = resolved(event, library, library, foreign, MISSING)
    assert culprit(event, lost) == f"t · {BUNDLE}:2:4"
    libraries = resolved(event, library, library, library, library)
    assert culprit(event, libraries) == "run · node_modules/x/index.js:1"
