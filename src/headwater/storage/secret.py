"""A text that is to be seen nowhere but where it is used."""

import re
from typing import Final

HIDDEN: Final = "…"

TELLING: Final = 6
"""Characters from which a part of an address may be a token; shorter ones are words."""

_PARTS: Final = re.compile(r"[/:@?&=,\s]+")


class Secret:
    """Its repr and str tell nothing, so that no log, traceback or page does by mistake."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def removed_from(self, text: str) -> str:
        """A text without the secret and the parts of it that are long enough to tell something."""
        parts = {self._text, *_PARTS.split(self._text)}
        for part in sorted(parts, key=len, reverse=True):
            if len(part) >= TELLING:
                text = text.replace(part, HIDDEN)
        return text

    def __repr__(self) -> str:
        return HIDDEN

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)
