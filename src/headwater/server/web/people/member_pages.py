"""Settings → Members: who there is, what each may, and who goes."""

from typing import Final

import structlog
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from headwater.server.errors import NotAllowed, NothingThere
from headwater.server.numbers import number_in
from headwater.server.web.cookies import forget_session, keep_session
from headwater.server.web.form import Form
from headwater.server.web.gate import Gate
from headwater.server.web.look import Look
from headwater.server.web.people.accounts import Accounts
from headwater.server.web.people.chosen_rights import UnfitRights, chosen_rights
from headwater.server.web.people.role_words import ROLES, SAID
from headwater.server.web.visit import Visit
from headwater.storage.people.roles import IN_PROJECTS, Role
from headwater.storage.people.users import LastOwner, User
from headwater.storage.projects import Projects

PLACE: Final = "/settings/members"

_DONE: Final = {
    "saved": "Saved. If it changed what they may, they sign in again.",
    "reset": "Their second factor is gone, and they are signed out. The password alone lets them in now.",
    "removed": "The member is removed, and the tokens that they made are revoked.",
    "revoked": "The invitation is taken back: its link opens nothing any more.",
}


class MemberPages:
    """`/settings/members…`."""

    def __init__(self, gate: Gate, look: Look, projects: Projects, accounts: Accounts) -> None:
        self._gate = gate
        self._look = look
        self._projects = projects
        self._accounts = accounts

    def routes(self) -> list[BaseRoute]:
        one = PLACE + "/{member}"
        return [
            self._gate.get(PLACE, self._list),
            self._gate.get(one, self._show),
            self._gate.post(one, self._save),
            self._gate.post(one + "/reset-second-factor", self._reset),
            self._gate.get(one + "/remove", self._confirm),
            self._gate.post(one + "/remove", self._remove),
        ]

    def _list(self, visit: Visit) -> Response:
        return self.list(visit, 200, "")

    def list(self, visit: Visit, status: int, wrong: str) -> Response:
        """All members and invitations; `wrong` is about the form that invites."""
        members = self._accounts.users.all()
        projects = self._projects.all()
        return self._look.page(
            visit,
            "members.html",
            status=status,
            wrong=wrong,
            filled=visit.form,
            done=_DONE.get(visit.query("done"), ""),
            members=members,
            with_factor=self._accounts.second_factors.confirmed(),
            pending=self._accounts.invitations.pending(visit.now),
            emails={each.id: each.email for each in members},
            names={each.id: each.name for each in projects},
            roles=_given_by(visit.signed_in),
            said=SAID,
        )

    def _show(self, visit: Visit) -> Response:
        member = self._asked_for(visit)
        return self._page(visit, 200, member, _filled(member), "")

    def _page(self, visit: Visit, status: int, member: User, filled: Form, wrong: str) -> Response:
        return self._look.page(
            visit,
            "member.html",
            status=status,
            member=member,
            filled=filled,
            wrong=wrong,
            done=_DONE.get(visit.query("done"), ""),
            may_change=_may_change(visit.signed_in, member),
            factor=self._accounts.second_factors.is_asked_for(member.id),
            roles=_given_by(visit.signed_in),
            in_projects=[(role.value, SAID[role].title) for role in IN_PROJECTS],
            said=SAID,
        )

    def _save(self, visit: Visit) -> Response:
        member = self._to_change(visit)
        try:
            rights = chosen_rights(visit.form, visit.signed_in, self._projects.all())
            if rights == member.rights:
                return RedirectResponse(f"{PLACE}/{member.id}", 303)
            self._accounts.users.change_rights(member.id, rights)
        except (UnfitRights, LastOwner) as error:
            return self._page(visit, 422, member, visit.form, str(error))
        structlog.get_logger().info(
            "member's rights changed",
            member=member.id,
            role=rights.role.value,
            projects="all" if rights.projects is None else sorted(rights.projects),
            by=visit.signed_in.id,
        )
        response = RedirectResponse(f"{PLACE}/{member.id}?done=saved", 303)
        self._sign_out(visit, member, response)
        return response

    def _reset(self, visit: Visit) -> Response:
        member = self._to_change(visit)
        if member.id == visit.signed_in.id:
            # Their own asks for a code: a browser that was left open must not do without.
            return RedirectResponse("/settings/second-factor", 303)
        self._accounts.second_factors.remove(member.id)
        structlog.get_logger().info("second factor removed", user=member.id, by=visit.signed_in.id)
        self._accounts.sessions.end_all(member.id)
        return RedirectResponse(f"{PLACE}/{member.id}?done=reset", 303)

    def _sign_out(self, visit: Visit, member: User, response: Response) -> None:
        """A session that was good for other rights is good no more; one's own goes on as a new one."""
        if member.id != visit.signed_in.id:
            self._accounts.sessions.end_all(member.id)
            return
        secret = self._accounts.sessions.renew(member.id, visit.now, visit.client)
        keep_session(response, visit, secret)

    def _confirm(self, visit: Visit) -> Response:
        return self._asked(visit, 200, self._to_change(visit), "")

    def _asked(self, visit: Visit, status: int, member: User, wrong: str) -> Response:
        theirs = [
            each
            for each in self._accounts.tokens.all()
            if each.created_by == member.id and each.revoked_at is None
        ]
        return self._look.page(
            visit, "member_remove.html", status=status, member=member, tokens=theirs, wrong=wrong
        )

    def _remove(self, visit: Visit) -> Response:
        member = self._to_change(visit)
        try:
            self._accounts.users.remove(member.id, visit.now)
        except LastOwner as error:
            return self._asked(visit, 422, member, str(error))
        structlog.get_logger().info("member removed", member=member.id, by=visit.signed_in.id)
        response = RedirectResponse(PLACE + "?done=removed", 303)
        if member.id == visit.signed_in.id:
            forget_session(response, visit)
        return response

    def _asked_for(self, visit: Visit) -> User:
        member = self._accounts.users.get(number_in(visit.path("member")))
        if member is None:
            raise NothingThere("There is no such member: they were removed.")
        return member

    def _to_change(self, visit: Visit) -> User:
        member = self._asked_for(visit)
        if not _may_change(visit.signed_in, member):
            raise NotAllowed("Only an owner can change or remove an owner.")
        return member


def _may_change(by: User, member: User) -> bool:
    return by.role.reaches(member.role)


def _given_by(user: User) -> list[tuple[str, str]]:
    return [(role.value, title) for role, title in ROLES if user.role.reaches(role)]


def _filled(member: User) -> Form:
    rights = member.rights
    return {
        "role": rights.role.value,
        "sees": "all" if rights.all_projects or rights.role.reaches(Role.ADMIN) else "some",
        **{f"role-{project}": role.value for project, role in rights.in_projects.items()},
    }
