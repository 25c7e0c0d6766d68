"""Assemblies under way: a client that asks again waits for the one that runs."""

import asyncio
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from headwater.protocol.chunks import AssembleAnswer, AssembleState
from headwater.server.errors import Overloaded

ASSEMBLIES: Final = 2
"""At a time: they are bound by the disk, and by the one process that decodes."""

MAX_WAITING: Final = 64
"""Assemblies that run, wait, or whose answer nobody has fetched yet."""

ANSWER_SECONDS: Final = 20
"""When a client is told to ask again: the TypeScript client gives a request 30 seconds."""


class Assemblies:
    """Runs assemblies in threads of their own, and keeps an answer until it was fetched once."""

    def __init__(self, seconds: float = ANSWER_SECONDS) -> None:
        """`seconds` until a client hears `assembling` instead of the result."""
        self._seconds = seconds
        self._threads = ThreadPoolExecutor(ASSEMBLIES, thread_name_prefix="assemble")
        self._running: dict[Hashable, Future[AssembleAnswer]] = {}

    async def result(self, key: Hashable, work: Callable[[], AssembleAnswer]) -> AssembleAnswer:
        """What `work` comes to, or `assembling`. Raises Overloaded, and what `work` raises.

        Requests with an equal key share one run of it.
        """
        running = self._running.get(key) or self._start(key, work)
        waiting = asyncio.wrap_future(running)
        waiting.add_done_callback(_look_at)
        try:
            async with asyncio.timeout(self._seconds):
                await asyncio.wait((waiting,))
        except TimeoutError:
            return AssembleAnswer(AssembleState.ASSEMBLING)
        if self._running.get(key) is running:
            del self._running[key]
        return waiting.result()

    def close(self) -> None:
        """Start nothing more; what runs comes to its end."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _start(self, key: Hashable, work: Callable[[], AssembleAnswer]) -> Future[AssembleAnswer]:
        if len(self._running) >= MAX_WAITING:
            self._forget_finished()
        if len(self._running) >= MAX_WAITING:
            raise Overloaded(
                f"{MAX_WAITING} artifact bundles are being assembled already; please try again."
            )
        running = self._threads.submit(work)
        self._running[key] = running
        return running

    def _forget_finished(self) -> None:
        self._running = {key: run for key, run in self._running.items() if not run.done()}


def _look_at(waiting: asyncio.Future[AssembleAnswer]) -> None:
    # A failure is raised to the one who fetches it; asyncio complains of those nobody waits for.
    if not waiting.cancelled():
        waiting.exception()
