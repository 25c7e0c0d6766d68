"""Threads for the events' door alone: those of the pages and the API may all be waiting for the database."""

from collections.abc import Callable
from functools import partial
from typing import Final, ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread

MAX_THREADS: Final = 8
"""At a time. What runs in them takes milliseconds, and waits for no lock of the database."""

_P = ParamSpec("_P")
_T = TypeVar("_T")


class EventThreads:
    """Of one door; used in its event loop only."""

    def __init__(self) -> None:
        self._limiter = CapacityLimiter(MAX_THREADS)

    async def run(self, function: Callable[_P, _T], *given: _P.args, **named: _P.kwargs) -> _T:
        """What the function returns; requests go on meanwhile."""
        return await to_thread.run_sync(partial(function, *given, **named), limiter=self._limiter)
