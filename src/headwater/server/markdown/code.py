"""Text of others in Markdown: always as code, whose fence is longer than any run of backticks in it.

Nothing of it can end the code, become a link, a picture, HTML or a mention of somebody.
"""

import re
from typing import Final

from headwater.server.excerpt import plain

MAX_INLINE: Final = 500
"""Characters of a name, an address or a value that stand within a line."""

MAX_BLOCK: Final = 4_000
"""Characters of a text that stands in a block of its own: what the page shows of one value."""

_RUNS: Final = re.compile("`+")
_SHORTEST: Final = 3


def code(text: str) -> str:
    """Within a line: line breaks become spaces, what is long is cut."""
    shown = plain(_clipped(" ".join(text.split()), MAX_INLINE)) or " "
    ticks = "`" * (_longest_run(shown) + 1)
    # CommonMark takes one space off at both ends, where a tick would be part of the fence otherwise.
    padding = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{ticks}{padding}{shown}{padding}{ticks}"


def block(text: str, language: str = "") -> str:
    """Lines of their own; `language` is one of our words."""
    shown = "\n".join(plain(line) for line in _clipped(text, MAX_BLOCK).split("\n"))
    fence = "`" * max(_SHORTEST, _longest_run(shown) + 1)
    return f"{fence}{language}\n{shown}\n{fence}"


def cell(text: str) -> str:
    """In a table, where a bar would end the cell even within code."""
    return code(text.replace("|", "¦"))


def _clipped(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


def _longest_run(text: str) -> int:
    return max((len(run) for run in _RUNS.findall(text)), default=0)
