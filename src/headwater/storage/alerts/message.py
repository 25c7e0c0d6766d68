"""What is told, as facts: written down when it happened, put into words when it is sent."""

from datetime import datetime
from typing import Final

import msgspec

MAX_TITLE: Final = 300
"""Characters of a title or culprit in a message: more is not read on a telephone."""

LISTED: Final = 20
"""Of what a digest message stands for, so many are named; it says how many more there are."""

TEST: Final = "test"
DIGEST: Final = "digest"
"""Kinds of messages that no rule has."""


class Line(msgspec.Struct, frozen=True):
    """One of those that a digest message names."""

    sentence: str
    title: str
    path: str


class Message(msgspec.Struct, frozen=True):
    """`kind`: a RuleKind, TEST or DIGEST. `path`: of the page that has more, on this server.

    `count`: what the rule counted; of other rules, the issue's events. `total`: how many a digest
    message stands for.
    """

    kind: str
    sentence: str
    title: str
    path: str
    at: datetime
    rule: str = ""
    culprit: str = ""
    level: str = ""
    project: str = ""
    project_slug: str = ""
    release: str = ""
    environment: str = ""
    issue_id: int | None = None
    count: int = 0
    total: int = 0
    listed: tuple[Line, ...] = ()


def packed(message: Message) -> bytes:
    """As it is stored."""
    return msgspec.json.encode(message)


def unpacked(content: bytes) -> Message:
    """What was packed."""
    return msgspec.json.decode(content, type=Message)


def plain(text: str | None) -> str:
    """One line of what a client sent: without what would break a line, a header or the order of
    reading, and no longer than people read."""
    text = (text or "").encode("utf-8", "replace").decode()
    text = "".join(" " if character in _BREAKING else character for character in text[:_LOOKED_AT])
    text = " ".join(text.split())
    return text if len(text) <= MAX_TITLE else text[: MAX_TITLE - 1] + "…"


_LOOKED_AT: Final = 4 * MAX_TITLE
_BREAKING: Final = frozenset(
    chr(code)
    for codes in (
        range(0x20),
        range(0x7F, 0xA0),
        range(0x200E, 0x2010),  # marks of direction
        range(0x2028, 0x202F),  # line ends, and overrides of direction
        range(0x2066, 0x206A),
    )
    for code in codes
)
