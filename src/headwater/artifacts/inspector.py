"""Asks a child process to decode uploaded files, within limits of memory and time."""

import os
import select
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

import msgspec

from headwater.artifacts.inspection import TOO_MUCH_MEMORY, Inspection, Question
from headwater.protocol.bundle import ArtifactType
from headwater.storage.artifact import OVER_LIMIT

INSPECTION_MEMORY: Final = 2 * 1024**3
"""Bytes of address space of the child: a map of 256 MiB (the largest accepted) decodes in them."""

INSPECTION_SECONDS: Final = 60
"""For one file; a map of 100 MB takes a few."""


class Inspector:
    """One child process, started when first needed, and anew after it had to be ended.

    It answers one question at a time, so that no number of uploads needs more than its memory.
    """

    def __init__(
        self, memory: int = INSPECTION_MEMORY, seconds: float = INSPECTION_SECONDS
    ) -> None:
        self._memory = memory
        self._seconds = seconds
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def inspect(self, path: Path, kind: ArtifactType, reference: str | None) -> Inspection:
        """What the file turns out to be. A file that the child dies of has a fault that says so."""
        question = msgspec.json.encode(Question(str(path), kind, reference)) + b"\n"
        with self._lock:
            answer = self._ask(question)
        if isinstance(answer, str):
            return Inspection(fault=answer)
        return msgspec.json.decode(answer, type=Inspection)

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._end()

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return None if self._child is None else self._child.pid

    def _ask(self, question: bytes) -> bytes | str:
        """The child's answer, or a fault."""
        questions, answers = _pipes(self._running())
        try:
            questions.write(question)
            questions.flush()
            # An answer is written at once and is shorter than a pipe's buffer: there or not there.
            answer = answers.readline() if _is_readable(answers, self._seconds) else None
        except BrokenPipeError:
            answer = b""
        if answer:
            return answer
        self._end()
        if answer is None:
            return f"{OVER_LIMIT}decoding it takes more than {self._seconds:g} seconds"
        return TOO_MUCH_MEMORY

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._end()
            self._child = subprocess.Popen(  # noqa: S603 — our own module, no input in it
                [sys.executable, "-m", "headwater.artifacts.inspection", str(self._memory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # Numeric libraries reserve memory for each thread that they might start.
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
                # Not ended by the terminal's Ctrl-C, which the server answers in its own time; it
                # ends by itself when its input does.
                start_new_session=True,
            )
        return self._child

    def _end(self) -> None:
        if self._child is None:
            return
        self._child.kill()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        self._child.wait()
        self._child = None


def _is_readable(pipe: IO[bytes], seconds: float) -> bool:
    """Whether there is something to read, or its end, before the time is up."""
    poll = select.poll()  # not `select`, which knows file numbers below 1,024 only
    poll.register(pipe, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def _pipes(child: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if child.stdin is None or child.stdout is None:
        raise ValueError("the child was started without pipes")
    return child.stdin, child.stdout
