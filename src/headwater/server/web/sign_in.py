"""Signing in and out."""

import threading
from typing import Final

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from headwater.server.errors import Overloaded
from headwater.server.web.gate import COOKIE, Gate
from headwater.server.web.look import Look
from headwater.server.web.next_page import safe_next
from headwater.server.web.throttle import WINDOW, Throttle
from headwater.server.web.visit import Visit
from headwater.storage.sessions import LIFETIME, Sessions
from headwater.storage.users import MAX_EMAIL, User, Users

MAX_HASHING: Final = 3
"""Passwords that are checked at once: each takes 64 MB of memory, and anyone may ask for it."""

_PATIENCE_SECONDS: Final = 1
"""How long a sign-in waits for its turn; longer would keep other pages' threads."""


class SignIn:
    """The sign-in page, and the way out."""

    def __init__(self, gate: Gate, look: Look, users: Users, sessions: Sessions) -> None:
        self._gate = gate
        self._look = look
        self._users = users
        self._sessions = sessions
        self._throttle = Throttle()
        self._hashing = threading.BoundedSemaphore(MAX_HASHING)

    def routes(self) -> list[BaseRoute]:
        return [
            self._gate.get("/sign-in", self._form, open_to_all=True),
            self._gate.post("/sign-in", self._enter, open_to_all=True),
            self._gate.post("/sign-out", self._leave),
        ]

    def _form(self, visit: Visit) -> Response:
        after = safe_next(visit.query("next"))
        if visit.user is not None:
            return RedirectResponse(after, 303)
        return self._look.page(visit, "sign_in.html", after=after, email="", wrong="")

    def _enter(self, visit: Visit) -> Response:
        email = visit.form.get("email", "").strip()[:MAX_EMAIL]
        account = email.lower()
        if not self._throttle.admit(visit.address, account, visit.now):
            minutes = int(WINDOW.total_seconds() // 60)
            return self._again(
                visit, 429, f"Too many attempts. Try again in {minutes} minutes.", email
            )
        user = self._authenticate(account, visit.form.get("password", ""))
        if user is None:
            # One sentence for both: whether an account exists is nobody's business.
            return self._again(visit, 422, "This e-mail address and password don't match.", email)
        self._throttle.forgive(visit.address, account)
        secret = self._sessions.start(
            user.id, visit.now, replaces=visit.request.cookies.get(COOKIE)
        )
        response = RedirectResponse(safe_next(visit.form.get("next", "")), 303)
        response.set_cookie(
            COOKIE,
            secret,
            max_age=int(LIFETIME.total_seconds()),
            httponly=True,
            samesite="lax",
            secure=visit.is_secure,
        )
        return response

    def _authenticate(self, account: str, password: str) -> User | None:
        if not self._hashing.acquire(timeout=_PATIENCE_SECONDS):
            raise Overloaded("Too many people are signing in right now. Try again in a minute.")
        try:
            return self._users.authenticate(account, password)
        finally:
            self._hashing.release()

    def _again(self, visit: Visit, status: int, wrong: str, email: str) -> Response:
        after = safe_next(visit.form.get("next", ""))
        return self._look.page(
            visit, "sign_in.html", status=status, after=after, email=email, wrong=wrong
        )

    def _leave(self, visit: Visit) -> Response:
        self._sessions.end(visit.request.cookies[COOKIE])
        response = RedirectResponse("/sign-in", 303)
        response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=visit.is_secure)
        return response
