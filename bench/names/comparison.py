"""Whether a name is the one that V8 printed. The rule is in README.md."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from bench.names.frames import Frame, Place, Resolved

ANONYMOUS = "<anonymous>"
_CLASS = re.compile(r"\bclass\s+([\w$]+)(?:\s*<[^{]*?>)?(?:\s+extends\s+(?:[\w$]+\.)*([\w$]+))?")
_LAST = re.compile(r"(?:^|\.)((?:new |get |set )*(?:\[[^\]]*\]|<[^>]*>|[^.]*))$")


class Verdict(Enum):
    """Of one frame."""

    RIGHT = "right"
    WRONG = "wrong"
    MISSING = "missing"
    """V8 has a name and we say anonymous, computed or nothing."""
    STILL_ANONYMOUS = "still anonymous"
    INVENTED = "invented"
    """V8 has no name and we say one."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A frame with what V8 says and what we say."""

    resolved: Resolved
    truth: Frame
    verdict: Verdict
    exact: bool
    """The place is one that V8 itself reported, to the column."""


@dataclass(frozen=True, slots=True)
class Classes:
    """Which classes each source declares, and what they extend, read off the text."""

    declared: Mapping[str, frozenset[str]]
    parents: Mapping[str, frozenset[str]]

    def descends(self, name: str, ancestor: str) -> bool:
        """Whether a class is another one or extends it, however far."""
        known, waiting = {name}, [name]
        while waiting:
            for parent in self.parents.get(waiting.pop(), ()):
                if parent not in known:
                    known.add(parent)
                    waiting.append(parent)
        return ancestor in known


def classes_of(texts: Iterable[tuple[str, str]]) -> Classes:
    """From pairs of a source's key and its text."""
    declared, parents = {}, defaultdict(set)
    for key, text in texts:
        found = _CLASS.findall(text)
        declared[key] = frozenset(name for name, _ in found)
        for name, parent in found:
            if parent:
                parents[name].add(parent)
    return Classes(declared, {name: frozenset(each) for name, each in parents.items()})


def last_component(name: str) -> str:
    """`[Symbol.iterator]` of `Cart.[Symbol.iterator]`, `get total` of `Cart.get total`."""
    found = _LAST.search(name)
    return found[1] if found is not None else name


class Comparison:
    """The truth, ready to be asked."""

    def __init__(self, truth: Mapping[Place, set[Frame]], classes: Classes) -> None:
        self._truth = truth
        self._classes = classes
        lines: dict[tuple[str, int], list[int]] = defaultdict(list)
        for place in truth:
            lines[place.source, place.line].append(place.column)
        self._lines = {line: sorted(columns) for line, columns in lines.items()}

    def judge(self, resolved: Resolved) -> Judged | None:
        """None where the truth has no frame on this line of this source."""
        place = resolved.place
        columns = self._lines.get((place.source, place.line))
        if columns is None:
            return None
        column = _nearest(columns, place.column)
        frames = self._truth[Place(place.source, place.line, column)]
        judged = [(self._verdict(each, resolved), each) for each in frames]
        verdict, frame = min(judged, key=lambda each: _ORDER.index(each[0]))
        return Judged(resolved, frame, verdict, column == place.column)

    def _verdict(self, truth: Frame, resolved: Resolved) -> Verdict:
        ours = resolved.name or ANONYMOUS
        if not truth.function:
            named = ours not in (ANONYMOUS, f"new {ANONYMOUS}")
            return Verdict.INVENTED if named else Verdict.STILL_ANONYMOUS
        if ours == ANONYMOUS:
            return Verdict.MISSING
        expected, last = last_component(truth.function), last_component(ours)
        if truth.constructs:
            last = last.removeprefix("new ")
        if last in (expected, truth.function) or ours == truth.function:
            return Verdict.RIGHT if self._fits(truth, resolved) else Verdict.WRONG
        return Verdict.MISSING if last == "<computed>" else Verdict.WRONG

    def _fits(self, truth: Frame, resolved: Resolved) -> bool:
        """Whether the class before the name is V8's, or one that V8's extends."""
        declared = self._classes.declared.get(resolved.place.source, frozenset())
        ours = (resolved.name or "").split(".")
        if truth.type not in declared or truth.constructs or f"{truth.type}." not in truth.text:
            return True
        return any(self._classes.descends(truth.type, each) for each in ours[:-1])


_ORDER = tuple(Verdict)


def _nearest(columns: Sequence[int], column: int) -> int:
    index = bisect_left(columns, column)
    around = columns[max(0, index - 1) : index + 1]
    return min(around, key=lambda each: abs(each - column))
