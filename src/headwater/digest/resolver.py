"""Symbolication of stored events' frames: whatever becomes of the files it reads, the event goes on.

Everything is looked up in compiled files. One that turns out to be lost or damaged, be it in the
middle of an event, is given up and compiled anew, and the event starts over.
"""

from collections.abc import Callable
from typing import Final, Protocol

import structlog
from sqlalchemy.exc import DatabaseError, DataError

from headwater.digest.remembered import Remembered, digest_of
from headwater.protocol.event import Event
from headwater.sourcemaps.compiled.parts import CompiledFileDamaged
from headwater.symbolicate.resolution import Resolution
from headwater.symbolicate.source_maps import SourceMaps
from headwater.symbolicate.stacktrace import symbolicate
from headwater.symbolicate.surroundings import NoSurroundings, Surroundings
from headwater.symbolicate.unresolved import unresolved, wants_maps

MAX_HEALINGS: Final = 40
"""Damaged files that are given up for one event: each of its maps, and what holds texts for them."""


class ResolverUnavailable(Exception):
    """Nothing can be symbolicated now, for no fault of the event; try it again later."""


class HealingMaps(SourceMaps, Protocol):
    """What one event may see, in files that can be made anew."""

    @property
    def are_settled(self) -> bool:
        """Whether all that was asked was there: nothing was damaged, unreadable or yet to be made."""
        ...

    def heal(self, error: CompiledFileDamaged) -> None:
        """Give up what was found damaged. Raises DatabaseError."""
        ...

    def set_aside(self, error: OSError) -> None:
        """Go on without what could not be read last, for this reason."""
        ...


class Resolver:
    """Symbolicates events, each with source maps of its own; those that are alike once."""

    def __init__(
        self,
        maps_of: Callable[[int], HealingMaps],
        has_changed: Callable[[], bool] = lambda: True,
        around_of: Callable[[int], Surroundings] = lambda _project_id: NoSurroundings(),
    ) -> None:
        """`maps_of` gives the source maps that one event of a project may see, `around_of` what lies
        beside them; `has_changed` says whether anything was uploaded or deleted since it was asked
        last."""
        self._maps_of = maps_of
        self._around_of = around_of
        self._has_changed = has_changed
        self._remembered = Remembered()
        self._lately = Remembered()
        self._log = structlog.get_logger()

    def refresh(self) -> None:
        """What was uploaded before this counts from now on. Raises DatabaseError."""
        self._lately.clear()
        if self._has_changed():
            self._remembered.clear()

    def resolve(self, project_id: int, event: Event) -> Resolution:
        """A verdict for each frame. Raises ResolverUnavailable."""
        digest = digest_of(project_id, event)
        known = self._remembered.get(digest) or self._lately.get(digest)
        if known is not None:
            return known
        if not wants_maps(event):
            return self._remembered.keep(digest, unresolved(event, ""))
        try:
            around = self._around_of(project_id)
            return self._resolved(event, self._maps_of(project_id), around, digest)
        except Exception as error:  # noqa: BLE001 — an event is worth more than its names
            # What the database says of the event's own data is no reason to wait.
            if isinstance(error, DatabaseError) and not isinstance(error, DataError):
                raise ResolverUnavailable(str(error.orig)) from None
            self._log.exception("symbolication failed", project=project_id, event_id=event.event_id)
            return unresolved(event, "symbolication failed; the server's log says how")

    def _resolved(
        self, event: Event, maps: HealingMaps, around: Surroundings, digest: bytes
    ) -> Resolution:
        found = self._healed(event, maps, around)
        # While functions are still being named, what is alike in a batch is asked once all the same.
        remembered = self._remembered if maps.are_settled else self._lately
        return remembered.keep(digest, found)

    def _healed(self, event: Event, maps: HealingMaps, around: Surroundings) -> Resolution:
        for _ in range(MAX_HEALINGS):
            try:
                return symbolicate(event, maps, around)
            except CompiledFileDamaged as error:
                self._heal(maps, error)
            except OSError as error:
                self._set_aside(maps, error)
        return unresolved(event, "its compiled source maps are damaged again and again")

    def _heal(self, maps: HealingMaps, error: CompiledFileDamaged) -> None:
        self._log.warning("a compiled file is given up", reason=str(error))
        try:
            maps.heal(error)
        except OSError as unreachable:
            self._set_aside(maps, unreachable)

    def _set_aside(self, maps: HealingMaps, error: OSError) -> None:
        self._log.warning("a compiled file can't be read", reason=str(error))
        maps.set_aside(error)
