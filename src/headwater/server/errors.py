"""From what went wrong to a status and a sentence, in one table."""

import errno
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import structlog
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from headwater.server.answer import answer
from headwater.server.auth import ScopeTooSmall
from headwater.storage.tokens import TokenRefused

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


class MalformedRequest(Exception):
    """The request can't be read; the message says what was expected and what was there."""


class NothingThere(Exception):
    """What the request is about does not exist, or not for this token."""


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
    TokenRefused: 401,
    ScopeTooSmall: 403,
    NothingThere: 404,
    TooSlow: 408,
    AlreadyThere: 409,
    BodyTooLarge: 413,
    # Never 429: no version of sentry-cli retries that, all of them retry 503.
    Overloaded: 503,
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
        raise error
    status, sentence = _STORAGE[number]
    structlog.get_logger().error("storage failed", path=request.url.path, error=str(error))
    return _sentence(request, status, sentence, None)


async def _database(request: Request, error: Exception) -> Response:
    if "locked" not in str(error):
        raise error
    return _sentence(
        request, 503, "The server's database is busy; please try again.", _extra_headers(503)
    )


async def _fault(request: Request, error: Exception) -> Response:
    structlog.get_logger().error(
        "request failed", method=request.method, path=request.url.path, error=repr(error)
    )
    return _sentence(request, *FAULT, None)


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
    OperationalError: _database,
    Exception: _fault,
}
"""For Starlette's `exception_handlers`. Pages may bring their own for HTTPException."""
