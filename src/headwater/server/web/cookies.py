"""The cookies that say who is visiting."""

from typing import Final

from starlette.responses import Response

from headwater.server.web.visit import Visit
from headwater.storage.people.sessions import LIFETIME, PENDING_LIFETIME

COOKIE: Final = "headwater_session"

PENDING_COOKIE: Final = "headwater_sign_in"
"""Between the password and the second factor."""

_SIGN_IN: Final = "/sign-in"


def keep_session(response: Response, visit: Visit, secret: str) -> None:
    """Sign the browser in."""
    response.set_cookie(
        COOKIE,
        secret,
        max_age=int(LIFETIME.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=visit.is_secure,
    )


def forget_session(response: Response, visit: Visit) -> None:
    """Sign the browser out."""
    response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=visit.is_secure)


def keep_pending(response: Response, visit: Visit, secret: str) -> None:
    """Remember that the password was right; only the sign-in pages are told."""
    response.set_cookie(
        PENDING_COOKIE,
        secret,
        max_age=int(PENDING_LIFETIME.total_seconds()),
        path=_SIGN_IN,
        httponly=True,
        samesite="lax",
        secure=visit.is_secure,
    )


def forget_pending(response: Response, visit: Visit) -> None:
    """It has served."""
    response.delete_cookie(
        PENDING_COOKIE, path=_SIGN_IN, httponly=True, samesite="lax", secure=visit.is_secure
    )
