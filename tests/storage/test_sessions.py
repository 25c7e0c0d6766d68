"""Sessions: who is signed in, and until when."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from headwater.storage.database import Database
from headwater.storage.people.roles import Role
from headwater.storage.people.sessions import (
    LAST_USED_PRECISION,
    LIFETIME,
    MAX_USER_AGENT,
    PENDING_LIFETIME,
    Client,
    Sessions,
    name_of,
)
from headwater.storage.people.users import User, Users
from headwater.storage.schema import sessions as sessions_table
from tests.databases import sqlite_only

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


def test_where_a_session_is_used_is_written_down_now_and_then(
    database: Database, ada: User
) -> None:
    sessions = Sessions(database)
    secret = sessions.start(ada.id, NOW, client=Client("192.0.2.1", "Firefox"))
    seen = []

    for seconds, address in ((60, "192.0.2.1"), (120, "192.0.2.9"), (600, "192.0.2.9")):
        sessions.user_of(secret, NOW + timedelta(seconds=seconds), Client(address, "Firefox"))
        (session,) = sessions.of_user(ada.id, NOW)
        seen.append((session.last_used_at, session.client.address))

    assert timedelta(seconds=60) < LAST_USED_PRECISION < timedelta(seconds=480)
    assert seen == [
        (NOW, "192.0.2.1"),
        (NOW + timedelta(seconds=120), "192.0.2.9"),
        (NOW + timedelta(seconds=600), "192.0.2.9"),
    ]


def test_what_a_browser_calls_itself_is_cut(database: Database, ada: User) -> None:
    sessions = Sessions(database)

    sessions.start(ada.id, NOW, client=Client("a" * 999, "b" * 999))

    (session,) = sessions.of_user(ada.id, NOW)
    assert session.client.user_agent == "b" * MAX_USER_AGENT


def test_one_session_ends_by_its_name_and_nobody_elses(database: Database, ada: User) -> None:
    sessions = Sessions(database)
    bob = Users(database).create("bob@example.com", "correct horse", Role.MEMBER, NOW)
    one, two, other = (
        sessions.start(ada.id, NOW),
        sessions.start(ada.id, NOW),
        sessions.start(bob.id, NOW),
    )

    sessions.end_one(ada.id, name_of(one))
    sessions.end_one(ada.id, name_of(other))
    sessions.end_one(ada.id, "%")

    found = [sessions.user_of(secret, NOW) for secret in (one, two, other)]
    assert found == [None, ada, bob]
    assert [each.name for each in sessions.of_user(ada.id, NOW)] == [name_of(two)]


def test_a_session_that_waits_for_a_second_factor_signs_nobody_in(
    database: Database, ada: User
) -> None:
    sessions = Sessions(database)
    secret = sessions.start(ada.id, NOW, is_pending=True)

    assert sessions.user_of(secret, NOW) is None
    assert sessions.user_of(secret, NOW, is_pending=True) == ada
    assert sessions.user_of(secret, NOW + PENDING_LIFETIME, is_pending=True) is None
    assert sessions.user_of(sessions.start(ada.id, NOW), NOW, is_pending=True) is None
    assert len(sessions.of_user(ada.id, NOW)) == 1


def test_renewed_is_here_only_and_under_another_secret(database: Database, ada: User) -> None:
    sessions = Sessions(database)
    before = [sessions.start(ada.id, NOW) for _ in range(2)]

    renewed = sessions.renew(ada.id, NOW, Client())

    assert [sessions.user_of(secret, NOW) for secret in before] == [None, None]
    assert sessions.user_of(renewed, NOW) == ada


@sqlite_only
def test_what_can_not_be_written_down_keeps_nobody_out(database: Database, ada: User) -> None:
    secret = Sessions(database).start(ada.id, NOW)
    read_only = Database(f"{database.url}?mode=ro&uri=true".replace("///", "///file:"))

    found = Sessions(read_only).user_of(secret, NOW, Client("192.0.2.1"))

    assert found == ada
    read_only.close()
