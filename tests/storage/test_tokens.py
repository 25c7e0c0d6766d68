"""API tokens: the secret, who it lets in, and when it was last used."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from headwater.storage.database import Database
from headwater.storage.projects import Projects
from headwater.storage.schema import api_tokens
from headwater.storage.tokens import (
    LAST_USED_PRECISION,
    RevokedToken,
    Scope,
    TokenRefused,
    Tokens,
    UnknownToken,
)

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
