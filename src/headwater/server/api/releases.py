"""Releases, as clients announce them: below an organization or a project, which is the same here."""

from datetime import UTC, datetime
from typing import Any, Final

from msgspec.structs import asdict
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from headwater.protocol.release_json import (
    MalformedRelease,
    ReleaseChanges,
    parse_deploy,
    parse_release,
)
from headwater.server.answer import answer
from headwater.server.api.page import Page
from headwater.server.api.shapes import DeployShape, ReleaseShape
from headwater.server.auth import TokenGuard
from headwater.server.body import read_body
from headwater.server.errors import MalformedRequest, NothingThere
from headwater.server.paths import segment
from headwater.storage.people.tokens import Scope, Token
from headwater.storage.projects import Project, Projects
from headwater.storage.uploads.deploys import Deploy, Deploys
from headwater.storage.uploads.releases import Release, Releases

MAX_BODY: Final = 2 * 1024**2
"""Bytes of a request: the commits of a release, of which 1 MiB is kept, with room around them."""

_HOMES: Final = (
    "/api/0/organizations/{org}/releases/",
    "/api/0/projects/{org}/{project}/releases/",
)


class ReleasesDoor:
    """`{org}` and `{project}` may be any value: the token decides whose a release is."""

    def __init__(
        self, guard: TokenGuard, releases: Releases, deploys: Deploys, projects: Projects
    ) -> None:
        self._guard = guard
        self._releases = releases
        self._deploys = deploys
        self._projects = projects

    def routes(self) -> list[BaseRoute]:
        """For the app."""
        return [route for home in _HOMES for route in self._routes_below(home)]

    def _routes_below(self, home: str) -> list[BaseRoute]:
        one = home + "{version}/"
        return [
            Route(home, self.index, methods=["GET"]),
            Route(home, self.create, methods=["POST"]),
            Route(one, self.show, methods=["GET"]),
            Route(one, self.change, methods=["PUT"]),
            Route(one, self.delete, methods=["DELETE"]),
            Route(one + "previous-with-commits/", self.previous, methods=["GET"]),
            Route(one + "deploys/", self.list_deploys, methods=["GET"]),
            Route(one + "deploys/", self.deploy, methods=["POST"]),
        ]

    def index(self, request: Request) -> Response:
        """Newest first, a page at a time."""
        token = self._guard.require(request, Scope.UPLOAD)
        page = Page.of(request)
        query = request.query_params.get("query", "")
        found = self._releases.page(token.project_id, query, page.offset, page.probe)
        shapes = [self._shape(request, token, release) for release in found[: page.size]]
        return answer(shapes, headers=page.headers(request, len(found)))

    async def create(self, request: Request) -> Response:
        """201 for a new one, 208 for one that is there; both are fine for every client."""
        token = await run_in_threadpool(self._guard.require, request, Scope.UPLOAD)
        changes = _readable(await read_body(request, MAX_BODY))
        if changes.version is None:
            raise MalformedRequest("A release needs a version.")
        return await run_in_threadpool(self._create, request, token, changes, changes.version)

    def show(self, request: Request) -> Response:
        """One release."""
        token = self._guard.require(request, Scope.UPLOAD)
        return answer(self._shape(request, token, self._release(request, token)))

    async def change(self, request: Request) -> Response:
        """Finalize it, or set its commits."""
        token = await run_in_threadpool(self._guard.require, request, Scope.UPLOAD)
        changes = _readable(await read_body(request, MAX_BODY))
        return await run_in_threadpool(self._change, request, token, changes)

    def delete(self, request: Request) -> Response:
        """Forget it; uploaded files stay."""
        token = self._guard.require(request, Scope.FULL)
        self._releases.delete(self._release(request, token).id)
        return Response(status_code=204)

    def previous(self, request: Request) -> Response:
        """The release that a new one's commits are counted from; `{}` if there is none."""
        token = self._guard.require(request, Scope.UPLOAD)
        release = self._releases.get(token.project_id, segment(request, "version"))
        before = None if release is None else self._releases.before(release)
        return answer({} if before is None else self._shape(request, token, before))

    def list_deploys(self, request: Request) -> Response:
        """Where the release went live, newest first."""
        token = self._guard.require(request, Scope.UPLOAD)
        release = self._release(request, token)
        return answer([DeployShape.of(each) for each in self._deploys.of_release(release.id)])

    async def deploy(self, request: Request) -> Response:
        """It went live somewhere."""
        token = await run_in_threadpool(self._guard.require, request, Scope.UPLOAD)
        body = await read_body(request, MAX_BODY)
        return await run_in_threadpool(self._deploy, request, token, body)

    def _create(
        self, request: Request, token: Token, changes: ReleaseChanges, version: str
    ) -> Response:
        release, is_new = self._releases.create(token.project_id, version, datetime.now(UTC))
        release = self._releases.change(release.id, _columns(changes))
        return answer(self._shape(request, token, release), 201 if is_new else 208)

    def _change(self, request: Request, token: Token, changes: ReleaseChanges) -> Response:
        release = self._release(request, token)
        changed = self._releases.change(release.id, _columns(changes))
        return answer(self._shape(request, token, changed))

    def _deploy(self, request: Request, token: Token, body: bytes) -> Response:
        release = self._release(request, token)
        try:
            new = parse_deploy(body)
        except MalformedRelease as error:
            raise MalformedRequest(str(error)) from None
        finished = new.finished_at or datetime.now(UTC)
        deploy = Deploy(0, new.environment, new.name, new.url, new.started_at, finished)
        return answer(DeployShape.of(self._deploys.add(release.id, deploy)), 201)

    def _release(self, request: Request, token: Token) -> Release:
        version = segment(request, "version")
        release = self._releases.get(token.project_id, version)
        if release is None:
            raise NothingThere(
                f"There is no release {version!r} here. Create it first with"
                " 'sentry-cli releases new', or by uploading source maps for it."
            )
        return release

    def _shape(self, request: Request, token: Token, release: Release) -> ReleaseShape:
        return ReleaseShape.of(release, self._named_projects(request, token))

    def _named_projects(self, request: Request, token: Token) -> tuple[Project, ...]:
        named = str(token.project_id) if token.project_id else request.path_params.get("project")
        project = None if named is None else self._projects.get(named)
        return () if project is None else (project,)


def _readable(body: bytes) -> ReleaseChanges:
    try:
        return parse_release(body)
    except MalformedRelease as error:
        raise MalformedRequest(str(error)) from None


def _columns(changes: ReleaseChanges) -> dict[str, Any]:
    given = asdict(changes)
    del given["version"]
    return {name: value for name, value in given.items() if value is not None}
