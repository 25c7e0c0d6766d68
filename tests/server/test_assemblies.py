"""Assemblies that take long, are asked for twice, fail, or are too many."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from headwater.protocol.chunks import AssembleAnswer, AssembleState
from headwater.server.assemblies import MAX_WAITING, Assemblies
from headwater.server.errors import Overloaded

DONE = AssembleAnswer(AssembleState.OK)
WAIT = AssembleAnswer(AssembleState.ASSEMBLING)


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What slow work waits for; opened in the end, so that no thread stays."""
    gate = threading.Event()
    yield gate
    gate.set()


def test_a_quick_one_is_answered_at_once() -> None:
    assemblies = Assemblies()

    assert asyncio.run(assemblies.result("a", lambda: DONE)) == DONE


def test_a_slow_one_is_answered_when_it_is_asked_for_again(gate: threading.Event) -> None:
    assemblies = Assemblies(seconds=0.01)
    runs = []

    def work() -> AssembleAnswer:
        runs.append(1)
        gate.wait(30)
        return DONE

    async def ask() -> list[AssembleAnswer]:
        first = await assemblies.result("a", work)
        second = await assemblies.result("a", work)
        gate.set()
        last = WAIT
        while last == WAIT:
            last = await assemblies.result("a", work)
        return [first, second, last]

    assert asyncio.run(ask()) == [WAIT, WAIT, DONE]
    assert len(runs) == 1


def test_a_failure_is_raised_and_not_remembered() -> None:
    assemblies = Assemblies()

    def fail() -> AssembleAnswer:
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        asyncio.run(assemblies.result("a", fail))
    assert asyncio.run(assemblies.result("a", lambda: DONE)) == DONE


def test_too_many_are_refused_until_some_are_done(gate: threading.Event) -> None:
    assemblies = Assemblies(seconds=0)

    def work() -> AssembleAnswer:
        gate.wait(30)
        return DONE

    async def ask() -> None:
        for number in range(MAX_WAITING):
            assert await assemblies.result(number, work) == WAIT
        with pytest.raises(Overloaded, match="64"):
            await assemblies.result("one more", work)
        gate.set()
        async with asyncio.timeout(30):
            while True:
                try:
                    await assemblies.result("one more", work)
                except Overloaded:
                    await asyncio.sleep(0.01)
                else:
                    return

    asyncio.run(ask())
