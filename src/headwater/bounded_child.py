"""A child process that answers one question at a time, within limits of memory and time.

For work on foreign files: a native parser that crashes, a file that takes hours or all memory ends
the child, never its parent. Both sides are here. Messages are length-prefixed, on the child's
standard input and output; the child says with an empty one that it is ready. What the child is at
it writes into a small file that both have open, so that it can be read when the child is gone.
"""

import os
import resource
import select
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, BinaryIO, Final

START_SECONDS: Final = 60
"""For a child to be ready: an interpreter with its imports, on a machine that does much else."""

GRACE_SECONDS: Final = 10
"""How much longer than its parent allows a child may work: it ends by itself if nobody is left."""

MAX_NOTE: Final = 240
"""Bytes of a note: a task and a file's digest."""

OUT_OF_MEMORY: Final = 77
"""The exit code of a child that could go no further."""

_LENGTH: Final = struct.Struct(">Q")
_NOTE: Final = struct.Struct(f">dH{MAX_NOTE}s")
_PIECE: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bytes of address space of the child, and seconds for one answer."""

    memory: int
    seconds: float


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


@dataclass(frozen=True, slots=True)
class Note:
    """What the child last said it was at, and since how many seconds."""

    text: str
    age: float


class BoundedChild:
    """The parent's side: the child is started when needed, and anew after it ended. Not threadsafe."""

    def __init__(
        self, command: Sequence[str], bounds: Bounds, environment: Mapping[str, str] | None = None
    ) -> None:
        """`command`: a module and its arguments, whose `main` calls `answer_questions`."""
        self._command = tuple(command)
        self._bounds = bounds
        self._environment = dict(environment or {})
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
        arguments = (str(self._bounds.memory), str(self._bounds.seconds), str(notes))
        try:
            self._child = subprocess.Popen(  # noqa: S603 — our own module, no input in it
                [sys.executable, "-m", *self._command, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                pass_fds=(notes,),
                # Numeric libraries reserve memory for each thread that they might start.
                env={
                    **os.environ,
                    **self._environment,
                    "OPENBLAS_NUM_THREADS": "1",
                    "OMP_NUM_THREADS": "1",
                },
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

    def ask(self, question: bytes, seconds: float | None = None) -> bytes:
        """The child's answer. Raises ChildLate, ChildDied, ChildUnstartable; ask again afterwards."""
        self.start()
        self._await_ready()
        self._forget_note()
        until = time.monotonic() + (self._bounds.seconds if seconds is None else seconds)
        try:
            answer = self._exchange(question, until)
        except EOFError:
            raise self._death() from None
        except TimeoutError:
            self.end()
            raise ChildLate from None
        self._answered += 1
        return answer

    def note(self) -> Note | None:
        """What the child last said during the last question, also if it is gone."""
        self._keep_note()
        if len(self._noted) < _NOTE.size:
            return None
        began, length, text = _NOTE.unpack(self._noted)
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
            self._noted = os.pread(self._notes.fileno(), _NOTE.size, 0)

    def _forget_note(self) -> None:
        self._noted = b""
        if self._notes is not None:
            os.ftruncate(self._notes.fileno(), 0)

    def _await_ready(self) -> None:
        if self._is_ready or self._child is None:
            return
        try:
            _read(_pipes(self._child)[1], time.monotonic() + START_SECONDS)
        except (EOFError, TimeoutError):
            reason = self._death()
            raise ChildUnstartable(f"{self._command[0]} didn't start: it {reason}") from None
        self._is_ready = True

    def _exchange(self, question: bytes, until: float) -> bytes:
        if self._child is None:
            raise EOFError
        questions, answers = _pipes(self._child)
        _write(questions, question, until)
        return _read(answers, until)

    def _death(self) -> ChildDied:
        code = -signal.SIGKILL
        if self._child is not None:
            with suppress(subprocess.TimeoutExpired):
                code = self._child.wait(1)  # its pipes are closed: it is ending, if it hasn't
        self.end()
        return ChildDied(code, self._bounds, had_answered=self._answered > 0)


class Answering:
    """The child's side."""

    def __init__(self, arguments: Sequence[str]) -> None:
        """`arguments`: those of the command line that the parent added. The limits hold from now."""
        memory, seconds, notes = arguments[-3:]
        self._seconds = float(seconds) + GRACE_SECONDS
        self._notes = int(notes)
        self._last = b""
        with suppress(ValueError, OSError):  # a platform that knows no such limit
            resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
        # What anything might print must not come between the answers.
        self._answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def note(self, text: str) -> None:
        """Say what is about to be done."""
        raw = text.encode()[:MAX_NOTE]
        if raw != self._last:
            self._last = raw
            os.pwrite(self._notes, _NOTE.pack(time.monotonic(), len(raw), raw), 0)

    def answer_questions(self, answer: Callable[[bytes], bytes]) -> None:
        """Answer until the input ends. Running out of memory ends the process."""
        self._send(b"")
        for question in _messages(sys.stdin.buffer):
            self._last = b""
            try:
                with _alarm(self._seconds):
                    self._send(answer(question))
            except MemoryError:
                os._exit(OUT_OF_MEMORY)  # at once: tidying up needs memory too

    def _send(self, answer: bytes) -> None:
        self._answers.write(_LENGTH.pack(len(answer)) + answer)
        self._answers.flush()


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    # Without a handler the kernel ends the process, whatever native code it is in.
    signal.setitimer(signal.ITIMER_REAL, seconds)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)


def _messages(stream: BinaryIO) -> Iterator[bytes]:
    while len(head := stream.read(_LENGTH.size)) == _LENGTH.size:
        yield stream.read(_LENGTH.unpack(head)[0])


def _write(pipe: int, message: bytes, until: float) -> None:
    """Raises EOFError, TimeoutError."""
    left = memoryview(_LENGTH.pack(len(message)) + message)
    while left:
        _wait(pipe, select.POLLOUT, until)
        try:
            left = left[os.write(pipe, left[:_PIECE]) :]
        except BlockingIOError:
            continue
        except BrokenPipeError:
            raise EOFError from None


def _read(pipe: int, until: float) -> bytes:
    """Raises EOFError, TimeoutError."""
    (length,) = _LENGTH.unpack(_read_exactly(pipe, _LENGTH.size, until))
    return _read_exactly(pipe, length, until)


def _read_exactly(pipe: int, length: int, until: float) -> bytes:
    read = bytearray()
    while len(read) < length:
        _wait(pipe, select.POLLIN, until)
        piece = os.read(pipe, min(_PIECE, length - len(read)))
        if not piece:
            raise EOFError
        read += piece
    return bytes(read)


def _wait(pipe: int, what: int, until: float) -> None:
    poll = select.poll()  # not `select`, which knows file numbers below 1,024 only
    poll.register(pipe, what)
    if not poll.poll(max(0.0, until - time.monotonic()) * 1000):
        raise TimeoutError


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
