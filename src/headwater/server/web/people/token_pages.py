"""Settings → API tokens: made, shown once, listed, taken over, revoked."""

from collections.abc import Callable
from typing import Final

import structlog
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from headwater.server.errors import NothingThere
from headwater.server.web.gate import Gate
from headwater.server.web.look import Look
from headwater.server.web.people.accounts import Accounts
from headwater.server.web.people.token_form import (
    INSTANCE,
    UNSAID,
    UnfitToken,
    WantedToken,
    wanted_token,
)
from headwater.server.web.people.token_rows import TokenRows
from headwater.server.web.projects.build_snippets import build_snippets
from headwater.server.web.visit import Visit
from headwater.storage.people.tokens import Scope, Token, may_hold
from headwater.storage.projects import Project, Projects
from headwater.storage.uploads.refusals import Refusals

REFUSALS_SHOWN: Final = 10
"""The newest: a screen of them."""

_PLACE: Final = "/settings/tokens"


class TokenPages:
    """`/settings/tokens…`."""

    def __init__(
        self,
        gate: Gate,
        look: Look,
        projects: Projects,
        accounts: Accounts,
        refusals: Refusals,
        address: Callable[[Visit], str],
    ) -> None:
        self._gate = gate
        self._look = look
        self._projects = projects
        self._tokens = accounts.tokens
        self._rows = TokenRows(projects, accounts)
        self._refusals = refusals
        self._address = address

    def routes(self) -> list[BaseRoute]:
        one = _PLACE + "/{token}"
        return [
            self._gate.get(_PLACE, self._list),
            self._gate.post(_PLACE, self._create),
            self._gate.get(one + "/revoke", self._confirm),
            self._gate.post(one + "/revoke", self._revoke),
            self._gate.post(one + "/take-over", self._take_over),
        ]

    def _list(self, visit: Visit) -> Response:
        return self._page(visit, 200, "")

    def _page(self, visit: Visit, status: int, wrong: str) -> Response:
        homes, for_all = self._homes(visit)
        # Which of several it is, only the user knows; a wrong guess makes a token that uploads there.
        alone = homes[0].slug if len(homes) == 1 else UNSAID
        asked_for = visit.query("project")
        named = asked_for if asked_for in {each.slug for each in homes} else ""
        default = named or (INSTANCE if for_all and not homes else alone)
        rows = self._rows.seen_by(visit)
        return self._look.page(
            visit,
            "tokens.html",
            status=status,
            wrong=wrong,
            live=[row for row in rows if row.token.revoked_at is None],
            revoked=[row for row in rows if row.token.revoked_at is not None],
            homes=homes,
            for_all=for_all,
            name=visit.form.get("name", ""),
            home=visit.form.get("home", default),
            scope=visit.form.get("scope", Scope.UPLOAD.value),
            until=visit.form.get("until", ""),
            refused=self._refusals.newest(REFUSALS_SHOWN, visit.projects),
        )

    def _homes(self, visit: Visit) -> tuple[list[Project], bool]:
        """What the visitor may make tokens for: projects, and whether the whole instance."""
        user = visit.signed_in
        homes = [each for each in self._projects.all() if may_hold(user, each.id)]
        return homes, may_hold(user, None)

    def _create(self, visit: Visit) -> Response:
        homes, for_all = self._homes(visit)
        try:
            wanted = wanted_token(visit.form, homes, for_all=for_all, now=visit.now)
        except UnfitToken as error:
            return self._page(visit, 422, str(error))
        by = visit.signed_in.id
        home = wanted.project.id if wanted.project else None
        token, secret = self._tokens.create(
            wanted.name, wanted.scope, home, by, visit.now, wanted.expires_at
        )
        structlog.get_logger().info("token made", token=token.id, project=home, by=by)
        return self._shown_once(visit, token, secret, wanted)

    def _shown_once(self, visit: Visit, token: Token, secret: str, wanted: WantedToken) -> Response:
        address, project = self._address(visit), wanted.project
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
        token = self._asked_for(visit)
        self._tokens.revoke(token.id, visit.now)
        structlog.get_logger().info("token revoked", token=token.id, by=visit.signed_in.id)
        return RedirectResponse(_PLACE, 303)

    def _take_over(self, visit: Visit) -> Response:
        token = self._asked_for(visit)
        self._tokens.adopt(token.id, visit.signed_in.id)
        structlog.get_logger().info("token taken over", token=token.id, by=visit.signed_in.id)
        return RedirectResponse(_PLACE, 303)

    def _asked_for(self, visit: Visit) -> Token:
        wanted = visit.path("token")
        for row in self._rows.seen_by(visit):
            if str(row.token.id) == wanted and row.token.revoked_at is None:
                return row.token
        raise NothingThere("There is no such token, or it is revoked already.")
