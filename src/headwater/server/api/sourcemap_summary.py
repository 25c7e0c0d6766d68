"""Whether a release's files would resolve: for a build to ask before, or right after, it goes live."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from headwater.artifacts.lint.misfits import Misfits
from headwater.protocol.chunks import MalformedAssemble, checked_dist, checked_version
from headwater.protocol.debug_id import DebugId, parse_debug_id
from headwater.server.answer import answer
from headwater.server.api.visible import uploads_of
from headwater.server.auth import TokenGuard
from headwater.server.body import read_body
from headwater.server.errors import MalformedRequest
from headwater.server.paths import segment
from headwater.storage.database import Database
from headwater.storage.people.tokens import Scope
from headwater.storage.projects import Projects
from headwater.storage.uploads.artifact import ReleaseName
from headwater.storage.uploads.bundle_pages import BundlePages
from headwater.storage.uploads.release_summary import summary_of
from headwater.symbolicate.rehearsal import Rehearsal, Rehearsed, RunningFile
from headwater.symbolicate.source_maps import SourceMaps
from headwater.symbolicate.surroundings import Surroundings
from headwater.symbolicate.verdicts import EXPLANATIONS

MAX_FILES: Final = 500
"""Files that are looked up for one answer: a second's work; large applications have 300 chunks."""

MAX_BODY: Final = 1024**2
"""Bytes of a request: 500 addresses of 2,000 characters."""

MAX_URL: Final = 2_000
"""Characters of a file's address: what browsers and proxies agree on."""

MAX_IDS: Final = 8
"""Debug ids of one file: one is right, and a merged file has a few."""

_SUMMARY: Final = "/api/0/projects/{org}/{project}/releases/{version}/sourcemaps/summary/"


class SourcemapSummaryDoor:
    """`{org}` may be any value, and so may `{project}` with a project's token."""

    def __init__(
        self,
        guard: TokenGuard,
        projects: Projects,
        database: Database,
        view_of: Callable[[int], tuple[SourceMaps, Surroundings]],
    ) -> None:
        """`view_of` gives what one question about a project may see."""
        self._guard = guard
        self._projects = projects
        self._database = database
        self._bundles = BundlePages(database)
        self._view_of = view_of

    def routes(self) -> list[BaseRoute]:
        """The routes of this door."""
        return [
            Route(_SUMMARY, self.show, methods=["GET"]),
            Route(_SUMMARY, self.ask, methods=["POST"]),
        ]

    def show(self, request: Request) -> Response:
        """What was uploaded for the release, and which of its minified files would not resolve."""
        project_id, release = self._asked(request)
        found = summary_of(self._database, project_id, release, MAX_FILES)
        files = [
            RunningFile(url, (debug_id,) if debug_id else ()) for url, debug_id in found.scripts
        ]
        counts = {
            "bundles": found.bundles,
            "minifiedFiles": found.minified_files,
            "sourceMaps": found.source_maps,
        }
        found_out = self._answer(project_id, release, files)
        left = max(0, found.distinct - len(files))
        return answer(found_out | counts | {"notChecked": left})

    async def ask(self, request: Request) -> Response:
        """Which of the given files, as they run, would resolve."""
        project_id, release = await run_in_threadpool(self._asked, request)
        files = _files(await read_body(request, MAX_BODY))
        return answer(await run_in_threadpool(self._answer, project_id, release, files))

    def _asked(self, request: Request) -> tuple[int, ReleaseName]:
        token = self._guard.require(request, Scope.UPLOAD)
        project_id = uploads_of(request, token, self._projects)
        try:
            version = checked_version(segment(request, "version"))
            dist = checked_dist(request.query_params.get("dist"))
        except MalformedAssemble as error:
            raise MalformedRequest(str(error)) from None
        if version is None:
            raise MalformedRequest("A release needs a version.")
        return project_id, ReleaseName(version, dist)

    def _answer(
        self, project_id: int, release: ReleaseName, files: Sequence[RunningFile]
    ) -> dict[str, Any]:
        maps, around = self._view_of(project_id)
        misfits = Misfits(self._bundles)
        rehearsed = Rehearsal(maps, around, release.version, release.dist, misfits.of).of(files)
        resolvable = sum(each.is_certain for each in rehearsed)
        return {
            "version": release.version,
            "dist": release.dist,
            "isOk": bool(rehearsed) and resolvable == len(rehearsed),
            "checked": len(rehearsed),
            "resolvable": resolvable,
            "files": [_shape(each) for each in rehearsed],
        }


def _shape(file: Rehearsed) -> dict[str, Any]:
    explanation = EXPLANATIONS[file.verdict]
    return {
        "url": file.url,
        "debugId": file.debug_id,
        "isResolvable": file.is_certain,
        "verdict": file.verdict,
        "sourceMap": file.source_map,
        "resolvedWith": file.resolved_with,
        "cause": explanation.cause,
        "remedy": explanation.remedy,
        "near": file.near,
        "detail": file.detail,
    }


class _File(msgspec.Struct, rename="camel"):
    url: str
    debug_ids: list[str] = []
    code_digest: str | None = None


class _Asked(msgspec.Struct):
    files: list[_File]


def _files(body: bytes) -> list[RunningFile]:
    try:
        asked = msgspec.json.decode(body, type=_Asked)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise MalformedRequest(
            f'Expected {{"files": [{{"url": "…", "debugIds": ["…"]}}]}}: {error}'
        ) from None
    if len(asked.files) > MAX_FILES:
        raise MalformedRequest(
            f"{len(asked.files)} files are more than the {MAX_FILES} of one question; ask in parts."
        )
    return [_file(each) for each in asked.files]


def _file(file: _File) -> RunningFile:
    if len(file.url) > MAX_URL or len(file.debug_ids) > MAX_IDS:
        raise MalformedRequest(
            f"A file has an address of at most {MAX_URL} characters and at most {MAX_IDS} debug ids."
        )
    ids = tuple(_debug_id(each) for each in file.debug_ids)
    return RunningFile(file.url, ids, file.code_digest)


def _debug_id(text: str) -> DebugId:
    debug_id = parse_debug_id(text)
    if debug_id is None:
        raise MalformedRequest(f"{text[:60]!r} is no debug id.")
    return debug_id
