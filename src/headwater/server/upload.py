"""The door that build tools bring source maps through."""

from collections import Counter
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

import msgspec
from msgspec import Struct
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from headwater.artifacts.assemble import Assembler
from headwater.artifacts.upload import UploadedChunks
from headwater.protocol.chunks import (
    MAX_VERSION,
    AssembleAnswer,
    AssembleRequest,
    ChunkUploadOptions,
    MalformedAssemble,
    checked_version,
    parse_assemble,
)
from headwater.server.answer import answer
from headwater.server.assemblies import Assemblies
from headwater.server.auth import TokenGuard
from headwater.server.body import pieces, read_body
from headwater.server.chunk_parts import MAX_CHUNK, ChunkParts
from headwater.server.errors import MalformedRequest, Overloaded
from headwater.server.multipart import Multipart
from headwater.server.origin import Origins
from headwater.server.paths import segment
from headwater.storage.people.tokens import Scope, Token

MAX_UPLOADS: Final = 64
"""Chunk requests at a time: eight builds with the eight that each may have under way."""

MAX_UPLOADS_OF_TOKEN: Final = 16
"""Of these: two builds at once. Clients that are told to come again do so."""

UPLOAD_SECONDS: Final = 300
"""For a whole request: eight at once of 512 KiB take 35 seconds at 1 Mbit/s, and one of the largest
that is accepted takes 280."""

MAX_CHUNK_REQUEST: Final = 33 * 1024**2
"""Bytes of a request: the 32 MiB that Sentry itself offers, and what multipart and gzip add to it."""

MAX_ASSEMBLE: Final = 4 * 1024**2
"""Bytes of a request to assemble: 90,000 names of chunks."""

_PATIENT: Final = "sentry-cli/"
"""Begins the User-Agent of clients that wait for an answer as long as it takes."""


_OPTIONS: Final = "/api/0/organizations/{org}/chunk-upload/"
_ASSEMBLE: Final = "/api/0/organizations/{org}/artifactbundle/assemble/"
_RELEASE_ASSEMBLE: Final = "/api/0/organizations/{org}/releases/{version}/assemble/"


class UploadLimits(Struct, frozen=True):
    """What clients are told, all in bytes: a chunk, the chunks of one request, a bundle."""

    chunk: int
    request: int
    bundle: int


class UploadDoor:
    """Chunk upload and assembly. `{org}` may be any value: the token decides whose an upload is."""

    def __init__(
        self,
        guard: TokenGuard,
        uploads: UploadedChunks,
        assembler: Assembler,
        origins: Origins,
        limits: UploadLimits,
    ) -> None:
        self._guard = guard
        self._uploads = uploads
        self._assembler = assembler
        self._origins = origins
        self._limits = limits
        self._assemblies = Assemblies()
        self._receiving: Counter[int] = Counter()

    def routes(self) -> list[BaseRoute]:
        """For the app."""
        return [
            Route(_OPTIONS, self.options, methods=["GET"]),
            Route(_OPTIONS, self.receive, methods=["POST"]),
            Route(_ASSEMBLE, self.assemble, methods=["POST"]),
            Route(_RELEASE_ASSEMBLE, self.assemble, methods=["POST"]),
        ]

    def close(self) -> None:
        """Start no more assemblies."""
        self._assemblies.close()

    def options(self, request: Request) -> Response:
        """How chunks are to be cut and sent."""
        self._guard.require(request, Scope.UPLOAD)
        org = quote(segment(request, "org"), safe="")
        return answer(
            ChunkUploadOptions(
                url=f"{self._origins.of(request)}/api/0/organizations/{org}/chunk-upload/",
                chunk_size=self._limits.chunk,
                max_request_size=self._limits.request,
                max_file_size=self._limits.bundle,
            )
        )

    async def receive(self, request: Request) -> Response:
        """Take chunks in. Those of a request that fails later are not kept."""
        token = await run_in_threadpool(self._guard.require, request, Scope.UPLOAD)
        if self._receiving.total() >= MAX_UPLOADS:
            raise Overloaded(
                f"{MAX_UPLOADS} uploads are coming in already; please try again in a moment."
            )
        if self._receiving[token.id] >= MAX_UPLOADS_OF_TOKEN:
            raise Overloaded(
                f"{MAX_UPLOADS_OF_TOKEN} uploads with this token are coming in already;"
                " please try again in a moment."
            )
        self._receiving[token.id] += 1
        try:
            await self._receive(request, token)
        finally:
            self._receiving[token.id] -= 1
            self._receiving += Counter()  # forgets tokens that have none
        return Response(media_type="application/json")

    async def assemble(self, request: Request) -> Response:
        """Say which chunks are missing, or what became of the bundle."""
        token = await run_in_threadpool(self._guard.require, request, Scope.UPLOAD)
        wanted = _parsed(request, await read_body(request, MAX_ASSEMBLE))

        def work() -> AssembleAnswer:
            now = datetime.now(UTC)
            return self._assembler.assemble(token.project_id, token.id, wanted, now)

        def is_true() -> bool:
            return self._assembler.has(token.project_id, wanted)

        is_patient = request.headers.get("user-agent", "").startswith(_PATIENT)
        key = (token.project_id, wanted)
        return answer(await self._assemblies.result(key, work, is_true, is_patient=is_patient))

    async def _receive(self, request: Request, token: Token) -> None:
        parts = ChunkParts(self._uploads, max(self._limits.chunk, MAX_CHUNK))
        body = Multipart(request.headers.get("content-type", ""), parts)
        limit = max(2 * self._limits.request, MAX_CHUNK_REQUEST)
        try:
            async for piece in pieces(request, limit, UPLOAD_SECONDS):
                await run_in_threadpool(body.feed, piece)
            body.finish()
        finally:
            parts.close()
        await run_in_threadpool(
            self._uploads.keep, token.project_id, parts.received, datetime.now(UTC)
        )


def _parsed(request: Request, body: bytes) -> AssembleRequest:
    try:
        wanted = parse_assemble(body)
        if "version" not in request.path_params:
            return wanted
        given = segment(request, "version")
        version = checked_version(given)
        return msgspec.structs.replace(wanted, version=version, given_version=given[:MAX_VERSION])
    except MalformedAssemble as error:
        raise MalformedRequest(str(error)) from None
