"""The child process that answers within limits."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from headwater.bounded_child.parent import (
    BoundedChild,
    Bounds,
    ChildDied,
    ChildLate,
    ChildUnstartable,
)

GIGABYTE = 1024**3
PROGRAM = """
import os, sys, time
from headwater.bounded_child.answering import Answering
answering = Answering(sys.argv[1:])

def answer(question):
    answering.note(question.decode(errors="replace")[:20])
    if question == b"print":
        print("this is no answer")
    if question == b"sleep":
        time.sleep(600)
    if question == b"environment":
        return " ".join(os.environ).encode()
    if question == b"abort":
        os.abort()
    if question == b"swallow":
        bytearray(10 * 1024**3)
    if question == b"back":
        return b", ".join(answering.ask(b"more?") for _ in range(2))
    if question == b"fail":
        raise ZeroDivisionError
    return question[::-1]

answering.answer_questions(answer)
"""


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., BoundedChild]]:
    (tmp_path / "a_child.py").write_text(PROGRAM)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    started: list[BoundedChild] = []

    def starter(
        module: str = "a_child", seconds: float = 60, niceness: int = 0, idle: float = 60
    ) -> BoundedChild:
        started.append(BoundedChild([module], Bounds(GIGABYTE, seconds, niceness, idle)))
        return started[-1]

    yield starter
    for each in started:
        each.end()


def test_a_child_inherits_no_secret(
    start: Callable[..., BoundedChild], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DATABASE_URL", "AWS_SECRET_ACCESS_KEY", "HEADWATER_SMTP_URL"):
        monkeypatch.setenv(name, "secret")

    names = start().ask(b"environment").decode().split()

    assert "PATH" in names
    assert not [name for name in names if name.startswith(("DATABASE", "AWS", "HEADWATER"))]


def is_gone(pid: int) -> bool:
    """Whether a process that isn't our child any more has ended."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("size", [0, 1, 70_000, 5_000_000])
def test_questions_and_answers_of_any_length_pass(
    start: Callable[..., BoundedChild], size: int
) -> None:
    child = start()

    assert child.ask(b"a" * size + b"b") == b"b" + b"a" * size
    assert child.ask(b"") == b""


def test_what_the_child_prints_is_no_answer(start: Callable[..., BoundedChild]) -> None:
    child = start()

    assert child.ask(b"print") == b"tnirp"
    assert child.ask(b"abc") == b"cba"


@pytest.mark.parametrize(
    ("question", "ending"),
    [
        (b"abort", "was ended by SIGABRT"),
        (b"swallow", "needed more than the 1,024 MiB of memory"),
        (b"fail", "ended with exit code 1"),
    ],
)
def test_a_child_that_dies_says_how_and_is_replaced(
    start: Callable[..., BoundedChild], question: bytes, ending: str
) -> None:
    child = start()

    with pytest.raises(ChildDied, match=ending) as first:
        child.ask(question)
    note = child.note()
    answer = child.ask(b"abc")
    with pytest.raises(ChildDied) as second:
        child.ask(question)

    assert answer == b"cba"
    assert note is not None
    assert note.text == question.decode()
    assert (first.value.had_answered, second.value.had_answered) == (False, True)


def test_a_late_child_is_ended_and_replaced(start: Callable[..., BoundedChild]) -> None:
    child = start(seconds=1)
    child.start()
    pid = child.pid

    with pytest.raises(ChildLate):
        child.ask(b"sleep")

    note = child.note()
    assert note is not None
    assert note.text == "sleep"
    assert note.age > 0
    assert pid is not None
    assert is_gone(pid)
    assert child.ask(b"abc") == b"cba"


def test_notes_of_the_last_question_are_forgotten(start: Callable[..., BoundedChild]) -> None:
    child = start()
    child.ask(b"abc")
    assert child.pid is not None
    os.kill(child.pid, signal.SIGSTOP)

    with pytest.raises(ChildLate):
        child.ask(b"def", seconds=0.2)

    assert child.note() is None


def test_a_child_that_can_t_start_is_told_apart_from_a_bad_question(
    start: Callable[..., BoundedChild],
) -> None:
    child = start("there_is_no_such_module")

    with pytest.raises(ChildUnstartable, match="there_is_no_such_module"):
        child.ask(b"abc")


@pytest.mark.usefixtures("start")
@pytest.mark.parametrize(
    "work", ["child.ask(b'abc')", "threading.Thread(target=child.ask, args=(b'sleep',)).start()"]
)
def test_a_child_ends_when_its_parent_does_whatever_it_is_at(tmp_path: Path, work: str) -> None:
    parent = tmp_path / "a_parent.py"
    parent.write_text(
        "import os, sys, threading\n"
        "from headwater.bounded_child.parent import BoundedChild, Bounds\n"
        f"child = BoundedChild(['a_child'], Bounds({GIGABYTE}, 60))\n"
        f"{work}\n"
        "while child.note() is None:\n"
        "    pass\n"
        "open(sys.argv[1], 'w').write(str(child.pid))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    outer = BoundedChild(["a_parent", str(tmp_path / "pid")], Bounds(GIGABYTE, 60))

    with pytest.raises(ChildUnstartable):
        outer.ask(b"")

    assert is_gone(int((tmp_path / "pid").read_text()))


def test_a_child_asks_back_while_it_works(start: Callable[..., BoundedChild]) -> None:
    child = start()

    answer = child.ask(b"back", reply=lambda asked: b"you said " + asked)

    assert answer == b"you said more?, you said more?"
    assert child.ask(b"abc") == b"cba"


def test_what_goes_wrong_with_a_reply_is_told_and_leaves_no_half_answered_child(
    start: Callable[..., BoundedChild],
) -> None:
    child = start()

    def reply(_asked: bytes) -> bytes:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        child.ask(b"back", reply=reply)

    assert child.ask(b"abc") == b"cba"


def test_a_child_that_is_asked_nothing_ends_and_another_answers(
    start: Callable[..., BoundedChild],
) -> None:
    child = start(idle=0.05)
    child.ask(b"abc")
    first = child.pid
    assert first is not None
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)

    assert child.ask(b"abc") == b"cba"
    assert child.pid != first


def test_a_child_gives_way_to_others_if_told_to(start: Callable[..., BoundedChild]) -> None:
    child = start(niceness=7)
    child.ask(b"abc")
    assert child.pid is not None

    assert os.getpriority(os.PRIO_PROCESS, child.pid) == os.getpriority(os.PRIO_PROCESS, 0) + 7
