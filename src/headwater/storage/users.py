"""The people who may sign in, and their passwords as argon2 hashes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Row, func, select, update
from sqlalchemy.exc import IntegrityError

from headwater.storage.database import Database
from headwater.storage.schema import users

MAX_EMAIL = 320
"""Characters of an e-mail address: RFC 5321's longest, and the column's width."""

MAX_PASSWORD = 1024
"""Characters of a password that are hashed; a longer one is refused before it costs anything."""

_hasher: Final = PasswordHasher()


class InvalidUser(Exception):
    """A user can't be made of this e-mail address or password; the message says why."""


class UserExists(Exception):
    """Somebody has this e-mail address already."""

    def __init__(self, email: str) -> None:
        super().__init__(f"There is a user {email} already.")


@cache
def _nobodys_hash() -> str:
    """Verified against when the account does not exist, so that both answers take as long."""
    return _hasher.hash("nobody's password")


@dataclass(frozen=True, slots=True)
class User:
    """One person. The password hash never leaves this file."""

    id: int
    email: str
    is_admin: bool
    created_at: datetime


class Users:
    """Everyone who may sign in. E-mail addresses are compared without regard to case."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._nobody = _nobodys_hash()

    def create(self, email: str, password: str, is_admin: bool, now: datetime) -> User:  # noqa: FBT001 - the one flag a user has
        """A new user. Raises InvalidUser or UserExists."""
        email = _checked_email(email)
        row = {
            "email": email,
            "password_hash": _hasher.hash(_checked_password(password)),
            "is_admin": is_admin,
            "created_at": now,
        }
        try:
            with self._database.write() as connection:
                made = connection.execute(users.insert().values(row).returning(users)).one()
        except IntegrityError:
            raise UserExists(email) from None
        return _user(made)

    def authenticate(self, email: str, password: str) -> User | None:
        """The user, if the password is theirs. Takes as long for an address nobody has."""
        if len(password) > MAX_PASSWORD:
            return None
        with self._database.read() as connection:
            row = connection.execute(
                select(users).where(users.c.email == email.strip().lower())
            ).first()
        if (
            not _matches(self._nobody if row is None else row.password_hash, password)
            or row is None
        ):
            return None
        if _hasher.check_needs_rehash(row.password_hash):
            self.change_password(row.id, password)
        return _user(row)

    def change_password(self, user_id: int, password: str) -> None:
        """Raises InvalidUser if the password can't be one."""
        hashed = _hasher.hash(_checked_password(password))
        with self._database.write() as connection:
            connection.execute(
                update(users).where(users.c.id == user_id).values(password_hash=hashed)
            )

    def count(self) -> int:
        """How many users there are; none means a first start."""
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(users)).scalar_one()

    def all(self) -> Sequence[User]:
        """Everybody, by e-mail address."""
        with self._database.read() as connection:
            rows = connection.execute(select(users).order_by(users.c.email)).all()
        return [_user(row) for row in rows]

    def by_email(self, email: str) -> User | None:
        """The user with this address."""
        with self._database.read() as connection:
            row = connection.execute(
                select(users).where(users.c.email == email.strip().lower())
            ).first()
        return None if row is None else _user(row)


def _matches(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password.encode("utf-8", "surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False


def _checked_email(email: str) -> str:
    email = email.strip().lower()
    name, _, host = email.rpartition("@")
    if not name or not host or any(character.isspace() for character in email):
        raise InvalidUser(f"An e-mail address such as ada@example.com was expected, not '{email}'.")
    if len(email) > MAX_EMAIL:
        raise InvalidUser(f"An e-mail address has at most {MAX_EMAIL} characters.")
    return email


def _checked_password(password: str) -> str:
    if not password:
        raise InvalidUser("A password can't be empty.")
    if len(password) > MAX_PASSWORD:
        raise InvalidUser(f"A password has at most {MAX_PASSWORD} characters.")
    return password


def _user(row: Row[Any]) -> User:
    return User(id=row.id, email=row.email, is_admin=bool(row.is_admin), created_at=row.created_at)
