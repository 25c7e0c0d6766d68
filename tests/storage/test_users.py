"""Users: passwords, and what is refused."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from headwater.storage.database import Database
from headwater.storage.roles import Role
from headwater.storage.schema import users as users_table
from headwater.storage.users import MAX_PASSWORD, InvalidUser, UserExists, Users

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def test_a_user_comes_in_with_their_password_and_no_other(database: Database) -> None:
    users = Users(database)
    ada = users.create("ada@example.com", "correct horse", Role.OWNER, NOW)

    assert users.authenticate("ada@example.com", "correct horse") == ada
    assert users.authenticate("ada@example.com", "correct horse ") is None
    assert users.authenticate("ada@example.com", "") is None
    assert users.authenticate("bob@example.com", "correct horse") is None


def test_an_address_is_the_same_in_any_case(database: Database) -> None:
    users = Users(database)
    ada = users.create(" Ada@Example.com", "correct horse", Role.MEMBER, NOW)

    assert ada.email == "ada@example.com"
    assert users.by_email("ADA@example.com") == ada
    assert users.authenticate("ADA@EXAMPLE.COM ", "correct horse") == ada


def test_a_password_is_kept_as_argon2_only(database: Database) -> None:
    Users(database).create("ada@example.com", "correct horse", Role.MEMBER, NOW)

    with database.read() as connection:
        hashed = connection.execute(select(users_table.c.password_hash)).scalar_one()

    assert hashed.startswith("$argon2id$")
    assert "correct horse" not in hashed


def test_an_address_that_somebody_has_is_refused(database: Database) -> None:
    users = Users(database)
    users.create("ada@example.com", "correct horse", Role.MEMBER, NOW)

    with pytest.raises(UserExists, match=r"ada@example\.com"):
        users.create("ADA@example.com", "battery staple", Role.MEMBER, NOW)

    assert users.count() == 1


@pytest.mark.parametrize("email", ["", "ada", "@", "ada@", "@example.com", "a b@example.com"])
def test_an_address_that_cannot_be_one_is_refused(database: Database, email: str) -> None:
    with pytest.raises(InvalidUser, match="e-mail"):
        Users(database).create(email, "correct horse", Role.MEMBER, NOW)


@pytest.mark.parametrize("password", ["", "x" * (MAX_PASSWORD + 1)])
def test_a_password_that_cannot_be_one_is_refused(database: Database, password: str) -> None:
    users = Users(database)

    with pytest.raises(InvalidUser, match="password"):
        users.create("ada@example.com", password, Role.MEMBER, NOW)
    assert users.authenticate("ada@example.com", password) is None


def test_a_changed_password_takes_the_place_of_the_old_one(database: Database) -> None:
    users = Users(database)
    ada = users.create("ada@example.com", "correct horse", Role.MEMBER, NOW)

    users.change_password(ada.id, "battery staple")

    assert users.authenticate("ada@example.com", "correct horse") is None
    assert users.authenticate("ada@example.com", "battery staple") == ada
