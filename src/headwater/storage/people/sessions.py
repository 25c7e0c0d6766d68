"""Who is signed in. A browser holds the secret in a cookie; only its hash is kept here."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, Row, Select, delete, select, update
from sqlalchemy.exc import DatabaseError

from headwater.storage.database import Database, is_hindered
from headwater.storage.people.accounts import PEOPLE, User, person
from headwater.storage.schema import sessions, users

LIFETIME: Final = timedelta(days=30)
"""After this a person signs in again, whatever they did meanwhile."""

PENDING_LIFETIME: Final = timedelta(minutes=10)
"""Between the right password and the right code of a second factor: time to find the phone."""

LAST_USED_PRECISION: Final = timedelta(minutes=5)
"""`last_used_at` is written at most this often, or when the address changes: a page is a read."""

MAX_ADDRESS: Final = 64
"""Characters of a client's address that are kept: the column's width; the longest of IPv6 has 45."""

MAX_USER_AGENT: Final = 300
"""Characters of what a browser calls itself that are kept: the column's width."""

_NAME: Final = 16
"""Digits of the hash by which a session is named in addresses: enough to tell one person's apart."""


@dataclass(frozen=True, slots=True)
class Client:
    """Where a session is used from, as far as it is known."""

    address: str = ""
    user_agent: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "address", self.address[:MAX_ADDRESS])
        object.__setattr__(self, "user_agent", self.user_agent[:MAX_USER_AGENT])


class Session(Struct, frozen=True):
    """One session, without its secret. `name` is for addresses, and opens nothing."""

    name: str
    user_id: int
    created_at: datetime
    last_used_at: datetime | None
    client: Client


class Sessions:
    """Every session of this server."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def start(
        self,
        user_id: int,
        now: datetime,
        replaces: str | None = None,
        client: Client = Client(),
        *,
        is_pending: bool = False,
    ) -> str:
        """A new session's secret, 64 hexadecimal digits.

        `replaces` is the secret that the browser came with: it ends, so that one planted in the
        browser before signing in is worth nothing afterwards. Sessions past their end go too. One
        that `is_pending` signs nobody in: a second factor is still asked for.
        """
        secret = secrets.token_hex(32)
        row = {
            "token_hash": _hash(secret),
            "user_id": user_id,
            "created_at": now,
            "expires_at": now + (PENDING_LIFETIME if is_pending else LIFETIME),
            "last_used_at": now,
            "address": client.address,
            "user_agent": client.user_agent,
            "is_pending": is_pending,
        }
        with self._database.write() as connection:
            connection.execute(delete(sessions).where(sessions.c.expires_at <= now))
            if replaces:
                connection.execute(delete(sessions).where(sessions.c.token_hash == _hash(replaces)))
            connection.execute(sessions.insert().values(row))
        return secret

    def user_of(
        self, secret: str, now: datetime, client: Client | None = None, *, is_pending: bool = False
    ) -> User | None:
        """Who is signed in with this secret; None if nobody is, or the session is past its end.

        `client`, if given, is written down as the one that used it last.
        """
        wanted: Select[Any] = (
            PEOPLE.add_columns(sessions.c.last_used_at, sessions.c.address)
            .join(sessions, sessions.c.user_id == users.c.id)
            .where(
                sessions.c.token_hash == _hash(secret),
                sessions.c.expires_at > now,
                sessions.c.is_pending.is_(is_pending),
            )
        )
        with self._database.read() as connection:
            rows = connection.execute(wanted).all()
        if rows and client is not None and _is_news(rows[0], client, now):
            self._note_use(secret, now, client)
        return person(rows)

    def of_user(self, user_id: int, now: datetime) -> tuple[Session, ...]:
        """A person's sessions, last used first."""
        wanted = select(sessions).where(*_open(user_id, now))
        newest_first = (sessions.c.last_used_at.desc().nulls_last(), sessions.c.created_at.desc())
        with self._database.read() as connection:
            return tuple(map(_session, connection.execute(wanted.order_by(*newest_first))))

    def end(self, secret: str) -> None:
        """Sign out. A session that isn't there is signed out already."""
        with self._database.write() as connection:
            connection.execute(delete(sessions).where(sessions.c.token_hash == _hash(secret)))

    def end_one(self, user_id: int, name: str) -> None:
        """Sign a person out of one of their sessions."""
        named = sessions.c.token_hash.startswith(name, autoescape=True)
        with self._database.write() as connection:
            connection.execute(delete(sessions).where(sessions.c.user_id == user_id, named))

    def end_all(self, user_id: int) -> None:
        """Sign this person out everywhere."""
        with self._database.write() as connection:
            connection.execute(delete(sessions).where(sessions.c.user_id == user_id))

    def renew(self, user_id: int, now: datetime, client: Client) -> str:
        """Sign this person out everywhere, and in again here, with a new secret."""
        self.end_all(user_id)
        return self.start(user_id, now, client=client)

    def _note_use(self, secret: str, now: datetime, client: Client) -> None:
        used = {"last_used_at": now, "address": client.address, "user_agent": client.user_agent}
        try:
            with self._database.write() as connection:
                connection.execute(
                    update(sessions).where(sessions.c.token_hash == _hash(secret)).values(used)
                )
        except DatabaseError as error:
            # On a full disk pages can still be read: it is no reason to show none.
            if not is_hindered(error):
                raise


def name_of(secret: str) -> str:
    """What the session with this secret is called."""
    return _hash(secret)[:_NAME]


def _open(user_id: int, now: datetime) -> tuple[ColumnElement[bool], ...]:
    ours = sessions.c.user_id == user_id
    return ours, sessions.c.expires_at > now, sessions.c.is_pending.is_(False)


def _is_news(row: Row[Any], client: Client, now: datetime) -> bool:
    if row.last_used_at is None or row.address != client.address:
        return True
    used_at: datetime = row.last_used_at
    return now - used_at >= LAST_USED_PRECISION


def _session(row: Row[Any]) -> Session:
    client = Client(row.address, row.user_agent)
    return Session(row.token_hash[:_NAME], row.user_id, row.created_at, row.last_used_at, client)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
