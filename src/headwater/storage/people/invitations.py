"""Invitations: a link that makes one account, once, within a week. Only the hash of its secret is kept."""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Connection, Row, delete, select

from headwater.storage.batches import batches
from headwater.storage.database import Database
from headwater.storage.people.accounts import User
from headwater.storage.people.roles import Rights, Role
from headwater.storage.people.users import UserExists, add_user, checked_email, hashed_password
from headwater.storage.schema import invitation_projects, invitations, users

LIFETIME: Final = timedelta(days=7)
"""How long a link is good: a holiday is longer, a forgotten chat is read later."""


class InvitationGone(Exception):
    """The link opens nothing: it was used, revoked, is too old, or never was."""

    def __init__(self) -> None:
        super().__init__(
            "This invitation is not valid: it was used, taken back, or is older than seven days."
            " Whoever sent it can make another."
        )


class Invitation(Struct, frozen=True):
    """One that nobody used yet. `projects` None: all of them."""

    id: int
    email: str
    role: Role
    projects: frozenset[int] | None
    invited_by: int | None
    created_at: datetime
    expires_at: datetime

    @property
    def rights(self) -> Rights:
        """What the invited will have."""
        if self.projects is None:
            return Rights(self.role)
        in_projects = dict.fromkeys(sorted(self.projects), self.role)
        return Rights(self.role, all_projects=False, in_projects=in_projects)


class Invitations:
    """Every invitation of this server."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def invite(
        self,
        email: str,
        role: Role,
        projects: Collection[int] | None,
        invited_by: int,
        now: datetime,
    ) -> tuple[Invitation, str]:
        """An invitation and its secret, 64 hexadecimal digits, which can't be had again.

        One for the same address before is taken back. Raises InvalidUser or UserExists.
        """
        email = checked_email(email)
        secret = secrets.token_hex(32)
        row = {
            "email": email,
            "role": role.value,
            "all_projects": projects is None,
            "token_hash": _hash(secret),
            "invited_by": invited_by,
            "created_at": now,
            "expires_at": now + LIFETIME,
        }
        with self._database.write() as connection:
            if connection.execute(select(users.c.id).where(users.c.email == email)).first():
                raise UserExists(email)
            outlived = (invitations.c.email == email) | (invitations.c.expires_at <= now)
            connection.execute(delete(invitations).where(outlived))
            made = connection.execute(invitations.insert().values(row).returning(invitations)).one()
            if projects:
                connection.execute(
                    invitation_projects.insert(),
                    [{"invitation_id": made.id, "project_id": each} for each in sorted(projects)],
                )
            return _invitation(connection, made), secret

    def pending(self, now: datetime) -> tuple[Invitation, ...]:
        """Those that can still be accepted, newest first."""
        wanted = select(invitations).where(invitations.c.expires_at > now)
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(invitations.c.id.desc())).all()
            return _invitations(connection, rows)

    def find(self, secret: str, now: datetime) -> Invitation:
        """The one with this secret. Raises InvitationGone."""
        with self._database.read() as connection:
            return _found(connection, secret, now)

    def accept(self, secret: str, password: str, now: datetime) -> User:
        """Make the account, and use the invitation up. Raises InvitationGone or InvalidUser."""
        self.find(secret, now)  # before a password is hashed for nothing
        hashed = hashed_password(password)
        try:
            with self._database.write() as connection:
                found = _found(connection, secret, now)
                used = delete(invitations).where(invitations.c.id == found.id)
                if not connection.execute(used).rowcount:
                    raise InvitationGone
                return add_user(connection, found.email, hashed, found.rights, now)
        except UserExists:
            # Told like any other: whether an account exists is nobody's business.
            raise InvitationGone from None

    def revoke(self, invitation_id: int) -> None:
        """Take it back. One that is gone already is no error."""
        with self._database.write() as connection:
            connection.execute(delete(invitations).where(invitations.c.id == invitation_id))


def _found(connection: Connection, secret: str, now: datetime) -> Invitation:
    of_secret = invitations.c.token_hash == _hash(secret)
    wanted = select(invitations).where(of_secret, invitations.c.expires_at > now)
    row = connection.execute(wanted).first()
    if row is None:
        raise InvitationGone
    return _invitation(connection, row)


def _invitation(connection: Connection, row: Row[Any]) -> Invitation:
    return _invitations(connection, [row])[0]


def _invitations(connection: Connection, rows: Sequence[Row[Any]]) -> tuple[Invitation, ...]:
    chosen: dict[int, set[int]] = {row.id: set() for row in rows if not row.all_projects}
    for some in batches(sorted(chosen)):
        of_these = invitation_projects.c.invitation_id.in_(some)
        for each in connection.execute(select(invitation_projects).where(of_these)):
            chosen[each.invitation_id].add(each.project_id)
    return tuple(_made(row, chosen.get(row.id)) for row in rows)


def _made(row: Row[Any], projects: set[int] | None) -> Invitation:
    return Invitation(
        id=row.id,
        email=row.email,
        role=Role(row.role),
        projects=None if projects is None else frozenset(projects),
        invited_by=row.invited_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


def _hash(secret: str) -> str:
    # Of 256 random bits: no salt, no slow hash needed.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
