"""Assemblies that take long, are asked for twice, fail, or are too many."""

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest

from headwater.protocol.chunks import AssembleAnswer, AssembleRequest, AssembleState, Sha1
from headwater.server.assemblies import (
    ASSEMBLIES,
    ASSEMBLIES_PER_HOME,
    MAX_WAITING,
    Assemblies,
    Key,
)
from headwater.server.errors import Overloaded
from headwater.storage.uploads.home import Home

DONE = AssembleAnswer(AssembleState.OK)
WAIT = AssembleAnswer(AssembleState.ASSEMBLING)
REFUSED = AssembleAnswer(AssembleState.ERROR, detail="no map")
MISSING = AssembleAnswer(AssembleState.NOT_FOUND, (Sha1("0" * 40),))


@pytest.fixture
def blocked() -> Iterator["Work"]:
    """Work that goes on until the test is over."""
    blocked = Work(threading.Event(), DONE)
    yield blocked
    blocked.gate.set()


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What slow work waits for; opened in the end, so that no thread stays."""
    gate = threading.Event()
    yield gate
    gate.set()


class Work:
    """Answers one thing after the other, each as soon as the gate is open."""

    def __init__(self, gate: threading.Event, *answers: AssembleAnswer) -> None:
        self.gate = gate
        self.answers = list(answers)
        self.runs = 0
        self.ended = threading.Event()

    def __call__(self) -> AssembleAnswer:
        self.runs += 1
        self.gate.wait(30)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def key(number: int = 0, home: Home = None) -> Key:
    return home, AssembleRequest(Sha1(f"{number:040x}"), ())


def yes() -> bool:
    return True


def no() -> bool:
    return False


async def late(assemblies: Assemblies, work: Work, blocked: Work) -> None:
    """Have work take so long that nobody is there when it ends; `blocked` goes on."""
    assert await assemblies.result(key(), work, no) == WAIT
    for number in range(1, ASSEMBLIES_PER_HOME):
        assert await assemblies.result(key(number), blocked, no) == WAIT
    work.gate.set()
    # The home has no thread for this before the work has ended.
    async with asyncio.timeout(30):
        while await assemblies.result(key(ASSEMBLIES), lambda: DONE, yes) == WAIT:
            pass


async def fetched(
    assemblies: Assemblies, work: Work, is_true: Callable[[], bool]
) -> AssembleAnswer:
    """What is answered at last."""
    answer = WAIT
    async with asyncio.timeout(30):
        while answer == WAIT:
            answer = await assemblies.result(key(), work, is_true)
    return answer


def test_a_client_that_does_not_ask_again_is_let_wait_longer() -> None:
    assemblies = Assemblies(seconds=0.05, patient=60)
    go_on = threading.Event()

    def work() -> AssembleAnswer:
        go_on.wait()
        return DONE

    async def both() -> tuple[AssembleAnswer, AssembleAnswer]:
        patient = asyncio.create_task(assemblies.result(key(), work, yes, is_patient=True))
        impatient = await assemblies.result(key(), work, yes)
        go_on.set()
        return impatient, await patient

    assert asyncio.run(both()) == (WAIT, DONE)
    assemblies.close()


def test_a_quick_one_is_answered_at_once() -> None:
    assemblies = Assemblies()

    assert asyncio.run(assemblies.result(key(), lambda: DONE, no)) == DONE


def test_a_slow_one_is_answered_when_it_is_asked_for_again(gate: threading.Event) -> None:
    assemblies = Assemblies(seconds=0.05)
    work = Work(gate, DONE)

    async def ask() -> list[AssembleAnswer]:
        first = await assemblies.result(key(), work, yes)
        second = await assemblies.result(key(), work, yes)
        gate.set()
        return [first, second, await fetched(assemblies, work, yes)]

    assert asyncio.run(ask()) == [WAIT, WAIT, DONE]
    assert work.runs == 1


@pytest.mark.parametrize(
    ("first", "is_true", "runs"),
    [(DONE, yes, 1), (DONE, no, 2), (REFUSED, no, 1), (MISSING, yes, 2)],
)
def test_a_late_answer_is_given_out_only_while_it_is_true(
    gate: threading.Event,
    blocked: Work,
    first: AssembleAnswer,
    is_true: Callable[[], bool],
    runs: int,
) -> None:
    assemblies = Assemblies(seconds=0.05)
    work = Work(gate, first, WAIT if runs == 1 else REFUSED)

    async def ask() -> AssembleAnswer:
        await late(assemblies, work, blocked)
        return await fetched(assemblies, work, is_true)

    assert asyncio.run(ask()) == (first if runs == 1 else REFUSED)
    assert work.runs == runs


def test_a_late_answer_that_nobody_fetches_is_forgotten(
    gate: threading.Event, blocked: Work
) -> None:
    assemblies = Assemblies(seconds=0.05, keep=0)
    work = Work(gate, REFUSED, DONE)

    async def ask() -> AssembleAnswer:
        await late(assemblies, work, blocked)
        return await fetched(assemblies, work, yes)

    assert asyncio.run(ask()) == DONE
    assert work.runs == 2


def test_a_failure_is_raised_and_not_remembered() -> None:
    assemblies = Assemblies()

    def fail() -> AssembleAnswer:
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        asyncio.run(assemblies.result(key(), fail, yes))
    assert asyncio.run(assemblies.result(key(), lambda: DONE, yes)) == DONE


def test_one_homes_slow_bundles_leave_room_for_another_home(gate: threading.Event) -> None:
    assemblies = Assemblies(seconds=0.05)
    slow = Work(gate, DONE)

    async def ask() -> AssembleAnswer:
        for number in range(3 * ASSEMBLIES):
            assert await assemblies.result(key(number, home=1), slow, yes) == WAIT
        async with asyncio.timeout(30):
            while (found := await assemblies.result(key(home=2), lambda: DONE, yes)) == WAIT:
                pass
        return found

    assert asyncio.run(ask()) == DONE
    assert slow.runs == ASSEMBLIES_PER_HOME


def test_too_many_are_refused_until_some_are_done(gate: threading.Event) -> None:
    assemblies = Assemblies(seconds=0)
    work = Work(gate, DONE)

    async def ask() -> None:
        for number in range(MAX_WAITING):
            assert await assemblies.result(key(number), work, yes) == WAIT
        with pytest.raises(Overloaded, match="64"):
            await assemblies.result(key(MAX_WAITING), work, yes)
        gate.set()
        async with asyncio.timeout(30):
            while True:
                try:
                    await assemblies.result(key(MAX_WAITING), work, yes)
                except Overloaded:
                    await asyncio.sleep(0.01)
                else:
                    return

    asyncio.run(ask())
