"""Who comes with others is written with others; who comes alone is written at once."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from functools import partial
from types import SimpleNamespace

import pytest

from headwater.storage.queue.journal import writing_thread
from headwater.storage.queue.journal.writing_thread import GATHER_SECONDS, WritingThread
from headwater.storage.queue.queue import QueueUnavailable

PATIENCE_SECONDS = 30


class Side:
    """A thread that writes to `batches`, and stands still in a batch with `hold` until `go_on`."""

    def __init__(self) -> None:
        self.batches: list[tuple[str, ...]] = []
        self.is_held = threading.Event()
        self.go_on = threading.Event()
        self.thread = WritingThread[str](self._write, None)

    def enter(self, *items: str) -> list["Future[None]"]:
        """Have them written."""
        entered = []
        for item in items:
            done: Future[None] = Future()
            self.thread.enter(item, len(item), partial(_settle, done))
            entered.append(done)
        return entered

    def _write(self, items: Sequence[str], _size: int) -> QueueUnavailable | None:
        if "hold" in items:
            self.is_held.set()
            assert self.go_on.wait(PATIENCE_SECONDS)
        self.batches.append(tuple(items))
        return None


def _settle(done: "Future[None]", _error: QueueUnavailable | None) -> None:
    done.set_result(None)


@pytest.fixture
def side() -> Iterator[Side]:
    side = Side()
    yield side
    side.go_on.set()
    side.thread.close()


def test_after_several_came_together_it_waits_for_more(
    side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    late: list[Future[None]] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        late.extend(side.enter("late"))

    monkeypatch.setattr(writing_thread, "time", SimpleNamespace(sleep=sleep))
    side.enter("hold")
    assert side.is_held.wait(PATIENCE_SECONDS)
    together = side.enter("a", "b")
    side.go_on.set()
    for done in together:
        done.result(PATIENCE_SECONDS)

    (third,) = side.enter("c")
    third.result(PATIENCE_SECONDS)
    late[0].result(PATIENCE_SECONDS)

    assert waited[:1] == [GATHER_SECONDS]
    assert side.batches[:3] == [("hold",), ("a", "b"), ("c", "late")]


def test_who_comes_alone_does_not_wait(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(writing_thread, "time", SimpleNamespace(sleep=waited.append))

    for item in ("a", "b", "c"):
        (done,) = side.enter(item)
        done.result(PATIENCE_SECONDS)

    assert side.batches == [("a",), ("b",), ("c",)]
    assert waited == []
