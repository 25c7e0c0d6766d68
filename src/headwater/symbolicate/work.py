"""What symbolication tells of the work it is at, and which work it is told to leave alone."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

MAX_DECODED: Final = 1024**3
"""Memory of all maps that one event makes symbolication decode: ten times what the largest known
applications' traces touch."""


class Task(StrEnum):
    """Work on one uploaded file that may take long, or never end."""

    DECODE = "decode"
    NAME_BY_SOURCES = "name by sources"
    """Parse sources in a map, to name functions."""
    NAME_BY_SCRIPT = "name by script"
    """Parse a minified file, to name functions."""


class WorkRefused(Exception):
    """This work is not to be done; the message is a sentence's end that says why."""


def _nobody(_work: str) -> None:
    return None


class Work:
    """The work of one event."""

    def __init__(
        self, refused: Mapping[str, str] | None = None, note: Callable[[str], None] = _nobody
    ) -> None:
        """`refused`: names of work (see `name_of`) with the reason; `note` is told each that begins."""
        self._refused = refused or {}
        self._note = note
        self._counted: set[str] = set()
        self._decoded = 0

    def begin(self, task: Task, key: str) -> None:
        """Raises WorkRefused if it had better not begin."""
        name = name_of(task, key)
        if name in self._refused:
            raise WorkRefused(self._refused[name])
        if task is Task.DECODE and key not in self._counted and self._decoded >= MAX_DECODED:
            raise WorkRefused(
                f"the event's other source maps take the {MAX_DECODED:,} bytes that one event may decode"
            )
        self._note(name)

    def decoded(self, key: str, memory: int) -> None:
        """Count a decoded map, `memory` in bytes; the same one once."""
        if key not in self._counted:
            self._counted.add(key)
            self._decoded += memory


def name_of(task: Task, key: str) -> str:
    """One task on one file, by the key of its artifact."""
    return f"{task} {key}"
