"""Signing in, with a second factor where there is one, and out."""

from urllib.parse import quote

import structlog
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from headwater.server.web.cookies import (
    COOKIE,
    PENDING_COOKIE,
    forget_pending,
    forget_session,
    keep_pending,
    keep_session,
)
from headwater.server.web.gate import Gate
from headwater.server.web.look import Look
from headwater.server.web.next_page import safe_next
from headwater.server.web.people.accounts import Accounts
from headwater.server.web.people.code_check import CodeCheck
from headwater.server.web.people.password_check import PasswordCheck, TooManyAttempts
from headwater.server.web.visit import Visit
from headwater.storage.people.users import MAX_EMAIL, User


class SignIn:
    """`/sign-in…`, and the way out."""

    def __init__(
        self, gate: Gate, look: Look, accounts: Accounts, passwords: PasswordCheck, codes: CodeCheck
    ) -> None:
        self._gate = gate
        self._look = look
        self._accounts = accounts
        self._passwords = passwords
        self._codes = codes

    def routes(self) -> list[BaseRoute]:
        return [
            self._gate.get("/sign-in", self._form),
            self._gate.post("/sign-in", self._enter),
            self._gate.get("/sign-in/code", self._ask),
            self._gate.post("/sign-in/code", self._answer),
            self._gate.post("/sign-out", self._leave),
        ]

    def _form(self, visit: Visit) -> Response:
        after = safe_next(visit.query("next"))
        if visit.user is not None:
            return RedirectResponse(after, 303)
        return self._look.page(visit, "sign_in.html", after=after, email="", wrong="")

    def _enter(self, visit: Visit) -> Response:
        email = visit.form.get("email", "").strip()[:MAX_EMAIL]
        password = visit.form.get("password", "")
        try:
            user = self._passwords.user(visit.address, email, password)
        except TooManyAttempts as error:
            return self._again(visit, 429, str(error), email)
        if user is None:
            # Not whose: people also type their password there.
            structlog.get_logger().warning("wrong password", address=visit.address)
            # One sentence for both: whether an account exists is nobody's business.
            return self._again(visit, 422, "This e-mail address and password don't match.", email)
        after = safe_next(visit.form.get("next", ""))
        if not self._accounts.second_factors.is_asked_for(user.id):
            return self._signed_in(visit, user, after)
        secret = self._accounts.sessions.start(
            user.id, visit.now, client=visit.client, is_pending=True
        )
        response = RedirectResponse(f"/sign-in/code?next={quote(after, safe='/')}", 303)
        keep_pending(response, visit, secret)
        return response

    def _again(self, visit: Visit, status: int, wrong: str, email: str) -> Response:
        after = safe_next(visit.form.get("next", ""))
        return self._look.page(
            visit, "sign_in.html", status=status, after=after, email=email, wrong=wrong
        )

    def _ask(self, visit: Visit) -> Response:
        if self._expected(visit) is None:
            return RedirectResponse("/sign-in", 303)
        return self._asked(visit, 200, safe_next(visit.query("next")), "")

    def _asked(self, visit: Visit, status: int, after: str, wrong: str) -> Response:
        return self._look.page(visit, "sign_in_code.html", status=status, after=after, wrong=wrong)

    def _answer(self, visit: Visit) -> Response:
        user = self._expected(visit)
        if user is None:
            return RedirectResponse("/sign-in", 303)
        after = safe_next(visit.form.get("next", ""))
        try:
            right = self._codes.is_right(visit.address, user, visit.form.get("code", ""), visit.now)
        except TooManyAttempts as error:
            return self._asked(visit, 429, after, str(error))
        if not right:
            structlog.get_logger().warning("wrong second factor", user=user.id)
            sentence = "This code is not right, or was used before. Wait for the next one."
            return self._asked(visit, 422, after, sentence)
        self._accounts.sessions.end(visit.request.cookies[PENDING_COOKIE])
        response = self._signed_in(visit, user, after)
        forget_pending(response, visit)
        return response

    def _expected(self, visit: Visit) -> User | None:
        """Whose second factor is asked for."""
        secret = visit.request.cookies.get(PENDING_COOKIE, "")
        return self._accounts.sessions.user_of(secret, visit.now, is_pending=True)

    def _signed_in(self, visit: Visit, user: User, after: str) -> Response:
        secret = self._accounts.sessions.start(
            user.id, visit.now, replaces=visit.request.cookies.get(COOKIE), client=visit.client
        )
        structlog.get_logger().info("signed in", user=user.id, address=visit.address)
        response = RedirectResponse(after, 303)
        keep_session(response, visit, secret)
        return response

    def _leave(self, visit: Visit) -> Response:
        self._accounts.sessions.end(visit.session)
        response = RedirectResponse("/sign-in", 303)
        forget_session(response, visit)
        return response
