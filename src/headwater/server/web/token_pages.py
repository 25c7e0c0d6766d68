"""Settings → API tokens: made, shown once, listed, revoked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from headwater.server.errors import NothingThere
from headwater.server.web.build_snippets import build_snippets
from headwater.server.web.gate import Gate
from headwater.server.web.look import Look
from headwater.server.web.visit import Visit
from headwater.storage.projects import Project, Projects
from headwater.storage.refusals import Refusals
from headwater.storage.tokens import MAX_NAME, Scope, Token, Tokens

REFUSALS_SHOWN: Final = 10
"""The newest: a screen of them."""

_UNSAID: Final = ""
_INSTANCE: Final = "*"
"""What a token is good for, where it is no project's slug."""


@dataclass(frozen=True, slots=True)
class _Row:
    token: Token
    home: Project | None


class TokenPages:
    """`/settings/tokens…`."""

    def __init__(
        self,
        gate: Gate,
        look: Look,
        projects: Projects,
        tokens: Tokens,
        refusals: Refusals,
        address: Callable[[Visit], str],
    ) -> None:
        self._gate = gate
        self._look = look
        self._projects = projects
        self._tokens = tokens
        self._refusals = refusals
        self._address = address

    def routes(self) -> list[BaseRoute]:
        return [
            self._gate.get("/settings/tokens", self._list),
            self._gate.post("/settings/tokens", self._create),
            self._gate.get("/settings/tokens/{token}/revoke", self._confirm),
            self._gate.post("/settings/tokens/{token}/revoke", self._revoke),
        ]

    def _list(self, visit: Visit) -> Response:
        return self._page(visit, 200, "")

    def _page(self, visit: Visit, status: int, wrong: str) -> Response:
        projects = self._projects.all()
        by_id = {project.id: project for project in projects}
        rows = [_Row(token, by_id.get(token.project_id or 0)) for token in self._tokens.all()]
        # Which of several it is, only the user knows; a wrong guess makes a token that uploads there.
        alone = projects[0].slug if len(projects) == 1 else _UNSAID
        default = visit.query("project") or (alone if projects else _INSTANCE)
        return self._look.page(
            visit,
            "tokens.html",
            status=status,
            wrong=wrong,
            live=[row for row in rows if row.token.revoked_at is None],
            revoked=[row for row in rows if row.token.revoked_at is not None],
            name=visit.form.get("name", ""),
            home=visit.form.get("home", default),
            scope=visit.form.get("scope", Scope.UPLOAD.value),
            refused=self._refusals.newest(REFUSALS_SHOWN),
        )

    def _create(self, visit: Visit) -> Response:
        name = " ".join(visit.form.get("name", "").split())
        if not name or len(name) > MAX_NAME:
            return self._page(visit, 422, f"A token needs a name of at most {MAX_NAME} characters.")
        home = visit.form.get("home", _UNSAID)
        if home == _UNSAID:
            return self._page(visit, 422, "Choose what the token is good for: a project, or all.")
        project = None if home == _INSTANCE else self._projects.get(home)
        if home != _INSTANCE and project is None:
            return self._page(visit, 422, f"There is no project '{home}' on this server.")
        if visit.form.get("scope") not in list(Scope):
            return self._page(visit, 422, "A token either uploads, or uploads and reads.")
        token, secret = self._tokens.create(
            name,
            Scope(visit.form["scope"]),
            project.id if project else None,
            visit.user.id if visit.user else None,
            visit.now,
        )
        return self._shown_once(visit, token, secret, project)

    def _shown_once(
        self, visit: Visit, token: Token, secret: str, project: Project | None
    ) -> Response:
        address = self._address(visit)
        slug = project.slug if project else "any"
        response = self._look.page(
            visit,
            "token_made.html",
            status=201,
            token=token,
            home=project,
            secret=secret,
            builds=build_snippets(address, slug, secret, project.platform if project else None),
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    def _confirm(self, visit: Visit) -> Response:
        return self._look.page(visit, "token_revoke.html", token=self._asked_for(visit))

    def _revoke(self, visit: Visit) -> Response:
        self._tokens.revoke(self._asked_for(visit).id, visit.now)
        return RedirectResponse("/settings/tokens", 303)

    def _asked_for(self, visit: Visit) -> Token:
        wanted = visit.path("token")
        for token in self._tokens.all():
            if str(token.id) == wanted and token.revoked_at is None:
                return token
        raise NothingThere("There is no such token, or it is revoked already.")
