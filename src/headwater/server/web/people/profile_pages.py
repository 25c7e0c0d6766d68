"""One's own account: password, e-mail address, and where one is signed in."""

import structlog
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from headwater.server.web.browser_words import browser_in_words
from headwater.server.web.cookies import forget_session, keep_session
from headwater.server.web.gate import Gate
from headwater.server.web.look import Look
from headwater.server.web.people.accounts import Accounts
from headwater.server.web.people.password_check import PasswordCheck, why_not
from headwater.server.web.visit import Visit
from headwater.storage.people.sessions import name_of
from headwater.storage.people.users import InvalidUser, UserExists

_PLACE = "/settings/profile"
_SAVED = {
    "password": "Your password is changed. Everywhere else you are signed out.",
    "email": "Your e-mail address is changed. Everywhere else you are signed out.",
    "session": "That session has ended.",
}


class ProfilePages:
    """`/settings/profile…`."""

    def __init__(
        self, gate: Gate, look: Look, accounts: Accounts, passwords: PasswordCheck
    ) -> None:
        self._gate = gate
        self._look = look
        self._accounts = accounts
        self._passwords = passwords

    def routes(self) -> list[BaseRoute]:
        return [
            self._gate.get(_PLACE, self._show),
            self._gate.post(_PLACE + "/password", self._change_password),
            self._gate.post(_PLACE + "/email", self._change_email),
            self._gate.post(_PLACE + "/sessions/end", self._end_all),
            self._gate.post(_PLACE + "/sessions/{session}/end", self._end),
        ]

    def _show(self, visit: Visit) -> Response:
        return self._page(visit, 200, "", "")

    def _page(self, visit: Visit, status: int, about: str, wrong: str) -> Response:
        user = visit.signed_in
        sessions = self._accounts.sessions.of_user(user.id, visit.now)
        return self._look.page(
            visit,
            "profile.html",
            status=status,
            about=about,
            wrong=wrong,
            email=visit.form.get("email", user.email),
            saved=_SAVED.get(visit.query("saved"), ""),
            factor=self._accounts.second_factors.of(user.id),
            sessions=[(each, browser_in_words(each.client.user_agent)) for each in sessions],
            present=name_of(visit.session),
        )

    def _change_password(self, visit: Visit) -> Response:
        user, chosen = visit.signed_in, visit.form.get("new", "")
        wrong = why_not(chosen, visit.form.get("again", "")) or self._passwords.refusal(visit)
        if wrong:
            return self._page(visit, 422, "password", wrong)
        with self._passwords.turn():
            self._accounts.users.change_password(user.id, chosen)
        structlog.get_logger().info("password changed", user=user.id)
        return self._renewed(visit, "password")

    def _change_email(self, visit: Visit) -> Response:
        user = visit.signed_in
        wrong = self._passwords.refusal(visit)
        if not wrong:
            try:
                self._accounts.users.change_email(user.id, visit.form.get("email", ""))
            except InvalidUser as error:
                wrong = str(error)
            except UserExists:
                # Not whether somebody has it: that is nobody's business.
                wrong = "This e-mail address can't be used here."
        if wrong:
            return self._page(visit, 422, "email", wrong)
        structlog.get_logger().info("e-mail address changed", user=user.id)
        return self._renewed(visit, "email")

    def _renewed(self, visit: Visit, saved: str) -> Response:
        secret = self._accounts.sessions.renew(visit.signed_in.id, visit.now, visit.client)
        response = RedirectResponse(f"{_PLACE}?saved={saved}", 303)
        keep_session(response, visit, secret)
        return response

    def _end(self, visit: Visit) -> Response:
        name = visit.path("session")
        self._accounts.sessions.end_one(visit.signed_in.id, name)
        if name == name_of(visit.session):
            return self._left(visit)
        return RedirectResponse(f"{_PLACE}?saved=session", 303)

    def _end_all(self, visit: Visit) -> Response:
        self._accounts.sessions.end_all(visit.signed_in.id)
        structlog.get_logger().info("signed out everywhere", user=visit.signed_in.id)
        return self._left(visit)

    def _left(self, visit: Visit) -> Response:
        response = RedirectResponse("/sign-in", 303)
        forget_session(response, visit)
        return response
