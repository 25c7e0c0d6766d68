"""Who comes with others is written with others; who comes alone is written at once."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from functools import partial
from types import SimpleNamespace

import pytest

from headwater.storage.queue.journal import writing_thread
from headwater.storage.queue.journal.writing_thread import FEW, GATHER_SECONDS, WritingThread
from headwater.storage.queue.queue import QueueUnavailable

PATIENCE_SECONDS = 30


class Side:
    """A thread that writes to `batches`, and stands still in a batch with a gate until it is opened."""

    def __init__(self) -> None:
        self.batches: list[tuple[str, ...]] = []
        self.gates = {"gate 1": threading.Event(), "gate 2": threading.Event()}
        self.reached = {gate: threading.Event() for gate in self.gates}
        self.thread = WritingThread[str](self._write, None)

    def enter(self, *items: str) -> list["Future[None]"]:
        """Have them written."""
        entered = []
        for item in items:
            done: Future[None] = Future()
            self.thread.enter(item, len(item), partial(_settle, done))
            entered.append(done)
        return entered

    def reach(self, gate: str) -> None:
        """Until it stands there."""
        assert self.reached[gate].wait(PATIENCE_SECONDS)

    def _write(self, items: Sequence[str], _size: int) -> QueueUnavailable | None:
        for gate in self.gates.keys() & set(items):
            self.reached[gate].set()
            assert self.gates[gate].wait(PATIENCE_SECONDS)
        self.batches.append(tuple(items))
        return None


def _settle(done: "Future[None]", _error: QueueUnavailable | None) -> None:
    done.set_result(None)


@pytest.fixture
def side() -> Iterator[Side]:
    side = Side()
    yield side
    for gate in side.gates.values():
        gate.set()
    side.thread.close()


def _crowd(side: Side, size: int, *behind: str) -> tuple[str, ...]:
    """So many that are written together, and who waits when they are."""
    crowd = ("gate 2", *(f"item {number}" for number in range(1, size)))
    side.enter("gate 1")
    side.reach("gate 1")
    entered = side.enter(*crowd)
    side.gates["gate 1"].set()
    side.reach("gate 2")
    entered += side.enter(*behind)
    side.gates["gate 2"].set()
    for done in entered:
        done.result(PATIENCE_SECONDS)
    return crowd


def test_a_crowd_is_waited_for(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        side.enter("late")

    monkeypatch.setattr(writing_thread, "time", SimpleNamespace(sleep=sleep))

    crowd = _crowd(side, FEW + 1, "behind")

    assert waited == [GATHER_SECONDS]
    assert side.batches == [("gate 1",), crowd, ("behind", "late")]


def test_a_few_do_not_wait_for_each_other(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(writing_thread, "time", SimpleNamespace(sleep=waited.append))

    crowd = _crowd(side, FEW, "behind")

    assert side.batches == [("gate 1",), crowd, ("behind",)]
    assert waited == []


def test_who_comes_alone_after_a_crowd_does_not_wait(
    side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(writing_thread, "time", SimpleNamespace(sleep=waited.append))
    _crowd(side, FEW + 1)

    (done,) = side.enter("alone")
    done.result(PATIENCE_SECONDS)

    assert side.batches[-1] == ("alone",)
    assert waited == []
