"""Whether a name is the one that V8 printed. The rule is in README.md."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from bench.names.classes import Sources
from bench.names.frames import Frame, Place, Resolved

ANONYMOUS = "<anonymous>"
MAX_AWAY = 60
"""Columns between a place and the nearest one of the truth; a mapping of a whole expression is
less away, and in a source of one line everything else is near."""
_LAST = re.compile(r"(?:^|\.)((?:new |get |set )*(?:\[[^\]]*\]|<[^>]*>|[^.]*))$")
_ACCESSOR = re.compile(r"^(?:get|set|static) ")


class Verdict(Enum):
    """Of one frame; the best first."""

    RIGHT = "right"
    STILL_ANONYMOUS = "still anonymous"
    MADE = "of the framework"
    """A component's compiler made V8's function; ours has the name that readers know it by."""
    AT_RUN_TIME = "named at run time"
    """The name is not written in the source: `Object.defineProperty(f, 'name', …)`, `[KEY]() {}`."""
    MISSING = "missing"
    """V8 has a name and we say anonymous, computed or nothing."""
    INVENTED = "invented"
    """V8 has no name and we say one."""
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Judged:
    """A frame with what V8 says and what we say."""

    resolved: Resolved
    truth: Frame
    verdict: Verdict
    exact: bool
    """The place is one that V8 itself reported, to the column."""


def last_component(name: str) -> str:
    """`[Symbol.iterator]` of `Cart.[Symbol.iterator]`, `get total` of `Cart.get total`."""
    found = _LAST.search(name)
    return found[1] if found is not None else name


class Comparison:
    """The truth, ready to be asked."""

    def __init__(self, truth: Mapping[Place, set[Frame]], sources: Sources) -> None:
        self._truth = truth
        self._sources = sources
        self._lines: dict[tuple[str, int], list[Place]] = defaultdict(list)
        for place in truth:
            self._lines[place.source, place.line].append(place)

    def judge(self, resolved: Resolved) -> Judged | None:
        """None where the truth has no frame near this place."""
        near = self._near(resolved.place)
        if near is None:
            return None
        frames = self._truth[near]
        names = {last_component(each.function) for each in frames if each.function}
        judged = [(self._verdict(each, resolved), each) for each in frames]
        verdict, frame = min(judged, key=lambda each: _ORDER.index(each[0]))
        if verdict is not Verdict.RIGHT and len(names) > 1:
            verdict = Verdict.AT_RUN_TIME
        return Judged(resolved, frame, verdict, near == resolved.place)

    def _near(self, place: Place) -> Place | None:
        """The place of the truth itself, or the nearest one in the same function."""
        if place in self._truth:
            return place
        near = [
            each
            for each in self._lines.get((place.source, place.line), ())
            if abs(each.column - place.column) <= MAX_AWAY
            and self._sources.same_function(each, place)
        ]
        return min(near, key=lambda each: abs(each.column - place.column), default=None)

    def _verdict(self, truth: Frame, resolved: Resolved) -> Verdict:
        ours = resolved.name or ANONYMOUS
        if self._is_made(truth, resolved):
            return Verdict.MADE
        if not truth.function:
            named = ours not in (ANONYMOUS, f"new {ANONYMOUS}")
            return Verdict.INVENTED if named else Verdict.STILL_ANONYMOUS
        expected, last = last_component(truth.function), last_component(ours)
        if truth.constructs:
            last = last.removeprefix("new ")
        if last in (expected, truth.function) or ours == truth.function:
            return Verdict.RIGHT if self._fits(truth, resolved) else Verdict.WRONG
        if not self._sources.mentions(resolved.place, _ACCESSOR.sub("", expected)):
            return Verdict.AT_RUN_TIME
        return Verdict.MISSING if last in ("<computed>", ANONYMOUS) else Verdict.WRONG

    def _is_made(self, truth: Frame, resolved: Resolved) -> bool:
        ours = resolved.name or ANONYMOUS
        is_same = ours == last_component(truth.function or "")
        return not is_same and ours in self._sources.made_at(resolved.place)

    def _fits(self, truth: Frame, resolved: Resolved) -> bool:
        """Whether a method's class is V8's, or one that V8's extends."""
        if truth.type is None or truth.constructs or f"{truth.type}." not in truth.text:
            return True
        declaring = self._sources.class_of_method(resolved.place)
        if declaring is None or not self._sources.descends(truth.type, declaring):
            return True
        return declaring in (resolved.name or "").split(".")[:-1]


_ORDER = tuple(Verdict)
