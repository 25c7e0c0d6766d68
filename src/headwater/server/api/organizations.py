"""The one organization there is, under any name, and its projects."""

from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from headwater.protocol.dsn import Dsn
from headwater.server.answer import answer
from headwater.server.api.page import Page
from headwater.server.auth import TokenGuard
from headwater.server.errors import NothingThere
from headwater.server.origin import Origins
from headwater.server.paths import segment
from headwater.storage.people.tokens import Scope, Token
from headwater.storage.project_keys import ProjectKey, ProjectKeys
from headwater.storage.projects import Project, Projects

ORGANIZATION: Final = "headwater"
"""The organization's slug in lists. Anywhere else, any value is the organization."""

_ORG: Final = "/api/0/organizations/{org}/"
_PROJECT: Final = "/api/0/projects/{org}/{project}/"


class OrganizationsDoor:
    """Lists that clients show or search before they do what they were asked to."""

    def __init__(
        self, guard: TokenGuard, projects: Projects, keys: ProjectKeys, origins: Origins
    ) -> None:
        self._guard = guard
        self._projects = projects
        self._keys = keys
        self._origins = origins

    def routes(self) -> list[BaseRoute]:
        """For the app."""
        return [
            Route("/api/0/organizations/", self.index, methods=["GET"]),
            Route(_ORG, self.show, methods=["GET"]),
            Route(_ORG + "projects/", self.list_projects, methods=["GET"]),
            Route("/api/0/projects/", self.list_projects, methods=["GET"]),
            Route(_ORG + "repos/", self.nothing, methods=["GET"]),
            Route(_ORG + "monitors/", self.nothing, methods=["GET"]),
            Route(_ORG + "environments/", self.nothing, methods=["GET"]),
            Route(_PROJECT, self.show_project, methods=["GET"]),
            Route(_PROJECT + "keys/", self.list_keys, methods=["GET"]),
            Route(_PROJECT + "environments/", self.nothing, methods=["GET"]),
        ]

    def index(self, request: Request) -> Response:
        """The organization."""
        self._guard.require(request, Scope.UPLOAD)
        return answer([self._organization(request, ORGANIZATION)])

    def show(self, request: Request) -> Response:
        """Nothing, for whoever may ask: what the build plugins of version 11 find here they remember by
        its name alone, in the user's home. The next upload for an organization of that name, such as
        the `any` of our own examples, would go to this server whatever its `url` says.
        """
        self._guard.require(request, Scope.UPLOAD)
        raise NothingThere("There are no organizations here: whatever name is given will do.")

    def list_projects(self, request: Request) -> Response:
        """The projects that the token is for, a page at a time."""
        token = self._guard.require(request, Scope.UPLOAD)
        page = Page.of(request)
        every = [self._project(request, project) for project in self._visible(token)]
        rest = every[page.offset :]
        return answer(rest[: page.size], headers=page.headers(request, len(rest)))

    def show_project(self, request: Request) -> Response:
        """One project, by slug or id; the token's own under any name."""
        token = self._guard.require(request, Scope.UPLOAD)
        return answer(self._project(request, self._named(request, token)))

    def list_keys(self, request: Request) -> Response:
        """The project's DSNs, the newest first."""
        token = self._guard.require(request, Scope.UPLOAD)
        project = self._named(request, token)
        return answer([self._key(request, project, each) for each in self._keys.of(project.id)])

    def nothing(self, request: Request) -> Response:
        """An empty list: there are none of these here."""
        self._guard.require(request, Scope.UPLOAD)
        return answer([], headers=Page.of(request).headers(request, 0))

    def _organization(self, request: Request, slug: str) -> dict[str, Any]:
        origin = self._origins.of(request)
        created = [project.created_at for project in self._projects.all()]
        return {
            "id": "1",
            "slug": slug,
            "name": slug,
            "dateCreated": min(created, default=datetime.now(UTC)),
            "status": {"id": "active", "name": "active"},
            "isEarlyAdopter": False,
            "require2FA": False,
            "requireEmailVerification": False,
            "features": [],
            "links": {"organizationUrl": origin},
        }

    def _project(self, request: Request, project: Project) -> dict[str, Any]:
        org = request.path_params.get("org", ORGANIZATION)
        return {
            "id": str(project.id),
            "slug": project.slug,
            "name": project.name,
            "platform": project.platform,
            "dateCreated": project.created_at,
            "status": "active",
            "isMember": True,
            "hasAccess": True,
            "isBookmarked": False,
            "features": [],
            "team": None,
            "teams": [],
            "organization": self._organization(request, org),
        }

    def _key(self, request: Request, project: Project, key: ProjectKey) -> dict[str, Any]:
        return {
            "id": key.public_key,
            "name": "Default",
            "label": "Default",
            "public": key.public_key,
            "secret": None,
            "projectId": project.id,
            "isActive": True,
            "dateCreated": key.created_at,
            "dsn": {"public": str(self._dsn(request, project, key))},
        }

    def _visible(self, token: Token) -> tuple[Project, ...]:
        return tuple(
            project
            for project in self._projects.all()
            if token.project_id is None or project.id == token.project_id
        )

    def _named(self, request: Request, token: Token) -> Project:
        named = segment(request, "project") if token.project_id is None else str(token.project_id)
        project = self._projects.get(named)
        if project is None:
            known = ", ".join(project.slug for project in self._projects.all()[:10])
            raise NothingThere(f"There is no project {named!r} here. There is: {known or 'none'}.")
        return project

    def _dsn(self, request: Request, project: Project, key: ProjectKey) -> Dsn:
        origin = urlsplit(self._origins.of(request))
        host, _, port = origin.netloc.rpartition(":")
        if not port.isdecimal():
            host, port = origin.netloc, ""
        number = int(port) if port else None
        return Dsn(origin.scheme, key.public_key, host, number, "/", str(project.id))
