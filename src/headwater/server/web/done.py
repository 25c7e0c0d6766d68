"""What a form did, said on the page that it leads back to; and how to undo it."""

import re
from collections.abc import Collection
from enum import StrEnum
from typing import Final, Self

from msgspec import Struct
from starlette.responses import Response

from headwater.server.web.visit import Visit

COOKIE: Final = "headwater_done"

MAX_UNDONE: Final = 200
"""Issues that are undone at once: their numbers are in a cookie, which has room for some 4,000
characters."""

SECONDS: Final = 60
"""A page that comes later than this says nothing of it."""

_WRITTEN: Final = re.compile(r"([a-z]{1,16})\.(\d{1,9})\.(\d{1,15}(?:-\d{1,15}){0,199})?", re.ASCII)


class Deed(StrEnum):
    """What was done."""

    RESOLVED = "resolved"
    MUTED = "muted"
    REOPENED = "reopened"
    ASSIGNED = "assigned"
    MERGED = "merged"
    DELETED = "deleted"
    BUNDLE = "bundle"
    COMMENT = "comment"
    PROJECT = "project"
    NOTHING = "nothing"
    """No issue was chosen."""


class Done(Struct, frozen=True):
    """To how many, and which `issues` are unresolved again if it is undone: none, if it can't be. Of a
    merge, it is the one that they became."""

    deed: Deed
    count: int = 1
    issues: tuple[int, ...] = ()

    @classmethod
    def of(cls, visit: Visit) -> Self | None:
        """As the visitor's browser was told; it may have been told anything."""
        written = _WRITTEN.fullmatch(visit.request.cookies.get(COOKIE, ""))
        if written is None or written[1] not in tuple(Deed):
            return None
        issues = tuple(map(int, written[3].split("-"))) if written[3] else ()
        done = cls(Deed(written[1]), int(written[2]), issues)
        return None if done.deed is Deed.MERGED and not issues else done

    @classmethod
    def to(cls, deed: Deed, issues: Collection[int], *, can_undo: bool = False) -> Self:
        """To these issues."""
        is_undone = can_undo and len(issues) <= MAX_UNDONE
        return cls(deed, len(issues), tuple(sorted(issues)) if is_undone else ())

    def keep(self, response: Response, visit: Visit) -> None:
        """Until the next page says it."""
        response.set_cookie(
            COOKIE,
            f"{self.deed}.{self.count}.{'-'.join(map(str, self.issues))}",
            max_age=SECONDS,
            httponly=True,
            samesite="lax",
            secure=visit.is_secure,
        )


def forget_done(response: Response, visit: Visit) -> None:
    """It has been said."""
    response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=visit.is_secure)
