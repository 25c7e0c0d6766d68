"""Cuts parts of an event to their limits, in place, and marks each cut."""

from collections.abc import Sized
from typing import Any, Final

from msgspec import Raw

from headwater.digest.shorten import shorten, shorten_text
from headwater.protocol.cuts import Path, mark_cut
from headwater.protocol.event import Json
from headwater.protocol.event_parts import open_part, size_of
from headwater.protocol.json_text import measure

MAX_MARKS: Final = 200
"""Cuts that are marked where they were; a page names a few, and each costs a hundred bytes."""


class Cutter:
    """One event's. Every method that measures raises MalformedJson if it meets what is too deep."""

    def __init__(self, event: dict[str, Any]) -> None:
        self._event = event
        self.has_cut = False
        self._marks = 0

    def texts(self, of: dict[str, Any], names: tuple[str, ...], limit: int, path: Path) -> None:
        """Texts of at most `limit` characters. `path` is where `of` is."""
        for name in names:
            text = of.get(name)
            if type(text) is str and len(text) > limit:
                self._put(of, name, shorten_text(text, limit), (*path, name), len(text))

    def bag(self, of: dict[str, Any], name: str, limit: int, path: Path) -> None:
        """A value of any shape that has at most `limit` bytes as JSON, or characters if it is text."""
        value = of.get(name)
        kind = type(value)
        if kind is Raw:
            if size_of(value) <= limit:
                return
            value = open_part(of, name)
            kind = type(value)
        if kind is str:
            self.texts(of, (name,), limit, path)
        elif (kind is dict or kind is list) and (size := measure(value)) > limit:
            self._put(of, name, shorten(value, limit), (*path, name), size)

    def bags(self, of: Json, limit: int, path: Path, leave: frozenset[str] = frozenset()) -> None:
        """Each of an object's fields as a bag, but those to `leave`."""
        if type(of) is dict:
            for name in of.keys() - leave if leave else list(of):
                self.bag(of, name, limit, path)

    def items(self, of: dict[str, Any], name: str, kept: Sized, path: Path) -> None:
        """The items that are kept, of a list or an object."""
        if len(kept) < len(of[name]):
            self._put(of, name, kept, (*path, name), len(of[name]))

    def drop(self, of: dict[str, Any], name: str, path: Path = ()) -> None:
        """A field that there is no room for at all."""
        self.mark((*path, name), size_of(of.pop(name)))

    def mark(self, path: Path, length: int) -> None:
        """Say that something was cut at `path`; of too many places, that it was from the event."""
        self.has_cut = True
        self._marks += 1
        mark_cut(self._event, path if self._marks <= MAX_MARKS else (), length)

    def _put(self, of: dict[str, Any], name: str, value: Json, path: Path, length: int) -> None:
        of[name] = value
        self.mark(path, length)
