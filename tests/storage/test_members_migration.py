"""Accounts of a version without roles, brought to the present one."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from headwater.storage.database import Database
from headwater.storage.migrate import migrate
from headwater.storage.people.roles import Rights, Role
from headwater.storage.people.sessions import Client, Sessions, _hash
from headwater.storage.people.tokens import Tokens
from headwater.storage.people.tokens import _hash as token_hash
from headwater.storage.people.users import Users
from tests.databases import bring_to

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def fill_as_before(database: Database) -> None:
    """Two members, two administrators, a session and a token."""
    bring_to(database, "0011")
    with database.write() as connection:
        for number, is_admin in enumerate((False, True, True, False), 1):
            connection.execute(
                text(
                    "INSERT INTO users (email, password_hash, is_admin, created_at)"
                    " VALUES (:email, '', :is_admin, :now)"
                ),
                {"email": f"{number}@x.org", "is_admin": is_admin, "now": NOW},
            )
        connection.execute(
            text(
                "INSERT INTO sessions (token_hash, user_id, created_at, expires_at)"
                " VALUES (:hash, 1, :now, :end)"
            ),
            {"hash": _hash("session"), "now": NOW, "end": datetime(2026, 12, 22, tzinfo=UTC)},
        )
        connection.execute(
            text(
                "INSERT INTO api_tokens (name, token_hash, prefix, scope, created_by, created_at)"
                " VALUES ('CI', :hash, 'prefix', 'upload', 4, :now)"
            ),
            {"hash": token_hash("secret"), "now": NOW},
        )


def assert_as_now(database: Database) -> None:
    """Everybody has their role; what was open and good stays so."""
    roles = [(user.id, user.rights) for user in Users(database).all()]
    assert roles == [
        (1, Rights(Role.MEMBER)),
        (2, Rights(Role.OWNER)),
        (3, Rights(Role.ADMIN)),
        (4, Rights(Role.MEMBER)),
    ]
    (session,) = Sessions(database).of_user(1, NOW)
    assert (session.last_used_at, session.client) == (None, Client())
    user = Sessions(database).user_of("session", NOW, Client("192.0.2.1", "x"))
    assert user
    assert user.id == 1
    assert Tokens(database).authenticate("secret", NOW, "192.0.2.1").expires_at is None


def test_the_first_administrator_is_the_owner_and_nothing_ends(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'headwater.db'}")
    fill_as_before(database)

    migrate(database)

    assert_as_now(database)
    database.close()
