"""What symbolication failed on lately, so that it doesn't cost every event its full deadline."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

TROUBLE_SECONDS: Final = 600
"""How long it is not tried again: a machine that was merely busy gets another chance."""

MAX_TROUBLES: Final = 64
"""Remembered at a time, the latest: each goes along with every question."""


class Troubles:
    """Work, or whole events, by name, with what happened."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` in seconds."""
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, str]] = OrderedDict()

    def remember(self, name: str, sentence: str) -> None:
        """Note what happened."""
        self._known[name] = (self._clock() + TROUBLE_SECONDS, sentence)
        self._known.move_to_end(name)
        while len(self._known) > MAX_TROUBLES:
            self._known.popitem(last=False)

    def current(self) -> dict[str, str]:
        """What is still remembered."""
        now = self._clock()
        for name in [name for name, (until, _) in self._known.items() if until <= now]:
            del self._known[name]
        return {name: sentence for name, (_, sentence) in self._known.items()}
