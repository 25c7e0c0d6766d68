"""API tokens: what build plugins and scripts authenticate with. Only a token's hash is kept."""

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, Row, or_, select, update

from headwater.storage.database import Database
from headwater.storage.hidden_projects import has_kept_home
from headwater.storage.people.accounts import PEOPLE, User, person
from headwater.storage.people.roles import Role
from headwater.storage.schema import api_tokens, users

MAX_NAME = 200
"""Characters of a token's name: the column's width."""

LAST_USED_PRECISION = timedelta(minutes=1)
"""`last_used_at` is written at most this often: an upload authenticates hundreds of requests."""

MAX_ADDRESS = 64
"""Characters of the address that a token was last used from: the column's width."""

_PREFIX = 8
"""Characters of the secret kept readable, so that people can tell their tokens apart."""


class Scope(StrEnum):
    """What a token may do."""

    UPLOAD = "upload"
    """Upload source maps, create releases, list organizations and projects."""
    FULL = "full"
    """That, and read events and issues."""


NEEDED = Role.MEMBER
"""The role that a token's maker must have where the token is good: it writes."""


class Token(Struct, frozen=True):
    """One token without its secret. `project_id` None: it is good for the whole instance.

    `created_by` None: it was made on the command line, and asks for nobody's rights. `expires_at` None:
    never.
    """

    id: int
    name: str
    prefix: str
    project_id: int | None
    scope: Scope
    created_by: int | None
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    expires_at: datetime | None
    last_used_from: str | None
    is_admins: bool
    """Whether it stands for an administrator, or was made on the command line. Of a token that was not
    used to authenticate with, only the latter is known."""

    def is_expired(self, now: datetime) -> bool:
        """Whether its last day is over."""
        return self.expires_at is not None and self.expires_at <= now


class TokenRefused(Exception):
    """A request came with a token that opens nothing; the message says which and what to do."""


class UnknownToken(TokenRefused):
    """No token of this server has this secret."""

    def __init__(self, secret: str) -> None:
        super().__init__(
            f"The token that starts with '{beginning(secret)}' is not known here:"
            " make one under Settings, API tokens, and paste it whole."
        )


class UnusableToken(TokenRefused):
    """It is one of ours, and opens nothing any more."""

    def __init__(self, token: Token, why: str) -> None:
        super().__init__(f"The token that starts with '{token.prefix}' ({token.name}) {why}")
        self.token = token


class RevokedToken(UnusableToken):
    """The token was revoked."""

    def __init__(self, token: Token) -> None:
        super().__init__(token, "was revoked: make another under Settings, API tokens.")


class ExpiredToken(UnusableToken):
    """The token's last day is over."""

    def __init__(self, token: Token) -> None:
        super().__init__(token, "has expired: make another under Settings, API tokens.")


class MakerMayNot(UnusableToken):
    """Whoever made the token could not make it now."""

    def __init__(self, token: Token) -> None:
        super().__init__(
            token,
            "is refused, because whoever made it is no longer a member where it is good: an"
            " administrator can take it over under Settings, API tokens.",
        )


def may_hold(user: User, project_id: int | None) -> bool:
    """Whether this person may make and use tokens for a project, or (None) for the whole instance."""
    if project_id is None:
        return user.rights.reach_everywhere(NEEDED)
    return user.rights.reach_in(NEEDED, project_id)


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
        expires_at: datetime | None = None,
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
            "expires_at": expires_at,
        }
        with self._database.write() as connection:
            made = connection.execute(api_tokens.insert().values(row).returning(api_tokens)).one()
        return _token(made), secret

    def authenticate(self, secret: str, now: datetime, address: str = "") -> Token:
        """The token with this secret, used from this address.

        Raises UnknownToken, RevokedToken, ExpiredToken or MakerMayNot.
        """
        of_secret = api_tokens.c.token_hash == _hash(secret), has_kept_home(api_tokens.c.project_id)
        with self._database.read() as connection:
            row = connection.execute(select(api_tokens).where(*of_secret)).first()
            maker = None
            if row is not None and row.created_by is not None:
                maker = person(connection.execute(PEOPLE.where(users.c.id == row.created_by)))
        if row is None:
            raise UnknownToken(secret)
        token = _token(row)
        if token.revoked_at is not None:
            raise RevokedToken(token)
        if token.is_expired(now):
            raise ExpiredToken(token)
        if maker is not None:
            if not may_hold(maker, token.project_id):
                raise MakerMayNot(token)
            token = replace(token, is_admins=maker.is_admin)
        if token.last_used_at is None or now - token.last_used_at >= LAST_USED_PRECISION:
            self._mark_used(token.id, now, address)
        return token

    def all(self) -> tuple[Token, ...]:
        """Every token, revoked ones too, newest first."""
        wanted = select(api_tokens).where(has_kept_home(api_tokens.c.project_id))
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(api_tokens.c.id.desc()))
            return tuple(_token(row) for row in rows)

    def adopt(self, token_id: int, user_id: int) -> None:
        """From now on the token is this person's, and asks for their rights."""
        with self._database.write() as connection:
            connection.execute(
                update(api_tokens).where(api_tokens.c.id == token_id).values(created_by=user_id)
            )

    def revoke(self, token_id: int, now: datetime) -> None:
        """From now on the token opens nothing. Revoking it again changes nothing."""
        with self._database.write() as connection:
            connection.execute(
                update(api_tokens)
                .where(api_tokens.c.id == token_id, api_tokens.c.revoked_at.is_(None))
                .values(revoked_at=now)
            )

    def _mark_used(self, token_id: int, now: datetime, address: str) -> None:
        unused: ColumnElement[bool] = or_(
            api_tokens.c.last_used_at.is_(None),
            api_tokens.c.last_used_at <= now - LAST_USED_PRECISION,
        )
        with self._database.write() as connection:
            connection.execute(
                update(api_tokens)
                .where(api_tokens.c.id == token_id, unused)
                .values(last_used_at=now, last_used_from=address[:MAX_ADDRESS] or None)
            )


def revoke_all(connection: Connection, these: ColumnElement[bool], now: datetime) -> None:
    """From now on they open nothing; a part of the caller's transaction."""
    good = these, api_tokens.c.revoked_at.is_(None)
    # In the order of their numbers: another may be about to revoke some of the same.
    locked = select(api_tokens.c.id).where(*good).order_by(api_tokens.c.id).with_for_update()
    if connection.execute(locked).all():
        connection.execute(update(api_tokens).where(*good).values(revoked_at=now))


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
        expires_at=row.expires_at,
        last_used_from=row.last_used_from,
        is_admins=row.created_by is None,
    )
