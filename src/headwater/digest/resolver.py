"""The worker's side of symbolication: it asks a child process, and goes on whatever becomes of that.

Source maps and the sources in them are foreign files. Decoding may take all memory, parsing may take
hours or crash the native parser. None of it happens in the worker; an event never costs more than
EVENT_SECONDS, is stored in any case, and what it failed on is left alone for a while.
"""

import hashlib
import time
from typing import Final

import msgspec
import structlog

from headwater.bounded_child.parent import (
    BoundedChild,
    Bounds,
    ChildDied,
    ChildLate,
    ChildUnstartable,
    Note,
)
from headwater.digest.question import Answer, Question
from headwater.digest.troubles import Troubles
from headwater.protocol.event import Event
from headwater.symbolicate.resolution import Resolution
from headwater.symbolicate.unresolved import unresolved, wants_maps

RESOLVER_MEMORY: Final = 3 * 1024**3
"""Bytes of address space of the child: the maps it keeps (512 MiB), those of one event (1 GiB), and
what decoding and parsing the largest needs for a moment."""

EVENT_SECONDS: Final = 20
"""For one event, all tries together; decoding a map of 100 MB takes 3."""

RESOLVER_BOUNDS: Final = Bounds(RESOLVER_MEMORY, EVENT_SECONDS)

MAX_TRIES: Final = 4
"""Children that may die of one event; each time what it died of is left out in the next."""

GUILTY_SHARE: Final = 0.5
"""Of the deadline: work that took this much of it was late by itself, less was merely the last."""


class ResolverUnavailable(Exception):
    """Nothing can be symbolicated now, for no fault of the event; try it again later."""


class Resolver:
    """One child, one event at a time."""

    def __init__(self, child: BoundedChild, troubles: Troubles | None = None) -> None:
        self._child = child
        self._troubles = troubles or Troubles()
        self._log = structlog.get_logger()

    def start(self) -> None:
        """Let the child get ready while there is nothing to do."""
        try:
            self._child.start()
        except ChildUnstartable as error:
            self._log.warning("the resolver did not start", error=str(error))

    def close(self) -> None:
        """End the child."""
        self._child.end()

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._child.pid

    def resolve(self, project_id: int, event: Event) -> Resolution:
        """A verdict for each frame. Raises ResolverUnavailable."""
        if not wants_maps(event):
            return unresolved(event, "")
        known = self._known(project_id, event)
        if known is not None:
            return unresolved(event, known)
        until = time.monotonic() + self._child.seconds
        for _ in range(MAX_TRIES):
            try:
                return self._ask(project_id, event, until - time.monotonic())
            except ChildLate:
                return unresolved(event, self._late(project_id, event))
            except ChildDied as death:
                # A child that served other events may have died of what those left in memory.
                if not death.had_answered and not self._blame(death, self._child.note()):
                    break
            except ChildUnstartable as error:
                raise ResolverUnavailable(str(error)) from None
        sentence = "reading its source maps ended the process that read them, again and again"
        return unresolved(event, self._remember(_name_of(project_id, event), sentence))

    def _known(self, project_id: int, event: Event) -> str | None:
        """What happened when the same files were asked for lately."""
        troubles = self._troubles.current()
        return troubles.get(_name_of(project_id, event)) if troubles else None

    def _ask(self, project_id: int, event: Event, seconds: float) -> Resolution:
        question = Question(project_id, event, self._troubles.current())
        raw = self._child.ask(msgspec.msgpack.encode(question), seconds)
        answer = msgspec.msgpack.decode(raw, type=Answer)
        if answer.resolution is None:
            raise ResolverUnavailable(answer.unavailable or "no reason was given")
        return answer.resolution

    def _late(self, project_id: int, event: Event) -> str:
        """Remember what took too long: one piece of work, or the event as a whole."""
        note = self._child.note()
        seconds = self._child.seconds
        sentence = f"reading its source maps takes more than the {seconds:g} seconds that an event may take"
        if note is not None and note.age >= seconds * GUILTY_SHARE:
            self._remember(note.text, f"reading it took more than {note.age:.0f} seconds")
            return sentence
        return self._remember(_name_of(project_id, event), sentence)

    def _blame(self, death: ChildDied, note: Note | None) -> bool:
        """Remember what a fresh child died of; whether that is known."""
        if note is None or note.text in self._troubles.current():
            return False
        self._remember(note.text, f"the process that read it {death}")
        return True

    def _remember(self, name: str, sentence: str) -> str:
        self._log.warning("symbolication failed", work=name, reason=sentence)
        self._troubles.remember(name, sentence)
        return sentence


def _name_of(project_id: int, event: Event) -> str:
    """Events of the same files have the same."""
    files = {frame.abs_path for trace in event.stacktraces for frame in trace.frames}
    images = {image.debug_id for image in event.images}
    said = repr((project_id, event.release, event.dist, sorted(map(str, files)), sorted(images)))
    return f"event {hashlib.sha256(said.encode(errors='replace')).hexdigest()}"
