"""Who is signed in. A browser holds the secret in a cookie; only its hash is kept here."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select

from headwater.storage.database import Database
from headwater.storage.schema import sessions, users
from headwater.storage.users import User

LIFETIME: Final = timedelta(days=30)
"""After this a person signs in again, whatever they did meanwhile."""


class Sessions:
    """Every session of this server."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def start(self, user_id: int, now: datetime, replaces: str | None = None) -> str:
        """A new session's secret, 64 hexadecimal digits.

        `replaces` is the secret that the browser came with: it ends, so that one planted in the
        browser before signing in is worth nothing afterwards. Sessions past their end go too.
        """
        secret = secrets.token_hex(32)
        row = {
            "token_hash": _hash(secret),
            "user_id": user_id,
            "created_at": now,
            "expires_at": now + LIFETIME,
        }
        with self._database.write() as connection:
            connection.execute(delete(sessions).where(sessions.c.expires_at <= now))
            if replaces:
                connection.execute(delete(sessions).where(sessions.c.token_hash == _hash(replaces)))
            connection.execute(sessions.insert().values(row))
        return secret

    def user_of(self, secret: str, now: datetime) -> User | None:
        """Who is signed in with this secret; None if nobody is, or the session is past its end."""
        with self._database.read() as connection:
            row = connection.execute(
                select(users.c.id, users.c.email, users.c.is_admin, users.c.created_at)
                .join(sessions, sessions.c.user_id == users.c.id)
                .where(sessions.c.token_hash == _hash(secret), sessions.c.expires_at > now)
            ).first()
        if row is None:
            return None
        return User(
            id=row.id, email=row.email, is_admin=bool(row.is_admin), created_at=row.created_at
        )

    def end(self, secret: str) -> None:
        """Sign out. A session that isn't there is signed out already."""
        with self._database.write() as connection:
            connection.execute(delete(sessions).where(sessions.c.token_hash == _hash(secret)))

    def end_all(self, user_id: int) -> None:
        """Sign this person out everywhere."""
        with self._database.write() as connection:
            connection.execute(delete(sessions).where(sessions.c.user_id == user_id))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
