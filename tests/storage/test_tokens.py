"""API tokens: the secret, who it lets in, and when it was last used."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from headwater.storage.database import Database
from headwater.storage.people.roles import Rights, Role
from headwater.storage.people.tokens import (
    LAST_USED_PRECISION,
    ExpiredToken,
    MakerMayNot,
    RevokedToken,
    Scope,
    TokenRefused,
    Tokens,
    UnknownToken,
)
from headwater.storage.people.users import Users
from headwater.storage.projects import Projects
from headwater.storage.schema import api_tokens

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def test_a_secret_lets_its_token_in(database: Database) -> None:
    tokens = Tokens(database)
    project = Projects(database).create("Shop", None, NOW)

    token, secret = tokens.create("CI", Scope.UPLOAD, project.id, None, NOW)
    found = tokens.authenticate(secret, NOW)

    assert (found.id, found.name, found.scope, found.project_id) == (
        token.id,
        "CI",
        Scope.UPLOAD,
        project.id,
    )
    assert len(secret) == 64
    assert token.prefix == secret[:8]


def test_the_secret_itself_is_nowhere_in_the_database(database: Database) -> None:
    _, secret = Tokens(database).create("CI", Scope.FULL, None, None, NOW)

    with database.read() as connection:
        row = connection.execute(select(api_tokens)).one()

    assert secret not in [str(value) for value in row]


def test_an_unknown_token_is_named_by_its_first_eight_characters_and_no_more(
    database: Database,
) -> None:
    with pytest.raises(UnknownToken) as refused:
        Tokens(database).authenticate("0123456789abcdef", NOW)

    assert "'01234567'" in str(refused.value)
    assert "012345678" not in str(refused.value)


def test_a_revoked_token_lets_nobody_in_and_says_which_it_was(database: Database) -> None:
    tokens = Tokens(database)
    token, secret = tokens.create("Old CI", Scope.UPLOAD, None, None, NOW)

    tokens.revoke(token.id, NOW)

    with pytest.raises(RevokedToken, match=f"{token.prefix}.*Old CI"):
        tokens.authenticate(secret, NOW)
    assert issubclass(RevokedToken, TokenRefused)


def test_revoking_twice_keeps_the_first_time(database: Database) -> None:
    tokens = Tokens(database)
    token, _ = tokens.create("CI", Scope.UPLOAD, None, None, NOW)

    tokens.revoke(token.id, NOW)
    tokens.revoke(token.id, NOW + timedelta(days=1))

    assert tokens.all()[0].revoked_at == NOW


def test_the_last_use_is_written_down_at_most_once_a_minute(database: Database) -> None:
    tokens = Tokens(database)
    _, secret = tokens.create("CI", Scope.UPLOAD, None, None, NOW)
    seen = []

    for seconds in (0, 59, 60, 61):
        tokens.authenticate(secret, NOW + timedelta(seconds=seconds))
        seen.append(tokens.all()[0].last_used_at)

    later = NOW + LAST_USED_PRECISION
    assert seen == [NOW, NOW, later, later]


@pytest.mark.parametrize("secret", ["", "\udcff", "é" * 9, "a" * 10_000])
def test_nonsense_is_refused_like_any_unknown_token(database: Database, secret: str) -> None:
    with pytest.raises(UnknownToken):
        Tokens(database).authenticate(secret, NOW)


def test_tokens_are_listed_newest_first(database: Database) -> None:
    tokens = Tokens(database)
    for name in ("one", "two"):
        tokens.create(name, Scope.UPLOAD, None, None, NOW)

    assert [token.name for token in tokens.all()] == ["two", "one"]


def test_a_token_ends_with_its_last_day(database: Database) -> None:
    tokens = Tokens(database)
    _, secret = tokens.create("CI", Scope.UPLOAD, None, None, NOW, NOW + timedelta(days=1))

    tokens.authenticate(secret, NOW + timedelta(hours=23))

    with pytest.raises(ExpiredToken, match="has expired: make another"):
        tokens.authenticate(secret, NOW + timedelta(days=1))


def test_where_a_token_was_last_used_is_written_down(database: Database) -> None:
    tokens = Tokens(database)
    _, secret = tokens.create("CI", Scope.UPLOAD, None, None, NOW)

    tokens.authenticate(secret, NOW, "192.0.2.7")
    found = tokens.all()[0].last_used_from
    tokens.authenticate(secret, NOW + LAST_USED_PRECISION, "")

    assert found == "192.0.2.7"
    assert tokens.all()[0].last_used_from is None


@pytest.mark.parametrize(
    ("rights", "of_project", "of_instance"),
    [
        (Rights(Role.OWNER), True, True),
        (Rights(Role.MEMBER), True, True),
        (Rights(Role.VIEWER), False, False),
        (Rights(Role.MEMBER, in_projects={1: Role.VIEWER}), False, False),
        (Rights(Role.VIEWER, in_projects={1: Role.MEMBER}), True, False),
        (Rights(Role.MEMBER, all_projects=False, in_projects={1: Role.MEMBER}), True, False),
        (Rights(Role.MEMBER, all_projects=False, in_projects={2: Role.MEMBER}), False, False),
    ],
)
def test_a_token_works_while_its_maker_could_make_it(
    database: Database, rights: Rights, *, of_project: bool, of_instance: bool
) -> None:
    users, tokens, projects = Users(database), Tokens(database), Projects(database)
    for name in ("Shop", "Blog"):
        projects.create(name, None, NOW)
    users.create("owner@example.com", "correct horse", Role.OWNER, NOW)
    ada = users.create("ada@example.com", "correct horse", Role.OWNER, NOW)
    secrets = [tokens.create("CI", Scope.UPLOAD, home, ada.id, NOW)[1] for home in (1, None)]

    users.change_rights(ada.id, rights)

    for secret, works in zip(secrets, (of_project, of_instance), strict=True):
        if works:
            assert tokens.authenticate(secret, NOW).is_admins is rights.is_admin
        else:
            with pytest.raises(MakerMayNot, match="no longer a member where it is good"):
                tokens.authenticate(secret, NOW)


def test_who_takes_a_token_over_answers_for_it(database: Database) -> None:
    users, tokens = Users(database), Tokens(database)
    owner = users.create("owner@example.com", "correct horse", Role.OWNER, NOW)
    ada = users.create("ada@example.com", "correct horse", Role.VIEWER, NOW)
    token, secret = tokens.create("CI", Scope.UPLOAD, None, ada.id, NOW)

    tokens.adopt(token.id, owner.id)
    users.remove(ada.id, NOW)

    assert tokens.authenticate(secret, NOW).created_by == owner.id
