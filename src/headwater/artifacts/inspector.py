"""Asks a child process to decode uploaded files, within limits of memory and time."""

import threading
from pathlib import Path
from typing import Final

import msgspec

from headwater.artifacts.inspection import TOO_MUCH_MEMORY, Inspection, Question
from headwater.bounded_child.parent import (
    BoundedChild,
    Bounds,
    ChildDied,
    ChildLate,
    ChildUnstartable,
)
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
        self._child = BoundedChild(["headwater.artifacts.inspection"], Bounds(memory, seconds))
        self._lock = threading.Lock()

    def inspect(self, path: Path, kind: ArtifactType, reference: str | None) -> Inspection:
        """What the file turns out to be. A file that the child dies of has a fault that says so."""
        question = msgspec.json.encode(Question(str(path), kind, reference))
        try:
            with self._lock:
                answer = self._child.ask(question)
        except ChildLate:
            sentence = f"decoding it takes more than {self._child.seconds:g} seconds"
            return Inspection(fault=f"{OVER_LIMIT}{sentence}")
        except ChildDied:
            return Inspection(fault=TOO_MUCH_MEMORY)
        except ChildUnstartable as error:
            return Inspection(fault=f"could not be looked into: {error}")
        return msgspec.json.decode(answer, type=Inspection)

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._child.end()

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._child.pid
