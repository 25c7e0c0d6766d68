"""An error that comes again is told once, and as it would be told alone."""

from weakref import ref

import pytest
from msgspec.structs import replace

from headwater.digest.told import TellingOnce, told
from headwater.protocol.event import Event, ExceptionValue, Frame, Stacktrace
from headwater.storage.projects import Choices
from headwater.symbolicate.resolution import Resolution
from tests.digest.test_known_exceptions import NOON

PATH = ("exception", "values", 0, "stacktrace")
TRACE = Stacktrace(PATH, (Frame(filename="shop/cart.py", function="pay", module="shop.cart"),))
THROWN = ExceptionValue("Error", "no money", stacktrace=TRACE)
EVENT = Event("a" * 32, "python", NOON, exceptions=(THROWN,))
NO_FRAMES = replace(THROWN, stacktrace=None)
MESSAGE = replace(EVENT, exceptions=(), message="hello", template="hel%s")
CUSTOM = replace(EVENT, fingerprint=("{{ default }}", "{{ tags.shop }}", "{{ level }}"))
OTHERS = (
    EVENT,
    replace(EVENT, platform="javascript"),
    replace(EVENT, exceptions=(replace(THROWN, type="TypeError"),)),
    replace(EVENT, exceptions=(replace(THROWN, value="no cart"),)),
    replace(EVENT, exceptions=(replace(THROWN, synthetic=True),)),
    replace(EVENT, exceptions=(NO_FRAMES,)),
    replace(EVENT, exceptions=(NO_FRAMES,), stacktrace=replace(TRACE, path=("stacktrace",))),
    replace(EVENT, exceptions=(NO_FRAMES, THROWN)),
    replace(EVENT, exceptions=(NO_FRAMES,), transaction="/cart"),
    replace(EVENT, exceptions=(), logger="shop"),
    MESSAGE,
    replace(MESSAGE, template="hello"),
    replace(MESSAGE, message="goodbye"),
    replace(EVENT, fingerprint=("mine",)),
    CUSTOM,
    replace(CUSTOM, tags=(("shop", "1"),)),
    replace(CUSTOM, level="fatal"),
    replace(CUSTOM, fingerprint=("{{ environment }}",), environment="production"),
    replace(CUSTOM, fingerprint=("{{ release }}",), release="1.0"),
)
CHOICES = (
    Choices(),
    Choices(grouping="1"),
    Choices(earlier_grouping="1"),
)


@pytest.mark.parametrize("first", range(len(OTHERS)))
def test_events_that_differ_are_told_apart(first: int) -> None:
    once, resolution = TellingOnce(), Resolution(3)

    once.of(1, OTHERS[first], resolution, CHOICES[0])

    for choices in CHOICES:
        for event in OTHERS:
            alone = told(event, resolution, choices)
            assert once.of(1, event, resolution, choices) == alone


def test_another_event_of_the_same_error_is_not_told_again() -> None:
    once, resolution = TellingOnce(), Resolution(3)
    later = replace(EVENT, event_id="b" * 32, user="7", tags=(("shop", "2"),), level="fatal")

    first = once.of(1, EVENT, resolution, Choices())

    assert once.of(1, later, resolution, Choices()) is first


def test_what_was_resolved_anew_is_told_anew() -> None:
    once = TellingOnce()

    former = Resolution(3)
    first = once.of(1, EVENT, former, Choices())
    now = Resolution(3)

    assert once.of(1, EVENT, now, Choices()) is not first
    assert once.of(1, EVENT, former, Choices()) is first


def test_no_resolution_is_kept_alive_by_what_was_told_of_it() -> None:
    once, resolution = TellingOnce(), Resolution(3)
    gone = ref(resolution)

    once.of(1, EVENT, resolution, Choices())
    del resolution

    assert gone() is None
