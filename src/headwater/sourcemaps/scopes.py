"""Which function encloses a place in a JavaScript or TypeScript source."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Scopes:
    """The functions of one source."""

    parsed: bool

    def enclosing(self, line: int, column: int) -> str | None:
        """Provisional."""
        return None if line + column < 0 else None


UNPARSED: Final = Scopes(parsed=False)


def read_scopes(text: str, filename: str) -> Scopes:
    """Provisional."""
    return Scopes(parsed=bool(text or filename))
