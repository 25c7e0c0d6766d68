"""Invitations: made and taken back by administrators, accepted by whoever has the link."""

from collections.abc import Callable

import structlog
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from headwater.server.numbers import number_in
from headwater.server.web.cookies import keep_session
from headwater.server.web.gate import Gate
from headwater.server.web.look import Look
from headwater.server.web.people.accounts import Accounts
from headwater.server.web.people.chosen_rights import UnfitRights, chosen_projects, chosen_role
from headwater.server.web.people.member_pages import PLACE, MemberPages
from headwater.server.web.people.password_check import PasswordCheck, why_not
from headwater.server.web.people.role_words import SAID
from headwater.server.web.visit import Visit
from headwater.storage.people.invitations import Invitation, InvitationGone
from headwater.storage.people.users import InvalidUser, UserExists
from headwater.storage.projects import Projects


class InvitationPages:
    """`/settings/invitations…` and `/invitations/…`."""

    def __init__(
        self,
        gate: Gate,
        look: Look,
        projects: Projects,
        accounts: Accounts,
        passwords: PasswordCheck,
        members: MemberPages,
        address: Callable[[Visit], str],
    ) -> None:
        """`members`: whose list has the form; `address`: where people reach this server."""
        self._gate = gate
        self._look = look
        self._projects = projects
        self._accounts = accounts
        self._passwords = passwords
        self._members = members
        self._address = address

    def routes(self) -> list[BaseRoute]:
        one = "/invitations/{secret}"
        return [
            self._gate.post("/settings/invitations", self._invite),
            self._gate.post("/settings/invitations/{invitation}/revoke", self._revoke),
            self._gate.get(one, self._show),
            self._gate.post(one, self._accept),
        ]

    def _invite(self, visit: Visit) -> Response:
        by = visit.signed_in
        try:
            role = chosen_role(visit.form, by)
            projects = chosen_projects(visit.form, role, self._projects.all())
            made, secret = self._accounts.invitations.invite(
                visit.form.get("email", ""), role, projects, by.id, visit.now
            )
        except (UnfitRights, InvalidUser, UserExists) as error:
            return self._members.list(visit, 422, str(error))
        structlog.get_logger().info("member invited", invitation=made.id, role=role.value, by=by.id)
        link = f"{self._address(visit)}/invitations/{secret}"
        response = self._look.page(
            visit, "invitation_made.html", status=201, invitation=made, link=link, said=SAID
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    def _revoke(self, visit: Visit) -> Response:
        number = number_in(visit.path("invitation"))
        self._accounts.invitations.revoke(number)
        structlog.get_logger().info("invitation revoked", invitation=number, by=visit.signed_in.id)
        return RedirectResponse(PLACE + "?done=revoked", 303)

    def _show(self, visit: Visit) -> Response:
        try:
            found = self._accounts.invitations.find(visit.path("secret"), visit.now)
        except InvitationGone as error:
            return self._gone(visit, error)
        return self._page(visit, 200, found, "")

    def _page(self, visit: Visit, status: int, found: Invitation, wrong: str) -> Response:
        response = self._look.page(
            visit,
            "invitation.html",
            status=status,
            invitation=found,
            said=SAID,
            wrong=wrong,
            secret=visit.path("secret"),
        )
        # The address is a key: no other page is told where the visitor came from.
        response.headers["Referrer-Policy"] = "strict-origin"
        response.headers["Cache-Control"] = "no-store"
        return response

    def _accept(self, visit: Visit) -> Response:
        secret, chosen = visit.path("secret"), visit.form.get("new", "")
        try:
            found = self._accounts.invitations.find(secret, visit.now)
            if wrong := why_not(chosen, visit.form.get("again", "")):
                return self._page(visit, 422, found, wrong)
            with self._passwords.turn():
                user = self._accounts.invitations.accept(secret, chosen, visit.now)
        except InvitationGone as error:
            return self._gone(visit, error)
        structlog.get_logger().info("invitation accepted", user=user.id, address=visit.address)
        signed_in = self._accounts.sessions.start(
            user.id, visit.now, replaces=visit.session or None, client=visit.client
        )
        response = RedirectResponse("/issues", 303)
        keep_session(response, visit, signed_in)
        return response

    def _gone(self, visit: Visit, error: InvitationGone) -> Response:
        return self._look.wrong(visit, 404, str(error))
