"""Asks a child process to compile uploaded files, within limits of memory and time."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from headwater.artifacts.compiler_questions import Answer, AskedBack, Fault, Question, Stored
from headwater.bounded_child.parent import (
    BoundedChild,
    Bounds,
    ChildDied,
    ChildLate,
    ChildUnstartable,
)
from headwater.storage.process_counts import ProcessCounts
from headwater.storage.uploads.artifact import OVER_LIMIT

COMPILER_MEMORY: Final = 768 * 1024**2
"""Bytes of address space of the child, beside the uploaded file, which is mapped. Compiling a
map takes 128 MB of memory, whatever its size, and so does naming functions afterwards; what libraries
reserve, and what a hostile text may take of the parser, is the rest."""

COMPILER_SECONDS: Final = 60
"""For one file; a map of 100 MB takes five."""

GUILTY_SHARE: Final = 0.5
"""Of the time: work that took this much of it was late by itself, less was merely the last."""

COMPILER_BOUNDS: Final = Bounds(COMPILER_MEMORY, COMPILER_SECONDS)

Known = Callable[[AskedBack], Sequence[Stored]]
"""Where what compiled files hold already is. May raise DatabaseError, OSError."""


class Ended(Struct, frozen=True):
    """The child ended before it answered, or was late; the question may be why."""

    fault: Fault
    note: str | None
    """What it was at last."""
    is_guilty: bool
    """It died of that, or spent most of the time with it."""


class Compiler:
    """One child process, started when first needed, and anew after it had to be ended.

    It answers one question at a time, so that no number of uploads needs more than its memory.
    """

    def __init__(
        self, bounds: Bounds = COMPILER_BOUNDS, counts: ProcessCounts | None = None
    ) -> None:
        """`counts`: of how often it was asked, and how long that took."""
        self._counts = counts or ProcessCounts()
        self._child = BoundedChild(["headwater.artifacts.compiling"], bounds)
        self._lock = threading.Lock()

    def ask(self, question: Question, known: Known, seconds: float | None = None) -> Answer | Ended:
        """What became of it. Raises what `known` raises.

        A child that dies of it and had done other things before may have died of what those left
        in memory: a fresh one is asked again.
        """
        seconds = self._child.seconds if seconds is None else min(seconds, self._child.seconds)
        with self._lock:
            began = time.monotonic()
            found = self._answer(question, known, seconds)
            result = "ended" if isinstance(found, Ended) else "answered"
            took = time.monotonic() - began
            self._counts.add_all({("compilations", result): 1, ("compilation_seconds",): took})
        return found

    def _answer(self, question: Question, known: Known, seconds: float) -> Answer | Ended:
        until = time.monotonic() + seconds
        try:
            try:
                answer = self._ask(question, known, seconds)
            except ChildDied as death:
                if not death.had_answered:
                    raise
                answer = self._ask(question, known, until - time.monotonic())
        except ChildLate:
            sentence = f"decoding it takes more than {max(1, round(seconds))} seconds"
            return self._ended(sentence, GUILTY_SHARE * seconds)
        except ChildDied as death:
            return self._ended(f"the process that decoded it {death}", 0)
        except ChildUnstartable as error:
            return Fault(f"could not be looked into: {error}", is_lasting=False)
        decoded: Answer = msgspec.msgpack.decode(answer, type=Answer)
        return decoded

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._child.end()

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._child.pid

    @property
    def seconds(self) -> float:
        """For one answer."""
        return self._child.seconds

    def _ask(self, question: Question, known: Known, seconds: float) -> bytes:
        def reply(asked: bytes) -> bytes:
            return msgspec.msgpack.encode(known(msgspec.msgpack.decode(asked, type=AskedBack)))

        return self._child.ask(msgspec.msgpack.encode(question), seconds, reply)

    def _ended(self, sentence: str, guilty_seconds: float) -> Ended:
        note, fault = self._child.note(), Fault(f"{OVER_LIMIT}{sentence}")
        if note is None:
            return Ended(fault, None, is_guilty=False)
        return Ended(fault, note.text, is_guilty=note.age >= guilty_seconds)
