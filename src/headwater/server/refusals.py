"""Sees which uploads are refused, whichever door does it, and has them kept and logged.

Build plugins let a build succeed whose upload was refused, and print little more than a status.
"""

import re
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

import msgspec
import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from headwater.protocol.chunks import AssembleState
from headwater.server.auth import MissingToken, caller_of, secret_of
from headwater.server.errors import FAULT
from headwater.server.paths import sent_path
from headwater.storage.people.tokens import beginning
from headwater.storage.uploads.refusals import Refusal, Refusals

MAX_ANSWER: Final = 64 * 1024
"""Bytes of an answer that are looked at. Longer ones list missing chunks, and refuse nothing."""

SHORTEST_SECRET: Final = 16
"""Characters. A token that was also pasted elsewhere is hidden there, unless it is so short that it
might as well be a word."""

_UPLOAD: Final = re.compile(
    r"/api/0/(?:organizations/[^/]+|projects/[^/]+/[^/]+)"
    r"/(chunk-upload|artifactbundle|releases|files)/"
)
_READS: Final = ("GET", "HEAD", "OPTIONS")


class _Told(msgspec.Struct):
    """What clients read of an answer."""

    state: str = ""
    detail: str | None = None


class UploadRefusals:
    """ASGI middleware, to be put inside of `ApiPaths`."""

    def __init__(self, app: ASGIApp, refusals: Refusals) -> None:
        self._app = app
        self._refusals = refusals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; look at the answers to uploads."""
        if scope["type"] != "http" or not _is_upload(scope["method"], scope["path"]):
            await self._app(scope, receive, send)
            return
        request, answer = Request(scope), _Answer(send)
        scope.setdefault("state", {})  # where the guard leaves word of who is asking
        try:
            await self._app(scope, receive, answer.send)
        except Exception:  # passed on: the handler of faults stands outside of all middleware
            self._note(request, FAULT)
            raise
        refused = answer.refused()
        if refused is not None and not _is_fine(request.method, refused[0]):
            self._note(request, refused)

    def _note(self, request: Request, refused: tuple[int, str]) -> None:
        refusal = _refusal(request, *refused)
        if self._refusals.add(refusal, datetime.now(UTC)):
            structlog.get_logger().warning(
                "upload refused",
                status=refusal.status,
                sentence=refusal.sentence,
                token_prefix=refusal.token_prefix,
                token_name=refusal.token_name,
                project=refusal.project_id,
                method=refusal.method,
                path=refusal.path,
                user_agent=refusal.user_agent,
            )


class _Answer:
    """Sends an answer on, and remembers how it begins."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._status = 0
        self._body = bytearray()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
        elif len(self._body) <= MAX_ANSWER:
            self._body += message.get("body", b"")[: MAX_ANSWER + 1]
        await self._send(message)

    def refused(self) -> tuple[int, str] | None:
        """The status and the sentence, if this refuses what was asked for."""
        told = self._told()
        if self._status >= HTTPStatus.BAD_REQUEST:
            return self._status, told.detail or HTTPStatus(self._status).phrase
        if told.state == AssembleState.ERROR:
            return self._status, told.detail or ""
        return None

    def _told(self) -> _Told:
        try:
            return msgspec.json.decode(self._body, type=_Told)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return _Told()


def _is_upload(method: str, path: str) -> bool:
    found = _UPLOAD.match(path)
    # The question of how to upload is a client's first, and the one that a wrong token fails at.
    return found is not None and (method not in _READS or found[1] == "chunk-upload")


def _is_fine(method: str, status: int) -> bool:
    # A file that is there already needs no upload; what is not there needs no deletion.
    return status == HTTPStatus.CONFLICT or (method == "DELETE" and status == HTTPStatus.NOT_FOUND)


def _refusal(request: Request, status: int, sentence: str) -> Refusal:
    try:
        secret = secret_of(request)
    except MissingToken:
        secret = ""
    shown, caller = beginning(secret), caller_of(request)

    def without_secret(text: str) -> str:
        return text.replace(secret, f"{shown}…") if len(secret) >= SHORTEST_SECRET else text

    return Refusal(
        status=status,
        sentence=without_secret(sentence),
        token_prefix=shown,
        token_name=caller.name,
        project_id=caller.home,
        method=request.method,
        path=without_secret(sent_path(request)),
        user_agent=without_secret(request.headers.get("user-agent", "")),
    )
