"""A value of any shape, made to fit: what comes first is kept, long texts lose their ends."""

from typing import Any, Final

from headwater.protocol.event import Json
from headwater.protocol.json_text import measure

MAX_FIELD_NAME: Final = 200
"""Characters of a field's name in what is made to fit."""

_SHARE: Final = 4
"""A text among others has this part of the room at most, so that one does not cost all the others."""

_COMMA_AND_QUOTES: Final = 4
_ELLIPSIS: Final = "…"


def shorten(value: Json, room: int) -> Json:
    """A smaller copy of about `room` bytes as JSON."""
    if type(value) is str:
        return shorten_text(value, room)
    return _Room(room).fit(value)


def shorten_text(text: str, room: int) -> str:
    """`room` counts characters; the last of those kept says that there were more."""
    return text if len(text) <= room else text[: max(0, room - 1)] + _ELLIPSIS


class _Room:
    def __init__(self, room: int) -> None:
        self._left = room
        self._share = room // _SHARE

    def fit(self, value: Json) -> Json:
        size = measure(value)
        kind = type(value)
        if size > min(self._share, self._left):  # else all of it can stay as it is
            if kind is dict:
                return self._fit_object(value)
            if kind is list:
                return self._fit_list(value)
            if kind is str:
                value = self._fit_text(value, size)
                size = measure(value)
        self._left -= size
        return value

    def _fit_object(self, value: dict[str, Any]) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for name, child in value.items():
            if self._left <= 0:
                break
            short = shorten_text(name, MAX_FIELD_NAME)
            self._left -= measure(short) + _COMMA_AND_QUOTES
            kept[short] = self.fit(child)
        return kept

    def _fit_list(self, value: list[Any]) -> list[Any]:
        kept: list[Any] = []
        for child in value:
            if self._left <= 0:
                break
            self._left -= _COMMA_AND_QUOTES
            kept.append(self.fit(child))
        return kept

    def _fit_text(self, text: str, size: int) -> str:
        room = max(1, min(self._share, self._left))
        # Characters are one to six bytes; as many as fit if they are alike.
        return shorten_text(text, max(1, room * len(text) // size))
