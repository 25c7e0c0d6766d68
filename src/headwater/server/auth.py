"""Who is asking: the API token of a request, checked against what the request wants."""

from datetime import UTC, datetime

from msgspec import Struct
from starlette.requests import Request

from headwater.server.client_address import client_address
from headwater.server.origin import TrustedProxies
from headwater.storage.people.tokens import Scope, Token, TokenRefused, Tokens, UnusableToken
from headwater.storage.projects import Projects
from headwater.storage.uploads.home import Home

MAX_SECRET = 4096
"""Characters of a token that are looked at: an organization token of Sentry's has under 1,000."""


class MissingToken(TokenRefused):
    """The request carries no API token."""

    def __init__(self) -> None:
        super().__init__(
            "This needs an API token in the header 'Authorization: Bearer …':"
            " make one under Settings, API tokens, and set SENTRY_AUTH_TOKEN (or authToken) to it."
        )


class DsnKeyAsToken(TokenRefused):
    """The public key of a DSN was sent where an API token belongs."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"'{key[:8]}…' is the public key of a DSN, which may send events but upload nothing:"
            " make an API token under Settings, API tokens, and use that."
        )


class ScopeTooSmall(Exception):
    """The token is good, but not for this."""

    def __init__(self, token: Token, needed: Scope) -> None:
        super().__init__(
            f"The token that starts with '{token.prefix}' ({token.name}) has the scope"
            f" '{token.scope}'; this needs '{needed}'. Make one under Settings, API tokens."
        )


class Caller(Struct, frozen=True):
    """Whose token a request came with, as far as the guard found out."""

    name: str | None = None
    home: Home = None


class NotOfAdmin(Exception):
    """The token is good for every project, and this is about the server itself."""

    def __init__(self, token: Token) -> None:
        super().__init__(
            f"The token that starts with '{token.prefix}' ({token.name}) stands for somebody who is no"
            " administrator; this is about the whole server. An administrator can make one that does."
        )


class OfOneProject(Exception):
    """The token is good for a project, and this is about the server itself."""

    def __init__(self, token: Token) -> None:
        super().__init__(
            f"The token that starts with '{token.prefix}' ({token.name}) is good for one project; this is"
            " about the whole server, and needs one with the scope 'full' for the whole instance."
        )


class TokenGuard:
    """Lets requests with a sufficient token pass."""

    def __init__(
        self,
        tokens: Tokens,
        projects: Projects,
        trusted: TrustedProxies = TrustedProxies(),  # noqa: B008 # frozen
    ) -> None:
        """`trusted`: whom to believe about the address that a token is used from."""
        self._tokens = tokens
        self._projects = projects
        self._trusted = trusted

    def require(self, request: Request, scope: Scope) -> Token:
        """The request's token, if it may do `scope`. Waits for the database: call it in a thread.

        Raises TokenRefused (MissingToken, DsnKeyAsToken, UnknownToken, UnusableToken) or
        ScopeTooSmall; `server.errors` makes 401 and 403 of them.
        """
        secret = secret_of(request)
        try:
            address = client_address(request, self._trusted)
            token = self._tokens.authenticate(secret, datetime.now(UTC), address)
        except UnusableToken as error:
            request.state.caller = Caller(error.token.name, error.token.project_id)
            raise
        except TokenRefused:
            project = self._projects.by_public_key(secret)
            if project is not None:
                request.state.caller = Caller(home=project.id)
                raise DsnKeyAsToken(secret) from None
            raise
        request.state.caller = Caller(token.name, token.project_id)
        if scope is Scope.FULL and token.scope is not Scope.FULL:
            raise ScopeTooSmall(token, scope)
        return token

    def require_whole(self, request: Request) -> Token:
        """The request's token for reading; one for the whole instance only if an administrator's.

        Raises as `require` does, and NotOfAdmin.
        """
        token = self.require(request, Scope.FULL)
        if token.project_id is None and not token.is_admins:
            raise NotOfAdmin(token)
        return token

    def require_instance(self, request: Request) -> Token:
        """An administrator's token for reading the whole instance.

        Raises as `require_whole` does, and OfOneProject.
        """
        token = self.require_whole(request)
        if token.project_id is not None:
            raise OfOneProject(token)
        return token

    def carries_token(self, request: Request) -> bool:
        """Whether the request claims to be anyone's at all."""
        return "authorization" in request.headers


def caller_of(request: Request) -> Caller:
    """Whom the guard found behind the request; nobody if it wasn't asked."""
    caller: Caller = getattr(request.state, "caller", Caller())
    return caller


def secret_of(request: Request) -> str:
    """What the request carries as a token. Raises MissingToken."""
    scheme, _, rest = request.headers.get("authorization", "").strip().partition(" ")
    secret = rest.strip()[:MAX_SECRET]
    # Clients send Bearer; people who try with curl also write `Token`, or the bare secret.
    if scheme.lower() in ("bearer", "token"):
        pass
    elif secret:
        raise MissingToken
    else:
        secret = scheme
    if not secret:
        raise MissingToken
    return secret
