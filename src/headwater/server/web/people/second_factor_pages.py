"""One's own second factor: begun, confirmed, its recovery codes, given up."""

from urllib.parse import urlsplit

import structlog
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from headwater.server.web.cookies import keep_session
from headwater.server.web.gate import Gate
from headwater.server.web.look import Look
from headwater.server.web.people.accounts import Accounts
from headwater.server.web.people.code_check import CodeCheck
from headwater.server.web.people.password_check import PasswordCheck, TooManyAttempts
from headwater.server.web.visit import Visit

_PLACE = "/settings/second-factor"
_GROUP = 4


class SecondFactorPages:
    """`/settings/second-factor…`."""

    def __init__(
        self, gate: Gate, look: Look, accounts: Accounts, passwords: PasswordCheck, codes: CodeCheck
    ) -> None:
        self._gate = gate
        self._look = look
        self._factors = accounts.second_factors
        self._sessions = accounts.sessions
        self._passwords = passwords
        self._codes = codes

    def routes(self) -> list[BaseRoute]:
        return [
            self._gate.get(_PLACE, self._show),
            self._gate.post(_PLACE + "/begin", self._begin),
            self._gate.post(_PLACE + "/confirm", self._confirm),
            self._gate.post(_PLACE + "/codes", self._new_codes),
            self._gate.post(_PLACE + "/remove", self._remove),
        ]

    def _show(self, visit: Visit) -> Response:
        return self._page(visit, 200, "", "")

    def _page(self, visit: Visit, status: int, about: str, wrong: str) -> Response:
        user = visit.signed_in
        factor = self._factors.of(user.id)
        waits = factor is not None and factor.confirmed_at is None
        host = urlsplit(visit.origin).hostname or ""
        response = self._look.page(
            visit,
            "second_factor.html",
            status=status,
            about=about,
            wrong=wrong,
            factor=factor,
            picture=_picture(factor.address(user.email, host)) if factor and waits else "",
            spelled=_spelled(factor.secret) if factor and waits else "",
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    def _begin(self, visit: Visit) -> Response:
        if wrong := self._passwords.refusal(visit):
            return self._page(visit, 422, "begin", wrong)
        self._factors.begin(visit.signed_in.id, visit.now)
        return RedirectResponse(_PLACE, 303)

    def _confirm(self, visit: Visit) -> Response:
        user = visit.signed_in
        try:
            codes = self._codes.confirms(visit.address, user, visit.form.get("code", ""), visit.now)
        except TooManyAttempts as error:
            return self._page(visit, 429, "confirm", str(error))
        if codes is None:
            sentence = "This is not the code of the moment. Is your phone's clock right?"
            return self._page(visit, 422, "confirm", sentence)
        structlog.get_logger().info("second factor confirmed", user=user.id)
        return self._shown_once(visit, codes)

    def _new_codes(self, visit: Visit) -> Response:
        user = visit.signed_in
        if wrong := self._refusal(visit):
            return self._page(visit, 422, "codes", wrong)
        structlog.get_logger().info("recovery codes made", user=user.id)
        return self._shown_once(visit, self._factors.new_codes(user.id))

    def _shown_once(self, visit: Visit, codes: tuple[str, ...]) -> Response:
        secret = self._sessions.renew(visit.signed_in.id, visit.now, visit.client)
        response = self._look.page(visit, "recovery_codes.html", status=201, codes=codes)
        response.headers["Cache-Control"] = "no-store"
        keep_session(response, visit, secret)
        return response

    def _remove(self, visit: Visit) -> Response:
        user = visit.signed_in
        if wrong := self._refusal(visit):
            return self._page(visit, 422, "remove", wrong)
        self._factors.remove(user.id)
        structlog.get_logger().info("second factor removed", user=user.id, by=user.id)
        response = RedirectResponse(_PLACE, 303)
        keep_session(response, visit, self._sessions.renew(user.id, visit.now, visit.client))
        return response

    def _refusal(self, visit: Visit) -> str:
        """Why it is not done; empty, if a code of the factor, or a recovery code, was given with it."""
        code = visit.form.get("code", "")
        try:
            right = self._codes.is_right(visit.address, visit.signed_in, code, visit.now)
        except TooManyAttempts as error:
            return str(error)
        return "" if right else "This code is not right, or was used before. Wait for the next one."


def _picture(text: str) -> Markup:
    # 2 MB, once in a while.
    import segno  # noqa: PLC0415

    code = segno.make(text, error="m", micro=False)
    # Black on white in dark surroundings too: many cameras don't read it the other way round.
    svg = code.svg_inline(
        scale=4, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True
    )
    return Markup(svg)  # noqa: S704 # of segno's own making: numbers, and colours of ours


def _spelled(secret: str) -> str:
    """In groups, for those who type it."""
    return " ".join(secret[at : at + _GROUP] for at in range(0, len(secret), _GROUP))
