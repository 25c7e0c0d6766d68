"""The people who may sign in, and their passwords as argon2 hashes."""

from datetime import datetime
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from headwater.storage.database import Database
from headwater.storage.people.accounts import COLUMNS, PEOPLE, people, person
from headwater.storage.people.accounts import User as User
from headwater.storage.people.roles import Rights, Role
from headwater.storage.people.tokens import revoke_all
from headwater.storage.schema import api_tokens, project_roles, users

MAX_EMAIL = 320
"""Characters of an e-mail address: RFC 5321's longest, and the column's width."""

MAX_PASSWORD = 1024
"""Characters of a password that are hashed; a longer one is refused before it costs anything."""

MIN_PASSWORD = 8
"""Characters of a password, whoever chooses it; NIST SP 800-63B asks for as many."""

_hasher: Final = PasswordHasher()


class InvalidUser(Exception):
    """A user can't be made of this e-mail address or password; the message says why."""


class UserExists(Exception):
    """Somebody has this e-mail address already."""

    def __init__(self, email: str) -> None:
        super().__init__(f"There is a user {email} already.")


class LastOwner(Exception):
    """An instance without an owner could not be given one by anybody."""

    def __init__(self) -> None:
        super().__init__("The last owner stays one: make somebody else an owner first.")


@cache
def _nobodys_hash() -> str:
    """Verified against when the account does not exist, so that both answers take as long."""
    return _hasher.hash("nobody's password")


class Users:
    """Everyone who may sign in. E-mail addresses are compared without regard to case."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._nobody = _nobodys_hash()

    def create(self, email: str, password: str, role: Role, now: datetime) -> User:
        """A new user, who sees all projects. Raises InvalidUser or UserExists."""
        hashed = hashed_password(password)
        with self._database.write() as connection:
            return add_user(connection, email, hashed, Rights(role), now)

    def authenticate(self, email: str, password: str) -> User | None:
        """The user, if the password is theirs. Takes as long for an address nobody has."""
        if len(password) > MAX_PASSWORD:
            return None
        with self._database.read() as connection:
            wanted = PEOPLE.add_columns(users.c.password_hash)
            rows = connection.execute(wanted.where(users.c.email == email.strip().lower())).all()
        row = rows[0] if rows else None
        if (
            not _matches(self._nobody if row is None else row.password_hash, password)
            or row is None
        ):
            return None
        if _hasher.check_needs_rehash(row.password_hash):
            self._keep(
                row.id, _hasher.hash(password)
            )  # one of before may be shorter than is asked for
        return person(rows)

    def change_password(self, user_id: int, password: str) -> None:
        """Raises InvalidUser if the password can't be one."""
        self._keep(user_id, hashed_password(password))

    def _keep(self, user_id: int, hashed: str) -> None:
        with self._database.write() as connection:
            connection.execute(
                update(users).where(users.c.id == user_id).values(password_hash=hashed)
            )

    def change_email(self, user_id: int, email: str) -> None:
        """Raises InvalidUser or UserExists."""
        email = checked_email(email)
        try:
            with self._database.write() as connection:
                connection.execute(update(users).where(users.c.id == user_id).values(email=email))
        except IntegrityError:
            raise UserExists(email) from None

    def change_rights(self, user_id: int, rights: Rights) -> None:
        """Raises LastOwner."""
        with self._database.write() as connection:
            if rights.role is not Role.OWNER:
                _check_owners(connection, user_id)
            changed = update(users).where(users.c.id == user_id)
            connection.execute(
                changed.values(role=rights.role.value, all_projects=rights.all_projects)
            )
            connection.execute(delete(project_roles).where(project_roles.c.user_id == user_id))
            add_roles(connection, user_id, rights)

    def change_role_in(self, user_id: int, project_id: int, role: Role | None) -> None:
        """Give a role in one project; None takes it away, so that the instance's holds again."""
        of_both = (project_roles.c.user_id == user_id, project_roles.c.project_id == project_id)
        with self._database.write() as connection:
            connection.execute(delete(project_roles).where(*of_both))
            if role is not None:
                row = {"user_id": user_id, "project_id": project_id, "role": role.value}
                connection.execute(project_roles.insert().values(row))

    def remove(self, user_id: int, now: datetime) -> None:
        """The person, their sessions and roles; the tokens that they made are revoked. Raises LastOwner."""
        with self._database.write() as connection:
            _check_owners(connection, user_id)
            # In this order, as who deletes a project: see decision 19.
            revoke_all(connection, api_tokens.c.created_by == user_id, now)
            connection.execute(delete(project_roles).where(project_roles.c.user_id == user_id))
            connection.execute(delete(users).where(users.c.id == user_id))

    def count(self) -> int:
        """How many users there are; none means a first start."""
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(users)).scalar_one()

    def all(self) -> tuple[User, ...]:
        """Everyone, by address."""
        with self._database.read() as connection:
            return people(connection.execute(PEOPLE.order_by(users.c.email)))

    def get(self, user_id: int) -> User | None:
        """The user with this id."""
        with self._database.read() as connection:
            return person(connection.execute(PEOPLE.where(users.c.id == user_id)))

    def by_email(self, email: str) -> User | None:
        """The user with this address."""
        wanted = PEOPLE.where(users.c.email == email.strip().lower())
        with self._database.read() as connection:
            return person(connection.execute(wanted))


def add_user(
    connection: Connection, email: str, hashed: str, rights: Rights, now: datetime
) -> User:
    """A new user, as a part of a transaction. Raises InvalidUser or UserExists, which end it."""
    email = checked_email(email)
    row = {
        "email": email,
        "password_hash": hashed,
        "role": rights.role.value,
        "all_projects": rights.all_projects,
        "created_at": now,
    }
    try:
        made = connection.execute(users.insert().values(row).returning(*COLUMNS)).one()
    except IntegrityError:
        raise UserExists(email) from None
    add_roles(connection, made.id, rights)
    return User(made.id, made.email, rights, made.created_at)


def add_roles(connection: Connection, user_id: int, rights: Rights) -> None:
    """The roles in single projects, as a part of a transaction."""
    rows = [
        {"user_id": user_id, "project_id": project_id, "role": role.value}
        for project_id, role in rights.in_projects.items()
    ]
    if rows:
        connection.execute(project_roles.insert(), rows)


def hashed_password(password: str) -> str:
    """Takes 64 MB and tens of milliseconds: not to be done in a transaction. Raises InvalidUser."""
    return _hasher.hash(checked_password(password))


def checked_password(password: str) -> str:
    """Raises InvalidUser for one that can't be chosen."""
    if len(password) < MIN_PASSWORD:
        raise InvalidUser(f"A password needs at least {MIN_PASSWORD} characters; longer is better.")
    if len(password) > MAX_PASSWORD:
        raise InvalidUser(f"A password has at most {MAX_PASSWORD} characters.")
    return password


def checked_email(email: str) -> str:
    """As it is stored. Raises InvalidUser."""
    email = email.strip().lower()
    name, _, host = email.rpartition("@")
    if not name or not host or any(character.isspace() for character in email):
        raise InvalidUser(f"An e-mail address such as ada@example.com was expected, not '{email}'.")
    if len(email) > MAX_EMAIL:
        raise InvalidUser(f"An e-mail address has at most {MAX_EMAIL} characters.")
    return email


def _check_owners(connection: Connection, leaving: int) -> None:
    # Locked, so that two owners can't each remove the other in the same moment.
    owners = select(users.c.id).where(users.c.role == Role.OWNER.value).with_for_update()
    if set(connection.execute(owners).scalars()) == {leaving}:
        raise LastOwner


def _matches(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password.encode("utf-8", "surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False
