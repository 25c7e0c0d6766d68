"""Answers of pure functions that are kept, because the same questions come again and again."""

from collections.abc import Callable
from typing import Final, Generic, TypeVar, TypeVarTuple

ANSWERS_KEPT: Final = 8192
"""Answers of one function: a program's frames are some thousands. When there are more, all are
forgotten at once: that costs a few milliseconds, and a look-up costs nothing besides."""

MAX_KEPT: Final = 300
"""Characters of a question that is kept: with ANSWERS_KEPT, 3 MB, or 10 MB of the worst text."""

Question = TypeVarTuple("Question")
Answer = TypeVar("Answer")


class Kept(dict[tuple[*Question], Answer], Generic[*Question, Answer]):
    """`kept[a, b]` is `ask(a, b)`, at the speed of a dictionary where it was asked before."""

    def __init__(self, ask: Callable[[*Question], Answer], at_most: int = ANSWERS_KEPT) -> None:
        super().__init__()
        self._ask = ask
        self._at_most = at_most

    def __missing__(self, question: tuple[*Question]) -> Answer:
        """Asked for the first time, or too long to be kept."""
        answer = self._ask(*question)
        if sum([len(part) for part in question if isinstance(part, str)]) <= MAX_KEPT:
            if len(self) >= self._at_most:
                self.clear()
            self[question] = answer
        return answer
