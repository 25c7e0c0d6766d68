"""The child's side."""

import os
import resource
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final

from headwater.bounded_child import messages
from headwater.bounded_child.messages import MAX_NOTE, NOTE, Kind

GRACE_SECONDS: Final = 10
"""How much longer than its parent allows a child may work: then it ends by itself."""

IDLE_SECONDS: Final = 60
"""A child that is asked nothing for so long ends, and gives its memory back; another starts in half a
second when it is needed."""

OUT_OF_MEMORY: Final = 77
"""The exit code of a child that could go no further."""

IDLE: Final = 78
"""The exit code of a child that had nothing to do."""


class Answering:
    """Answers questions. The limits hold from when it is made."""

    def __init__(self, arguments: Sequence[str]) -> None:
        """`arguments`: those of the command line that the parent added."""
        memory, seconds, niceness, idle, notes = arguments[-5:]
        self._seconds = float(seconds) + GRACE_SECONDS
        self._idle = float(idle)
        self._notes = int(notes)
        self._last = b""
        with suppress(ValueError, OSError):  # a platform that knows no such limit
            resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
        os.nice(int(niceness))
        # What anything might print must not come between the answers.
        self._out = os.dup(sys.stdout.fileno())
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        self._in = sys.stdin.fileno()
        threading.Thread(target=self._follow_parent, daemon=True).start()

    def note(self, text: str) -> None:
        """Say what is about to be done."""
        raw = text.encode()[:MAX_NOTE]
        if raw != self._last:
            self._last = raw
            os.pwrite(self._notes, NOTE.pack(time.monotonic(), len(raw), raw), 0)

    def ask(self, question: bytes) -> bytes:
        """The parent's answer to a question, while one of its own is being answered."""
        self._send(Kind.QUESTION, question)
        return messages.read(self._in).content

    def answer_questions(self, answer: Callable[[bytes], bytes]) -> None:
        """Answer until the input ends. Running out of memory ends the process, so does idleness."""
        self._send(Kind.READY, b"")
        while True:
            try:
                question = messages.read(self._in, time.monotonic() + self._idle)
            except TimeoutError:
                os._exit(IDLE)
            except EOFError:
                return
            self._last = b""
            try:
                with _alarm(self._seconds):
                    self._send(Kind.ANSWER, answer(question.content))
            except MemoryError:
                os._exit(OUT_OF_MEMORY)  # at once: tidying up needs memory too

    def _follow_parent(self) -> None:
        """End with whoever asks, also in the middle of a question that nobody waits for any more."""
        poll = select.poll()
        poll.register(self._in, 0)  # that is, only its end
        poll.poll()
        os._exit(0)

    def _send(self, kind: Kind, content: bytes) -> None:
        left = memoryview(messages.packed(kind, content))
        try:
            while left:
                left = left[os.write(self._out, left) :]
        except BrokenPipeError:  # who asked is gone
            os._exit(0)


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    # Without a handler the kernel ends the process, whatever native code it is in.
    signal.setitimer(signal.ITIMER_REAL, seconds)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
