"""Files of a release one by one, and the list of everything uploaded: what older clients call."""

from datetime import UTC, datetime
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from headwater.artifacts.single_files import FileExists, SingleFiles
from headwater.protocol.chunks import MalformedAssemble, checked_dist, checked_version, parse_sha1
from headwater.server.answer import answer
from headwater.server.api.page import Page
from headwater.server.auth import TokenGuard
from headwater.server.body import pieces
from headwater.server.errors import AlreadyThere, MalformedRequest, NothingThere
from headwater.server.file_parts import FileParts
from headwater.server.multipart import Multipart
from headwater.server.paths import segment
from headwater.storage.people.tokens import Scope, Token
from headwater.storage.uploads.artifact import ReleaseName
from headwater.storage.uploads.former_files import Removal
from headwater.storage.uploads.release_files import ReleaseFile, ReleaseFiles

MAX_CHECKSUMS: Final = 1_000
"""Checksums in one question; sentry-cli asks about a few dozen files at a time."""

ROOM: Final = 1024**2
"""Bytes of a request beside its file: fields, and what multipart adds."""

_FILES: Final = (
    "/api/0/organizations/{org}/releases/{version}/files/",
    "/api/0/projects/{org}/{project}/releases/{version}/files/",
)
_ARCHIVES: Final = "/api/0/projects/{org}/{project}/files/source-maps/"


class ReleaseFilesDoor:
    """`{org}` and `{project}` may be any value: the token decides whose a file is."""

    def __init__(
        self, guard: TokenGuard, release_files: ReleaseFiles, files: SingleFiles, max_file: int
    ) -> None:
        """`max_file` in bytes."""
        self._guard = guard
        self._release_files = release_files
        self._files = files
        self._max_file = max_file

    def routes(self) -> list[BaseRoute]:
        """For the app."""
        routes: list[BaseRoute] = []
        for path in _FILES:
            routes += [
                Route(path, self.index, methods=["GET"]),
                Route(path, self.upload, methods=["POST"]),
                Route(path + "{file}/", self.show, methods=["GET"]),
                Route(path + "{file}/", self.delete, methods=["DELETE"]),
            ]
        return [
            *routes,
            Route(_ARCHIVES, self.index_archives, methods=["GET"]),
            Route(_ARCHIVES, self.delete_archive, methods=["DELETE"]),
        ]

    def index(self, request: Request) -> Response:
        """Files that were uploaded one by one. Files inside of bundles are never listed.

        A client leaves out of its bundle what is listed here, and what is left out is not found by
        debug id.
        """
        token = self._guard.require(request, Scope.UPLOAD)
        page = Page.of(request)
        asked = request.query_params.getlist("checksum")[:MAX_CHECKSUMS]
        checksums = {sha1 for sha1 in map(parse_sha1, asked) if sha1 is not None}
        if asked and not checksums:
            return answer([], headers=page.headers(request, 0))
        found = self._release_files.page(
            token.project_id, segment(request, "version"), checksums, page.offset, page.probe
        )
        shapes = [_shape(file) for file in found[: page.size]]
        return answer(shapes, headers=page.headers(request, len(found)))

    async def upload(self, request: Request) -> Response:
        """One file, with its address, dist and headers."""
        token = await run_in_threadpool(self._guard.require, request, Scope.UPLOAD)
        parts = FileParts(self._files, self._max_file)
        body = Multipart(request.headers.get("content-type", ""), parts)
        try:
            async for piece in pieces(request, self._max_file + ROOM):
                await run_in_threadpool(body.feed, piece)
            body.finish()
        finally:
            parts.close()
        return await run_in_threadpool(self._store, request, token, parts)

    def show(self, request: Request) -> Response:
        """One file's description."""
        token = self._guard.require(request, Scope.UPLOAD)
        return answer(_shape(self._file(request, token)))

    def delete(self, request: Request) -> Response:
        """Forget one file, so that another can take its name."""
        token = self._guard.require(request, Scope.UPLOAD)
        self._files.forget(self._file(request, token).file.bundle, _removal(token))
        return Response(status_code=204)

    def index_archives(self, request: Request) -> Response:
        """Everything uploaded, newest first."""
        token = self._guard.require(request, Scope.UPLOAD)
        page = Page.of(request)
        query = request.query_params.get("query", "")
        found = self._release_files.bundles(token.project_id, query, page.offset, page.probe)
        archives = [
            {
                "id": str(bundle.id),
                "type": "release",
                "name": bundle.name,
                "date": bundle.uploaded_at,
                "fileCount": bundle.files,
            }
            for bundle in found[: page.size]
        ]
        return answer(archives, headers=page.headers(request, len(found)))

    def delete_archive(self, request: Request) -> Response:
        """Forget everything of one release, or one bundle."""
        token = self._guard.require(request, Scope.FULL)
        name = request.query_params.get("name", "")
        if not name:
            raise MalformedRequest("Say what to delete: ?name=… is a release's version.")
        self._files.forget_release(token.project_id, name, _removal(token))
        return Response(status_code=204)

    def _store(self, request: Request, token: Token, parts: FileParts) -> Response:
        try:
            version = checked_version(segment(request, "version"))
            dist = checked_dist(parts.field("dist"))
        except MalformedAssemble as error:
            raise MalformedRequest(str(error)) from None
        if version is None:
            raise MalformedRequest("A release needs a version.")
        try:
            stored = self._files.store(
                token.project_id,
                token.id,
                ReleaseName(version, dist),
                parts.file(),
                datetime.now(UTC),
            )
        except FileExists as error:
            raise AlreadyThere(str(error)) from None
        return answer(_shape(ReleaseFile(stored, dist)), 201)

    def _file(self, request: Request, token: Token) -> ReleaseFile:
        number = request.path_params["file"]
        version = segment(request, "version")
        found = None
        if number.isascii() and number.isdecimal() and len(number) < 19:  # noqa: PLR2004 — 64 bits
            found = self._release_files.get(token.project_id, version, int(number))
        if found is None:
            raise NothingThere(f"The release {version!r} has no file with the id {number}.")
        return found


def _removal(token: Token) -> Removal:
    return Removal(datetime.now(UTC), f"the token {token.name} ({token.prefix}…)")


def _shape(release_file: ReleaseFile) -> dict[str, Any]:
    file = release_file.file
    headers = {"Sourcemap": file.source_map_reference, "debug-id": file.debug_id}
    return {
        "id": str(file.id),
        "name": file.url,
        "dist": release_file.dist,
        "headers": {name: value for name, value in headers.items() if value is not None},
        "size": file.size,
        "sha1": file.sha1,
        "dateCreated": file.uploaded_at,
    }
