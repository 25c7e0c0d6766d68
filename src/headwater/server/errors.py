"""From what went wrong to a status and a sentence, in one table."""

import errno
import traceback
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import structlog
from sqlalchemy.exc import DatabaseError, DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from headwater.server.answer import answer
from headwater.server.auth import NotOfAdmin, OfOneProject, ScopeTooSmall
from headwater.storage.database import is_cut_off, is_hindered
from headwater.storage.files.unreachable import StorageUnreachable
from headwater.storage.issues.merges import CannotMerge
from headwater.storage.people.tokens import TokenRefused
from headwater.storage.uploads.unnamed import BlobsMissing

RETRY_SECONDS: Final = 2
"""What an overloaded server asks for; clients that retry an upload do so after 1 to 5 seconds."""

_HEADERS: Final[Mapping[int, Mapping[str, str]]] = {
    401: {"WWW-Authenticate": "Bearer"},
    503: {"Retry-After": str(RETRY_SECONDS)},
}

FAULT: Final = (500, "Something went wrong in the server; its log says what.")
"""What a client is told of a mistake in this program."""

_FULL: Final = (507, "The server's disk is full; nothing of this request was kept.")
_DENIED: Final = (
    500,
    "The server may not write to its storage: is SOURCEMAP_STORAGE_PATH a folder of its user?",
)
_STORAGE: Final[Mapping[int, tuple[int, str]]] = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EACCES: _DENIED,
    errno.EPERM: _DENIED,
    errno.EROFS: _DENIED,
}
"""What the operating system says when it can't store, and what the client is told."""

_BUSY: Final = (503, "The server's database is busy; please try again.")
_CUT_OFF: Final = (503, "The server can't reach its database; please try again.")
_HINDERED: Final = (503, "The server can't use its database at the moment; please try again.")
_NO_RIGHTS: Final = (
    503,
    "The server may not use some of its tables: do they belong to the user that DATABASE_URL names?",
)
_READ_ONLY: Final = (
    503,
    (
        "The server may not write to its database: do HEADWATER_DATA_DIR and the files in it belong to"
        " its user, on a volume that can be written?"
    ),
)
_DATABASE: Final[Mapping[str, tuple[int, str]]] = {
    "locked": _BUSY,
    "deadlock detected": _BUSY,
    "disk is full": _FULL,
    "No space left on device": _FULL,
    "readonly database": _READ_ONLY,
    "unable to open database file": _READ_ONLY,
    "read-only transaction": _READ_ONLY,
    "permission denied": _NO_RIGHTS,
}
"""What SQLite and PostgreSQL say, and what the client is told."""


class MalformedRequest(Exception):
    """The request can't be read; the message says what was expected and what was there."""


class NothingThere(Exception):
    """What the request is about does not exist, or not for this token."""


class NotAllowed(Exception):
    """Whoever asks is known, and may not."""


class AlreadyThere(Exception):
    """What the request wants to create exists."""


class BodyTooLarge(Exception):
    """The request has more bytes than the server reads; the message names the limit."""


class TooSlow(Exception):
    """The client stopped sending in the middle of a request."""


class Overloaded(Exception):
    """The server has as much to do as it can at a time; the client should try again."""


STATUS: Final[Mapping[type[Exception], int]] = {
    MalformedRequest: 400,
    CannotMerge: 400,
    TokenRefused: 401,
    ScopeTooSmall: 403,
    NotAllowed: 403,
    NotOfAdmin: 403,
    OfOneProject: 403,
    NothingThere: 404,
    TooSlow: 408,
    AlreadyThere: 409,
    BodyTooLarge: 413,
    # Never 429: no version of sentry-cli retries that, all of them retry 503.
    Overloaded: 503,
    # Somebody deleted the very same bytes in this moment: only the client can send them again.
    BlobsMissing: 503,
    # A bucket or a volume that does not answer: clients try again, and so does whoever reads it.
    StorageUnreachable: 503,
}
"""Every exception that is an answer rather than a fault."""

Handler = Callable[[Request, Exception], Awaitable[Response]]


async def _known(request: Request, error: Exception) -> Response:
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    return _sentence(request, status, str(error), _extra_headers(status))


async def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return _sentence(request, error.status_code, error.detail, error.headers)


async def _storage(request: Request, error: Exception) -> Response:
    number = error.errno if isinstance(error, OSError) else None
    if number is None or number not in _STORAGE:
        return await _fault(request, error)
    status, sentence = _STORAGE[number]
    structlog.get_logger().error("storage failed", path=request.url.path, error=str(error))
    return _sentence(request, status, sentence, None)


async def _database(request: Request, error: Exception) -> Response:
    said = str(getattr(error, "orig", None) or error)
    known = next((answered for mark, answered in _DATABASE.items() if mark in said), None)
    if known is None:
        known = _of_surroundings(error)
    if known is None:
        return await _fault(request, error)
    if known is not _BUSY:
        structlog.get_logger().error("database failed", path=request.url.path, error=said)
    status, sentence = known
    return _sentence(request, status, sentence, _extra_headers(status))


def _of_surroundings(error: Exception) -> tuple[int, str] | None:
    if isinstance(error, NoConnectionFree):
        return _BUSY
    if not isinstance(error, DatabaseError):
        return None
    if is_cut_off(error):
        return _CUT_OFF
    return _HINDERED if is_hindered(error) else None


async def _fault(request: Request, error: Exception) -> Response:
    structlog.get_logger().error(
        "request failed",
        method=request.method,
        path=request.url.path,
        # In words, not as `exc_info`: that is shown with the values of variables, secret ones too.
        exception="".join(traceback.format_exception(error)),
    )
    return _sentence(request, *FAULT, None)


class Faults:
    """ASGI middleware, the outermost: a mistake in this program is logged once, and answered.

    Starlette's own handler of all exceptions answers and raises it again, so that the server
    writes a second traceback and cuts the connection that the client has its next request on.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on. What fails in the middle of an answer can only be cut off."""
        has_begun = False

        async def watched(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            if scope["type"] != "http" or has_begun:
                raise
            answered = await _fault(Request(scope), error)
            await answered(scope, receive, send)


def _extra_headers(status: int) -> Mapping[str, str]:
    return _HEADERS.get(status, {})


def _sentence(
    request: Request, status: int, sentence: str, headers: Mapping[str, str] | None
) -> Response:
    if request.url.path.startswith("/api/"):
        # `detail` as plain text in JSON: it is what sentry-cli shows to the user.
        return answer({"detail": sentence}, status, headers)
    return PlainTextResponse(sentence + "\n", status, headers)


EXCEPTION_HANDLERS: Final[Mapping[Any, Handler]] = {
    **dict.fromkeys(STATUS, _known),
    HTTPException: _http,
    OSError: _storage,
    DBAPIError: _database,
    NoConnectionFree: _database,
}
"""For Starlette's `exception_handlers`, inside of `Faults`. Pages may bring their own for HTTPException."""
