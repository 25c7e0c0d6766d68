"""Users: passwords, and what is refused."""

from datetime import UTC, datetime

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from headwater.storage.database import Database
from headwater.storage.people.roles import Rights, Role
from headwater.storage.people.sessions import Sessions
from headwater.storage.people.tokens import RevokedToken, Scope, Tokens
from headwater.storage.people.users import MAX_PASSWORD, InvalidUser, LastOwner, UserExists, Users
from headwater.storage.projects import Projects
from headwater.storage.schema import users as users_table

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


@pytest.mark.parametrize("password", ["", "1234567", "x" * (MAX_PASSWORD + 1)])
def test_a_password_that_cannot_be_one_is_refused(database: Database, password: str) -> None:
    users = Users(database)

    with pytest.raises(InvalidUser, match="password"):
        users.create("ada@example.com", password, Role.MEMBER, NOW)
    assert users.authenticate("ada@example.com", password) is None


def test_a_short_password_of_before_is_hashed_anew_and_still_good(database: Database) -> None:
    users = Users(database)
    users.create("ada@example.com", "correct horse", Role.OWNER, NOW)
    weak = PasswordHasher(time_cost=1).hash("short")
    with database.write() as connection:
        connection.execute(users_table.update().values(password_hash=weak))

    assert users.authenticate("ada@example.com", "short") is not None
    assert users.authenticate("ada@example.com", "short") is not None


def test_a_changed_password_takes_the_place_of_the_old_one(database: Database) -> None:
    users = Users(database)
    ada = users.create("ada@example.com", "correct horse", Role.MEMBER, NOW)

    users.change_password(ada.id, "battery staple")

    assert users.authenticate("ada@example.com", "correct horse") is None
    assert users.authenticate("ada@example.com", "battery staple") == ada


def test_the_last_owner_can_neither_be_lowered_nor_removed(database: Database) -> None:
    users = Users(database)
    ada = users.create("ada@example.com", "correct horse", Role.OWNER, NOW)
    bob = users.create("bob@example.com", "correct horse", Role.ADMIN, NOW)

    with pytest.raises(LastOwner):
        users.change_rights(ada.id, Rights(Role.ADMIN))
    with pytest.raises(LastOwner):
        users.remove(ada.id, NOW)
    users.change_rights(bob.id, Rights(Role.OWNER))
    users.remove(ada.id, NOW)

    assert [(user.email, user.role) for user in users.all()] == [("bob@example.com", Role.OWNER)]
    with pytest.raises(LastOwner):
        users.remove(bob.id, NOW)


def test_rights_are_what_was_given_last(database: Database) -> None:
    users, projects = Users(database), Projects(database)
    shop, blog = (projects.create(name, None, NOW).id for name in ("Shop", "Blog"))
    ada = users.create("ada@example.com", "correct horse", Role.MEMBER, NOW)
    users.create("bob@example.com", "correct horse", Role.VIEWER, NOW)
    some = Rights(Role.VIEWER, all_projects=False, in_projects={shop: Role.ADMIN})

    users.change_rights(ada.id, Rights(Role.MEMBER, in_projects={blog: Role.VIEWER}))
    users.change_rights(ada.id, some)

    assert [user.rights for user in users.all()] == [some, Rights(Role.VIEWER)]
    users.change_role_in(ada.id, blog, Role.MEMBER)
    users.change_role_in(ada.id, shop, None)
    found = users.get(ada.id)
    assert found is not None
    assert found.rights == Rights(Role.VIEWER, all_projects=False, in_projects={blog: Role.MEMBER})


def test_with_a_person_their_sessions_and_roles_go_and_their_tokens_are_revoked(
    database: Database,
) -> None:
    users, tokens, sessions = Users(database), Tokens(database), Sessions(database)
    users.create("owner@example.com", "correct horse", Role.OWNER, NOW)
    ada = users.create("ada@example.com", "correct horse", Role.MEMBER, NOW)
    shop = Projects(database).create("Shop", None, NOW)
    users.change_role_in(ada.id, shop.id, Role.ADMIN)
    session = sessions.start(ada.id, NOW)
    _, theirs = tokens.create("CI", Scope.UPLOAD, shop.id, ada.id, NOW)
    _, of_command = tokens.create("other", Scope.UPLOAD, shop.id, None, NOW)

    users.remove(ada.id, NOW)

    assert users.by_email("ada@example.com") is None
    assert sessions.user_of(session, NOW) is None
    with pytest.raises(RevokedToken):
        tokens.authenticate(theirs, NOW)
    assert tokens.authenticate(of_command, NOW).name == "other"


def test_an_address_that_somebody_has_can_not_be_taken(database: Database) -> None:
    users = Users(database)
    ada = users.create("ada@example.com", "correct horse", Role.OWNER, NOW)
    users.create("bob@example.com", "correct horse", Role.MEMBER, NOW)

    users.change_email(ada.id, "Ada@Lovelace.example")
    with pytest.raises(UserExists):
        users.change_email(ada.id, "BOB@example.com")

    found = users.get(ada.id)
    assert found is not None
    assert found.email == "ada@lovelace.example"
