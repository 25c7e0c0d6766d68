"""Invitations: good once, for a week, and only with their secret."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from headwater.storage.database import Database
from headwater.storage.people.invitations import LIFETIME, InvitationGone, Invitations
from headwater.storage.people.roles import Rights, Role
from headwater.storage.people.users import InvalidUser, User, UserExists, Users
from headwater.storage.projects import Projects
from headwater.storage.schema import invitations as table

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.fixture
def ada(database: Database) -> User:
    return Users(database).create("ada@example.com", "correct horse", Role.OWNER, NOW)


def test_whoever_has_the_secret_becomes_who_was_invited_once(database: Database, ada: User) -> None:
    invitations = Invitations(database)
    _, secret = invitations.invite("Bob@example.com", Role.MEMBER, None, ada.id, NOW)

    bob = invitations.accept(secret, "battery staple", NOW)

    assert (bob.email, bob.rights) == ("bob@example.com", Rights(Role.MEMBER))
    assert Users(database).authenticate("bob@example.com", "battery staple") == bob
    assert invitations.pending(NOW) == ()
    with pytest.raises(InvitationGone):
        invitations.accept(secret, "battery staple", NOW)


def test_an_invitation_to_some_projects_shows_no_other(database: Database, ada: User) -> None:
    shop = Projects(database).create("Shop", None, NOW)
    Projects(database).create("Blog", None, NOW)
    invitations = Invitations(database)
    made, secret = invitations.invite("bob@example.com", Role.VIEWER, [shop.id], ada.id, NOW)

    bob = invitations.accept(secret, "battery staple", NOW)

    assert made.projects == frozenset({shop.id})
    assert bob.rights.projects == frozenset({shop.id})
    assert Users(database).by_email("bob@example.com") == bob


def test_an_invitation_ends_after_a_week(database: Database, ada: User) -> None:
    invitations = Invitations(database)
    _, secret = invitations.invite("bob@example.com", Role.MEMBER, None, ada.id, NOW)

    just_before = invitations.find(secret, NOW + LIFETIME - timedelta(seconds=1))

    assert timedelta(days=7) == LIFETIME
    assert just_before.email == "bob@example.com"
    assert invitations.pending(NOW + LIFETIME) == ()
    with pytest.raises(InvitationGone):
        invitations.accept(secret, "battery staple", NOW + LIFETIME)


def test_one_that_was_taken_back_or_made_again_opens_nothing(database: Database, ada: User) -> None:
    invitations = Invitations(database)
    _, first = invitations.invite("bob@example.com", Role.MEMBER, None, ada.id, NOW)
    second, secret = invitations.invite("bob@example.com", Role.VIEWER, None, ada.id, NOW)
    assert [each.id for each in invitations.pending(NOW)] == [second.id]

    invitations.revoke(second.id)

    for each in (first, secret, "", "x" * 64, "\udcff"):
        with pytest.raises(InvitationGone):
            invitations.find(each, NOW)


def test_a_password_that_can_be_none_leaves_the_invitation_as_it_is(
    database: Database, ada: User
) -> None:
    invitations = Invitations(database)
    _, secret = invitations.invite("bob@example.com", Role.MEMBER, None, ada.id, NOW)

    with pytest.raises(InvalidUser):
        invitations.accept(secret, "", NOW)

    assert invitations.accept(secret, "battery staple", NOW).email == "bob@example.com"


def test_who_is_there_is_not_invited_and_who_came_meanwhile_is_not_told(
    database: Database, ada: User
) -> None:
    invitations = Invitations(database)
    with pytest.raises(UserExists):
        invitations.invite("ADA@example.com", Role.MEMBER, None, ada.id, NOW)
    _, secret = invitations.invite("bob@example.com", Role.MEMBER, None, ada.id, NOW)
    Users(database).create("bob@example.com", "correct horse", Role.VIEWER, NOW)

    with pytest.raises(InvitationGone):
        invitations.accept(secret, "battery staple", NOW)

    assert Users(database).authenticate("bob@example.com", "battery staple") is None


def test_the_secret_itself_is_nowhere_in_the_database(database: Database, ada: User) -> None:
    _, secret = Invitations(database).invite("bob@example.com", Role.MEMBER, None, ada.id, NOW)

    with database.read() as connection:
        row = connection.execute(select(table)).one()

    assert secret not in [str(value) for value in row]
