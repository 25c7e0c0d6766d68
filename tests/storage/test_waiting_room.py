"""Envelopes in memory that wait to be written together."""

import threading
from concurrent.futures import Future

from headwater.storage.queue.queue import QueueUnavailable
from headwater.storage.queue.waiting_room import WaitingRoom


def _entered(room: WaitingRoom[str], item: str) -> Future[QueueUnavailable | None]:
    survived: Future[QueueUnavailable | None] = Future()
    room.enter(item, len(item), survived.set_result)
    return survived


def test_what_comes_while_others_are_written_does_not_wait_for_them() -> None:
    is_held, going_on = threading.Event(), threading.Event()

    def write(batch: list[str], _size: int) -> None:
        if batch == ["held"]:
            is_held.set()
            assert going_on.wait(timeout=30)

    room = WaitingRoom("test", write, threads=2)
    held = _entered(room, "held")
    assert is_held.wait(timeout=30)

    assert _entered(room, "quick").result(timeout=30) is None

    assert not held.done()
    going_on.set()
    assert held.result(timeout=30) is None
    room.close()


def test_closing_waits_for_all_who_write() -> None:
    written: list[str] = []
    room = WaitingRoom("test", lambda batch, _size: written.extend(batch), threads=2)
    waiting = [_entered(room, str(number)) for number in range(50)]

    room.close()

    assert all(each.done() for each in waiting)
    assert sorted(map(int, written)) == list(range(50))
