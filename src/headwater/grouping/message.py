"""Messages without what varies: numbers, ids, addresses, dates."""

import re
from typing import Final

MAX_MESSAGE: Final = 500
"""Characters of a message that count; the patterns never see more of a hostile one."""

_PATTERNS: Final = (
    ("email", r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-zA-Z0-9-]{1,63}(?:\.[a-zA-Z0-9-]{1,63})+"),
    ("url", r"\b(?:https?|wss?|file|ftp|blob|data|app|webpack|webpack-internal|chrome-extension|moz-extension)://?[^\s\"'<>`)\]]+"),
    ("uuid", r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b"),
    ("date", r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"),
    ("date", r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? (?:[A-Z][a-z]{2} \d{1,2}|\d{1,2} [A-Z][a-z]{2}) \d{4}(?: \d\d:\d\d:\d\d)?(?: ?(?:GMT|UTC|Z)?(?:[+-]\d{4})?)"),
    ("time", r"\b\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?\b"),
    ("ip", r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b"),
    ("ip", r"(?<![0-9a-zA-Z:])(?:[0-9a-fA-F]{1,4}:){2,7}(?::|[0-9a-fA-F]{1,4}|(?::[0-9a-fA-F]{1,4}){1,6})(?![0-9a-zA-Z:])"),
    ("ip", r"(?<![0-9a-zA-Z:])::(?:[0-9a-fA-F]{1,4}:){0,6}[0-9a-fA-F]{1,4}(?![0-9a-zA-Z:])"),
    ("hex", r"\b0[xX][0-9a-fA-F]+\b"),
    # A digit and a letter of the hexadecimal six at least: `deadbeef` alone may be a word.
    ("hex", r"\b(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{7,128}\b|\b(?=[A-F]*[0-9])(?=[0-9]*[A-F])[0-9A-F]{7,128}\b"),
    ("number", r"(?<![\w.])[-+]?\d+(?:[.,]\d+)*(?:[eE][-+]?\d+)?(?=\b|[a-zA-Z%])"),
)  # fmt: skip

_VARYING: Final = re.compile(
    "|".join(f"(?P<p{index}>{pattern})" for index, (_, pattern) in enumerate(_PATTERNS))
)

_MAY_VARY: Final = re.compile(r"[0-9@:]")
"""Every pattern holds one of these."""


def parameterize(message: str) -> str:
    """The message's first line that says something, with what varies replaced by its kind.

    `Order 4711 of ann@example.com failed` becomes `Order <number> of <email> failed`.
    """
    lines = (line.strip() for line in message[: 4 * MAX_MESSAGE].splitlines())
    first = next((line for line in lines if line), "")[:MAX_MESSAGE]
    if _MAY_VARY.search(first):
        first = _VARYING.sub(_kind, first)
    return " ".join(first.split())


def _kind(match: re.Match[str]) -> str:
    name = match.lastgroup or ""
    return f"<{_PATTERNS[int(name[1:])][0]}>"
