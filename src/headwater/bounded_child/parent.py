"""The parent's side: a child is started when needed, and anew after it ended."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import IO, Final

from msgspec import Struct

from headwater.bounded_child import messages
from headwater.bounded_child.answering import IDLE, IDLE_SECONDS, OUT_OF_MEMORY
from headwater.bounded_child.messages import NOTE, Kind

START_SECONDS: Final = 60
"""For a child to be ready: an interpreter with its imports, on a machine that does much else."""

_NEEDED_TO_START: Final = (
    "PATH",
    "PYTHON",
    "HOME",
    "LANG",
    "LC_",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "DYLD_",
    "VIRTUAL_ENV",
    "OPENBLAS_",
)
"""What names of variables begin with that a child inherits: where the interpreter finds its parts, where
temporary files go, and which of its kernels a numeric library takes."""

Reply = Callable[[bytes], bytes]
"""Answers what a child asks back while it works on a question."""


class Bounds(Struct, frozen=True):
    """Bytes of address space of the child, and seconds for one answer."""

    memory: int
    seconds: float
    niceness: int = 0
    """How much it gives way to other processes, as `nice` counts."""
    idle: float = IDLE_SECONDS
    """Seconds without a question after which it ends."""


class ChildUnstartable(Exception):
    """The child did not become ready: a fault of the machine or installation, not of a question."""


class ChildLate(Exception):
    """No answer in time; the child was ended."""


class ChildDied(Exception):
    """The child ended instead of answering; `code` as subprocess has it, negative for a signal.

    `had_answered`: it had answered other questions before, whose remains may be what was too much.
    """

    def __init__(self, code: int, bounds: Bounds, *, had_answered: bool) -> None:
        super().__init__(_ending(code, bounds))
        self.code = code
        self.had_answered = had_answered


class Note(Struct, frozen=True):
    """What the child last said it was at, and since how many seconds."""

    text: str
    age: float


class BoundedChild:
    """The parent's side: the child is started when needed, and anew after it ended. Not threadsafe."""

    def __init__(self, command: Sequence[str], bounds: Bounds) -> None:
        """`command`: a module and its arguments, whose `main` calls `answer_questions`."""
        self._command = tuple(command)
        self._bounds = bounds
        self._notes: IO[bytes] | None = None
        self._noted = b""
        self._child: subprocess.Popen[bytes] | None = None
        self._is_ready = False
        self._answered = 0

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return None if self._child is None else self._child.pid

    @property
    def seconds(self) -> float:
        """For one answer."""
        return self._bounds.seconds

    def start(self) -> None:
        """Start the child, if it doesn't run, without waiting for it. Raises ChildUnstartable."""
        if self._child is not None and self._child.poll() is None:
            return
        self.end()
        self._notes = tempfile.TemporaryFile()  # noqa: SIM115 — open as long as the child lives
        notes = self._notes.fileno()
        bounds = self._bounds
        limits = (bounds.memory, bounds.seconds, bounds.niceness, bounds.idle, notes)
        try:
            self._child = subprocess.Popen(  # noqa: S603 — our own module, no input in it
                [sys.executable, "-P", "-m", *self._command, *map(str, limits)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                pass_fds=(notes,),
                env=_environment(),
                # Not ended by the terminal's Ctrl-C, which the server answers in its own time; it
                # ends by itself when its input does.
                start_new_session=True,
            )
        except OSError as error:
            raise ChildUnstartable(f"{self._command[0]} can't be started: {error}") from None
        for pipe in _pipes(self._child):
            os.set_blocking(pipe, False)
        self._is_ready = False
        self._answered = 0

    def ask(
        self, question: bytes, seconds: float | None = None, reply: Reply | None = None
    ) -> bytes:
        """The child's answer. Raises ChildLate, ChildDied, ChildUnstartable; ask again afterwards.

        `reply` answers what the child wants to know for it. What that raises is raised here.
        """
        until = time.monotonic() + (self._bounds.seconds if seconds is None else seconds)
        try:
            try:
                answer = self._ask(question, until, reply)
            except EOFError:
                death = self._death()
                if death.code != IDLE:
                    raise death from None
                # It had nothing to do until this very moment.
                answer = self._ask(question, until, reply)
        except EOFError:
            raise self._death() from None
        except TimeoutError:
            self.end()
            raise ChildLate from None
        except BaseException:
            self.end()  # who knows which question its next message would answer
            raise
        self._answered += 1
        return answer

    def note(self) -> Note | None:
        """What the child last said during the last question, also if it is gone."""
        self._keep_note()
        if len(self._noted) < NOTE.size:
            return None
        began, length, text = NOTE.unpack(self._noted)
        return Note(text[:length].decode(errors="replace"), time.monotonic() - began)

    def end(self) -> None:
        """End the child; the next question starts another."""
        if self._notes is not None:
            self._keep_note()
            self._notes.close()
            self._notes = None
        if self._child is None:
            return
        self._child.kill()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                pipe.close()
        self._child.wait()
        self._child = None

    def _keep_note(self) -> None:
        if self._notes is not None:
            self._noted = os.pread(self._notes.fileno(), NOTE.size, 0)

    def _forget_note(self) -> None:
        self._noted = b""
        if self._notes is not None:
            os.ftruncate(self._notes.fileno(), 0)

    def _await_ready(self) -> None:
        if self._is_ready or self._child is None:
            return
        try:
            messages.read(_pipes(self._child)[1], time.monotonic() + START_SECONDS)
        except (EOFError, TimeoutError):
            reason = self._death()
            raise ChildUnstartable(f"{self._command[0]} didn't start: it {reason}") from None
        self._is_ready = True

    def _ask(self, question: bytes, until: float, reply: Reply | None) -> bytes:
        self.start()
        began = time.monotonic()
        self._await_ready()
        until += time.monotonic() - began  # starting has its own limit
        self._forget_note()
        if self._child is None:
            raise EOFError
        questions, answers = _pipes(self._child)
        messages.write(questions, Kind.QUESTION, question, until)
        message = messages.read(answers, until)
        while message.kind is Kind.QUESTION:
            replied = b"" if reply is None else reply(message.content)
            messages.write(questions, Kind.ANSWER, replied, until)
            message = messages.read(answers, until)
        return message.content

    def _death(self) -> ChildDied:
        code = -signal.SIGKILL
        if self._child is not None:
            with suppress(subprocess.TimeoutExpired):
                code = self._child.wait(1)  # its pipes are closed: it is ending, if it hasn't
        self.end()
        return ChildDied(code, self._bounds, had_answered=self._answered > 0)


def _environment() -> dict[str, str]:
    """What an interpreter needs to start, and no password: a child reads what strangers wrote."""
    inherited = {
        name: value for name, value in os.environ.items() if name.startswith(_NEEDED_TO_START)
    }
    # Numeric libraries reserve memory for each thread that they might start.
    return {**inherited, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def _pipes(child: subprocess.Popen[bytes]) -> tuple[int, int]:
    if child.stdin is None or child.stdout is None:
        raise ValueError("the child was started without pipes")
    return child.stdin.fileno(), child.stdout.fileno()


def _ending(code: int, bounds: Bounds) -> str:
    if code == OUT_OF_MEMORY:
        return f"needed more than the {bounds.memory / 1024**2:,.0f} MiB of memory that it may have"
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
