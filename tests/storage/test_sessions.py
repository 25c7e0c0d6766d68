"""Sessions: who is signed in, and until when."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from headwater.storage.database import Database
from headwater.storage.roles import Role
from headwater.storage.schema import sessions as sessions_table
from headwater.storage.sessions import LIFETIME, Sessions
from headwater.storage.users import User, Users

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.fixture
def ada(database: Database) -> User:
    return Users(database).create("ada@example.com", "correct horse", Role.OWNER, NOW)


def test_a_session_says_who_is_signed_in(database: Database, ada: User) -> None:
    sessions = Sessions(database)

    secret = sessions.start(ada.id, NOW)

    assert sessions.user_of(secret, NOW) == ada
    assert sessions.user_of(secret[:-1], NOW) is None
    assert sessions.user_of("", NOW) is None


def test_a_session_ends_by_itself(database: Database, ada: User) -> None:
    sessions = Sessions(database)
    secret = sessions.start(ada.id, NOW)

    just_before = sessions.user_of(secret, NOW + LIFETIME - timedelta(seconds=1))
    at_the_end = sessions.user_of(secret, NOW + LIFETIME)

    assert just_before == ada
    assert at_the_end is None


def test_signing_in_again_ends_the_session_the_browser_came_with(
    database: Database, ada: User
) -> None:
    sessions = Sessions(database)
    old = sessions.start(ada.id, NOW)
    elsewhere = sessions.start(ada.id, NOW)

    new = sessions.start(ada.id, NOW, replaces=old)

    assert sessions.user_of(old, NOW) is None
    assert sessions.user_of(new, NOW) == ada
    assert sessions.user_of(elsewhere, NOW) == ada


def test_signing_out_ends_one_session_or_all(database: Database, ada: User) -> None:
    sessions = Sessions(database)
    one, two, three = (sessions.start(ada.id, NOW) for _ in range(3))

    sessions.end(one)
    after_one = [sessions.user_of(secret, NOW) for secret in (one, two, three)]
    sessions.end_all(ada.id)
    after_all = [sessions.user_of(secret, NOW) for secret in (one, two, three)]

    assert after_one == [None, ada, ada]
    assert after_all == [None, None, None]


def test_sessions_past_their_end_are_cleared_away(database: Database, ada: User) -> None:
    sessions = Sessions(database)
    sessions.start(ada.id, NOW)

    sessions.start(ada.id, NOW + LIFETIME)

    with database.read() as connection:
        left = connection.execute(select(func.count()).select_from(sessions_table)).scalar_one()
    assert left == 1


def test_the_secret_itself_is_nowhere_in_the_database(database: Database, ada: User) -> None:
    secret = Sessions(database).start(ada.id, NOW)

    with database.read() as connection:
        row = connection.execute(select(sessions_table)).one()

    assert secret not in [str(value) for value in row]
