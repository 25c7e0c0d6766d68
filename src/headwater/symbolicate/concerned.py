"""Which of an event's frames are counted, wherever it is said how many are resolved."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from headwater.symbolicate.verdicts import Verdict


class Judged(Protocol):
    """A frame with what became of it."""

    @property
    def verdict(self) -> Verdict: ...
    @property
    def in_app(self) -> bool | None: ...


J = TypeVar("J", bound=Judged)


def minified(frames: Iterable[J]) -> list[J]:
    """Those that are resolved or should have been."""
    return [each for each in frames if each.verdict.is_failure or each.verdict.is_resolved]


def concerned(frames: Iterable[J]) -> list[J]:
    """Of the minified ones the user's own, if there are any.

    What the bundler added has no original, and libraries may come without a map: where the user's
    own frames are all resolved, there is nothing to do.
    """
    wanting = minified(frames)
    return [each for each in wanting if each.in_app] or wanting
