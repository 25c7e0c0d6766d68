"""API tokens: what build plugins and scripts authenticate with. Only a token's hash is kept."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, or_, select, update

from headwater.storage.database import Database
from headwater.storage.schema import api_tokens

MAX_NAME = 200
"""Characters of a token's name: the column's width."""

LAST_USED_PRECISION = timedelta(minutes=1)
"""`last_used_at` is written at most this often: an upload authenticates hundreds of requests."""

_PREFIX = 8
"""Characters of the secret kept readable, so that people can tell their tokens apart."""


class Scope(StrEnum):
    """What a token may do."""

    UPLOAD = "upload"
    """Upload source maps, create releases, list organizations and projects."""
    FULL = "full"
    """That, and read events and issues."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token without its secret. `project_id` None: it is good for the whole instance."""

    id: int
    name: str
    prefix: str
    project_id: int | None
    scope: Scope
    created_by: int | None
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class TokenRefused(Exception):
    """A request came with a token that opens nothing; the message says which and what to do."""


class UnknownToken(TokenRefused):
    """No token of this server has this secret."""

    def __init__(self, secret: str) -> None:
        super().__init__(
            f"The token that starts with '{beginning(secret)}' is not known here:"
            " make one under Settings, API tokens, and paste it whole."
        )


class RevokedToken(TokenRefused):
    """The token was revoked."""

    def __init__(self, token: Token) -> None:
        super().__init__(
            f"The token that starts with '{token.prefix}' ({token.name}) was revoked:"
            " make another under Settings, API tokens."
        )
        self.token = token


class Tokens:
    """Every API token of this server."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self,
        name: str,
        scope: Scope,
        project_id: int | None,
        created_by: int | None,
        now: datetime,
    ) -> tuple[Token, str]:
        """A new token and its secret, 64 hexadecimal digits, which can't be had again."""
        secret = secrets.token_hex(32)
        row = {
            "name": " ".join(name.split())[:MAX_NAME] or "Unnamed",
            "token_hash": _hash(secret),
            "prefix": secret[:_PREFIX],
            "project_id": project_id,
            "scope": scope.value,
            "created_by": created_by,
            "created_at": now,
        }
        with self._database.write() as connection:
            made = connection.execute(api_tokens.insert().values(row).returning(api_tokens)).one()
        return _token(made), secret

    def authenticate(self, secret: str, now: datetime) -> Token:
        """The token with this secret. Raises UnknownToken or RevokedToken."""
        with self._database.read() as connection:
            row = connection.execute(
                select(api_tokens).where(api_tokens.c.token_hash == _hash(secret))
            ).first()
        if row is None:
            raise UnknownToken(secret)
        token = _token(row)
        if token.revoked_at is not None:
            raise RevokedToken(token)
        if token.last_used_at is None or now - token.last_used_at >= LAST_USED_PRECISION:
            self._mark_used(token.id, now)
        return token

    def all(self) -> tuple[Token, ...]:
        """Every token, revoked ones too, newest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(api_tokens).order_by(api_tokens.c.id.desc()))
            return tuple(_token(row) for row in rows)

    def revoke(self, token_id: int, now: datetime) -> None:
        """From now on the token opens nothing. Revoking it again changes nothing."""
        with self._database.write() as connection:
            connection.execute(
                update(api_tokens)
                .where(api_tokens.c.id == token_id, api_tokens.c.revoked_at.is_(None))
                .values(revoked_at=now)
            )

    def _mark_used(self, token_id: int, now: datetime) -> None:
        unused = or_(
            api_tokens.c.last_used_at.is_(None),
            api_tokens.c.last_used_at <= now - LAST_USED_PRECISION,
        )
        with self._database.write() as connection:
            connection.execute(
                update(api_tokens)
                .where(api_tokens.c.id == token_id, unused)
                .values(last_used_at=now)
            )


def beginning(secret: str) -> str:
    """What may be shown of a secret: eight characters, and never more than half of it."""
    return secret[: min(_PREFIX, len(secret) // 2)]


def _hash(secret: str) -> str:
    # A secret of 256 random bits can't be guessed from its hash: no salt, no slow hash needed.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _token(row: Row[Any]) -> Token:
    return Token(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        project_id=row.project_id,
        scope=Scope(row.scope),
        created_by=row.created_by,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )
