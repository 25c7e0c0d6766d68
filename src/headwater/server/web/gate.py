"""What stands before every page: the session, the rule of who may, the check of where a form came from,
the headers."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from headwater.server.client_address import client_address
from headwater.server.errors import STATUS
from headwater.server.origin import TrustedProxies, origin
from headwater.server.otherwise import Otherwise
from headwater.server.web.assets import COMPRESSED
from headwater.server.web.belongings import Belongings
from headwater.server.web.cookies import COOKIE
from headwater.server.web.cross_site import is_ours
from headwater.server.web.form import Form, read_form
from headwater.server.web.headers import SECURITY_HEADERS
from headwater.server.web.look import Look
from headwater.server.web.permissions import Rule, Where, rule_of
from headwater.server.web.visit import Page, Visit
from headwater.storage.people.sessions import Sessions

_SAFE: Final = ("GET", "HEAD")


class ForeignForm(Exception):
    """A form did not come from one of our own pages."""

    def __init__(self) -> None:
        super().__init__(
            "This form did not come from a page of this server, so nothing was done."
            " Behind a proxy, set PUBLIC_URL to the address in your browser."
        )


StreamedPage = Callable[[Visit], Awaitable[Response]]
"""A page that takes what may be too large for a form."""

_Endpoint = Callable[[Request], Awaitable[Response]]

_EXPECTED: Final[tuple[type[Exception], ...]] = (ForeignForm, *STATUS)


class Gate:
    """Makes routes of pages. Nothing reaches a page but through here."""

    def __init__(
        self,
        sessions: Sessions,
        belongings: Belongings,
        look: Look,
        public_url: str,
        trusted: TrustedProxies,
    ) -> None:
        self._sessions = sessions
        self._belongings = belongings
        self._look = look
        self._public_url = public_url.rstrip("/")
        self._trusted = trusted

    def get(self, path: str, page: Page) -> Route:
        """A route that shows a page, to whom `permissions` says."""
        endpoint = self._endpoint(page, rule_of("GET", path))
        return Route(path, endpoint, methods=["GET"], middleware=COMPRESSED)

    def post(self, path: str, page: Page) -> Route:
        """A route that does what a form asks for, for whom `permissions` says."""
        return Route(path, self._endpoint(page, rule_of("POST", path)), methods=["POST"])

    def streamed(self, path: str, page: StreamedPage) -> Route:
        """A route that reads its request itself, once it is known who sends it, from which page."""
        rule = rule_of("POST", path)

        async def enter(request: Request) -> Response:
            if not is_ours(request, (self._origin(request), self._public_url)):
                raise ForeignForm
            visit = await run_in_threadpool(self._visit, request, {})
            if visit.user is None:
                return RedirectResponse(_sign_in(request), 303)
            await run_in_threadpool(self._belongings.check, visit, visit.rights, rule)
            return await page(visit)

        return Route(path, self._guarded(enter), methods=["POST"])

    def otherwise(self, page: Page) -> Route:
        """The route of every path that no other route knows."""
        path = "/{path:path}"
        rule = rule_of("GET", path)

        async def enter(request: Request) -> Response:
            # No form is read, and so none has to be ours: there is nothing that it could do.
            return await run_in_threadpool(self._enter, request, {}, page, rule)

        return Otherwise(path, self._guarded(enter))

    def _endpoint(self, page: Page, rule: Rule) -> _Endpoint:
        async def enter(request: Request) -> Response:
            form = await self._form(request)
            return await run_in_threadpool(self._enter, request, form, page, rule)

        return self._guarded(enter)

    def _guarded(self, enter: _Endpoint) -> _Endpoint:
        async def endpoint(request: Request) -> Response:
            try:
                response = await enter(request)
            except _EXPECTED as error:
                response = await run_in_threadpool(self._wrong, request, error)
            for header, value in SECURITY_HEADERS.items():
                response.headers.setdefault(header, value)
            return response

        return endpoint

    async def _form(self, request: Request) -> Form:
        if request.method in _SAFE:
            return {}
        own = (self._origin(request), self._public_url)
        if not is_ours(request, own):
            raise ForeignForm
        return await read_form(request)

    def _enter(self, request: Request, form: Form, page: Page, rule: Rule) -> Response:
        visit = self._visit(request, form)
        if rule.where is not Where.ANYONE:
            if visit.user is None:
                return RedirectResponse(_sign_in(request), 303)
            self._belongings.check(visit, visit.rights, rule)
        return page(visit)

    def _visit(self, request: Request, form: Form) -> Visit:
        now = datetime.now(UTC)
        secret = request.cookies.get(COOKIE, "")
        address = client_address(request, self._trusted)
        stranger = Visit(request, now, None, form, self._origin(request), address)
        user = self._sessions.user_of(secret, now, stranger.client) if secret else None
        return replace(stranger, user=user, session=secret) if user else stranger

    def _wrong(self, request: Request, error: Exception) -> Response:
        status = 403 if isinstance(error, ForeignForm) else _status(error)
        return self._look.wrong(self._visit(request, {}), status, str(error))

    def _origin(self, request: Request) -> str:
        return origin(request, self._public_url, self._trusted)


def _status(error: Exception) -> int:
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def _sign_in(request: Request) -> str:
    if request.method not in _SAFE or request.url.path == "/":
        return "/sign-in"
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"/sign-in?next={quote(wanted, safe='/')}"
