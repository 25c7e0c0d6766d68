"""What a remedy's lines are filled in with: this server, this project, this release."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from headwater.symbolicate.addresses import fit, with_tilde, without_query
from headwater.symbolicate.near_misses import NearMiss

_UNKNOWN: Final = "\ufffd"
_ON_DISK: Final = re.compile(r"(file://|[A-Za-z]:)?[\\/]")
_OUTPUT: Final = ("dist", "build", "out")
"""Folders that are usual for what a build makes."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where uploads go, and what the event says. Everything comes from others: it is quoted."""

    address: str = "https://errors.example.com"
    project: str = "any"
    release: str | None = None
    dist: str | None = None
    prefix: str = "~/"
    """What an upload of the folder is named with: `~/assets`."""
    held: str = ""
    """The frame's file within the folder that is uploaded: with the prefix it is its address."""
    token: str = field(default="", repr=False)
    """What to write out; empty: read from SENTRY_AUTH_TOKEN, which is where it belongs."""

    def with_event(
        self, release: str | None, dist: str | None, path: str, near: Sequence[NearMiss] = ()
    ) -> "Place":
        """The same server and project, for what one event says of the file at `path`.

        `near`: what was uploaded instead of it.
        """
        prefix, held = prefix_of(path, near)
        return replace(self, release=release, dist=dist, prefix=prefix, held=held)

    @property
    def version(self) -> str:
        """The event's release in quotes, or what to put there."""
        return "process.env.RELEASE" if self.release is None else quoted(self.release)

    @property
    def naming(self) -> str:
        """`release: {…}` of a plugin's options."""
        dist = "" if self.dist is None else f", dist: {quoted(self.dist)}"
        return f"name: {self.version}{dist}"


def prefix_of(path: str, near: Sequence[NearMiss] = ()) -> tuple[str, str]:
    """A frame's address in two: what to name an upload with, and the file within its folder.

    Where an upload missed the address, the folder is taken to hold what both end with: `~/assets`
    and `app.js` for `/assets/app.js`, if `~/app.js` was uploaded. Else it is what a site serves.
    """
    parts = with_tilde(without_query(path)).removeprefix("~/").split("/")
    common = (fit(each.url, path) for each in near if each.url)
    count = next((each for each in common if each), 0) or _usual(path, parts)
    return "~/" + "/".join(parts[:-count]), "/".join(parts[-count:])


def _usual(path: str, parts: Sequence[str]) -> int:
    """How many last parts of an address are within the folder that is uploaded."""
    if not _ON_DISK.match(path):
        return len(parts)
    after = (count for count, each in enumerate(reversed(parts)) if count and each in _OUTPUT)
    return next(after, 1)


def quoted(text: str) -> str:
    """A string in JavaScript and in Python: nothing gets out of it."""
    safe = text.replace("\\", "\\\\").replace("'", "\\'")
    return "'" + _printable(safe) + "'"


def in_shell(text: str) -> str:
    """A word in a shell: nothing gets out of it."""
    return "'" + _printable(text).replace("'", "'\\''") + "'"


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else _UNKNOWN for each in text)
