"""What is said of an event whose maps were not asked."""

from headwater.symbolicate.unresolved import unresolved, wants_maps
from headwater.symbolicate.verdicts import Verdict
from tests.symbolicate.world import FILE, ID, event, frame


def test_frames_that_want_a_map_are_over_the_limit_that_is_named() -> None:
    given = event(frame("native"), frame(), frame(FILE, lineno=None))

    found = unresolved(given, "it took too long").stacktraces[0].frames

    assert [each.verdict for each in found] == [
        Verdict.BUILT_IN,
        Verdict.LIMIT_EXCEEDED,
        Verdict.NO_POSITION,
    ]
    assert found[1].evidence.detail == "it took too long"
    assert found[1].evidence.debug_id == ID
    assert found[0].in_app is False


def test_code_as_it_was_written_is_none_of_the_limits_business() -> None:
    given = event(frame("/srv/src/pay.ts"), images=(), platform="node")

    [found] = unresolved(given, "it took too long").stacktraces[0].frames

    assert found.verdict is Verdict.ALREADY_ORIGINAL


def test_an_event_wants_maps_if_one_frame_does() -> None:
    assert wants_maps(event(frame("native"), frame()))
    assert not wants_maps(event(frame("native")))
    assert not wants_maps(event(frame("/srv/app.py"), images=(), platform="python"))
