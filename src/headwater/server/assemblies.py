"""Assemblies under way: a client that asks again waits for the one that runs."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final, TypeAlias

from starlette.concurrency import run_in_threadpool

from headwater.protocol.chunks import AssembleAnswer, AssembleRequest, AssembleState
from headwater.server.errors import Overloaded
from headwater.server.fair_threads import FairThreads
from headwater.storage.uploads.home import Home

ASSEMBLIES: Final = 3
"""At a time: they are bound by the disk, and by the processes that decode."""

ASSEMBLIES_PER_HOME: Final = 2
"""Of these, so that a project with many slow bundles always leaves one to the others."""

MAX_WAITING: Final = 64
"""Assemblies that run, wait, or whose answer nobody has fetched yet."""

ANSWER_SECONDS: Final = 20
"""When a client is told to ask again: the TypeScript client gives a request 30 seconds."""

PATIENT_SECONDS: Final = 50
"""When sentry-cli is told so, which asks again only with `--wait` and else says that all is well. It
waits for any answer; proxies wait for 60 seconds."""

KEEP_SECONDS: Final = 30
"""How long the answer of an assembly that took longer waits for its client, which asks again every
few seconds. Whoever comes later has it assembled anew."""

Key: TypeAlias = tuple[Home, AssembleRequest]


@dataclass(slots=True)
class _Assembly:
    run: Future[AssembleAnswer]
    ended_at: float | None = None
    """Seconds of the monotonic clock."""

    def is_old(self, seconds: float) -> bool:
        return self.ended_at is not None and time.monotonic() - self.ended_at >= seconds


class Assemblies:
    """Runs assemblies in threads of their own, and keeps late answers for who asks again."""

    def __init__(
        self,
        seconds: float = ANSWER_SECONDS,
        keep: float = KEEP_SECONDS,
        patient: float = PATIENT_SECONDS,
    ) -> None:
        """`seconds` until a client hears `assembling`, `patient` until one that does not ask again
        does; `keep`: seconds that late answers wait."""
        self._seconds = seconds
        self._patient = patient
        self._keep = keep
        self._threads = FairThreads(ASSEMBLIES, ASSEMBLIES_PER_HOME)
        self._assemblies: dict[Key, _Assembly] = {}

    async def result(
        self,
        key: Key,
        work: Callable[[], AssembleAnswer],
        is_true: Callable[[], bool],
        *,
        is_patient: bool = False,
    ) -> AssembleAnswer:
        """What `work` comes to, or `assembling`. Raises Overloaded, and what `work` raises.

        Requests with an equal key share one run of it. `is_true` tells, on a thread, whether an
        `ok` from before still holds; if not, the work is done anew.
        """
        assembly = await self._known(key, is_true) or self._start(key, work)
        waiting = asyncio.wrap_future(assembly.run)
        waiting.add_done_callback(_look_at)
        try:
            async with asyncio.timeout(self._patient if is_patient else self._seconds):
                await asyncio.wait((waiting,))
        except TimeoutError:
            return AssembleAnswer(AssembleState.ASSEMBLING)
        self._forget(key, assembly)
        return waiting.result()

    def close(self) -> None:
        """Start nothing more; what runs comes to its end."""
        self._threads.close()

    async def _known(self, key: Key, is_true: Callable[[], bool]) -> _Assembly | None:
        """The run of this key, unless its answer is old or may not be true any more."""
        self._forget_old(self._keep)
        assembly = self._assemblies.get(key)
        if assembly is None or not assembly.run.done():
            return assembly
        if await _still_holds(assembly.run, is_true):
            return assembly
        self._forget(key, assembly)
        # Somebody else may have begun anew while we asked.
        return self._assemblies.get(key)

    def _start(self, key: Key, work: Callable[[], AssembleAnswer]) -> _Assembly:
        if len(self._assemblies) >= MAX_WAITING:
            self._forget_old(0)
        if len(self._assemblies) >= MAX_WAITING:
            raise Overloaded(
                f"{MAX_WAITING} artifact bundles are being assembled already; please try again."
            )
        assembly = _Assembly(self._threads.submit(key[0], work))
        self._assemblies[key] = assembly

        def end(_run: Future[AssembleAnswer]) -> None:
            assembly.ended_at = time.monotonic()

        assembly.run.add_done_callback(end)
        return assembly

    def _forget(self, key: Key, assembly: _Assembly) -> None:
        if self._assemblies.get(key) is assembly:
            del self._assemblies[key]

    def _forget_old(self, seconds: float) -> None:
        self._assemblies = {
            key: assembly
            for key, assembly in self._assemblies.items()
            if not assembly.is_old(seconds)
        }


async def _still_holds(run: Future[AssembleAnswer], is_true: Callable[[], bool]) -> bool:
    """Whether the answer of a run that is over can be given out."""
    if run.cancelled():
        return False
    if run.exception() is not None:
        return True
    if run.result().state is AssembleState.NOT_FOUND:
        # The chunks may have come meanwhile; what is missing is found out quickly.
        return False
    return run.result().state is not AssembleState.OK or await run_in_threadpool(is_true)


def _look_at(waiting: asyncio.Future[AssembleAnswer]) -> None:
    # A failure is raised to the one who fetches it; asyncio complains of those nobody waits for.
    if not waiting.cancelled():
        waiting.exception()
