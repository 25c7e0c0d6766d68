"""Who is asking: the API token of a request, checked against what the request wants."""

from datetime import UTC, datetime

from starlette.requests import Request

from headwater.storage.projects import Projects
from headwater.storage.tokens import Scope, Token, TokenRefused, Tokens

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


class TokenGuard:
    """Lets requests with a sufficient token pass."""

    def __init__(self, tokens: Tokens, projects: Projects) -> None:
        self._tokens = tokens
        self._projects = projects

    def require(self, request: Request, scope: Scope) -> Token:
        """The request's token, if it may do `scope`. Waits for the database: call it in a thread.

        Raises TokenRefused (MissingToken, DsnKeyAsToken, UnknownToken, RevokedToken) or
        ScopeTooSmall; `server.errors` makes 401 and 403 of them.
        """
        secret = _secret(request)
        try:
            token = self._tokens.authenticate(secret, datetime.now(UTC))
        except TokenRefused:
            if self._projects.by_public_key(secret) is not None:
                raise DsnKeyAsToken(secret) from None
            raise
        if scope is Scope.FULL and token.scope is not Scope.FULL:
            raise ScopeTooSmall(token, scope)
        return token

    def carries_token(self, request: Request) -> bool:
        """Whether the request claims to be anyone's at all."""
        return "authorization" in request.headers


def _secret(request: Request) -> str:
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
