"""Texts that hold others have one answer on both databases."""

import pytest
from sqlalchemy import Column, MetaData, String, Table, literal, select
from sqlalchemy.dialects import postgresql

from headwater.storage.database import Database
from headwater.storage.likeness import holds, is_like, is_named, literally
from headwater.storage.schema import last_part

_TEXTS = Table("texts", MetaData(), Column("text", String))


@pytest.mark.parametrize(
    ("text", "part", "is_there"),
    [
        ("Error: No Money", "no money", True),
        ("error: no money", "NO MONEY", True),
        ("Ét", "ét", False),
        ("100% odd", "0% O", True),
        ("100 odd", "0% o", False),
        ("a_b", "A_B", True),
        ("axb", "a_b", False),
        ("a\\b", "a\\B", True),
    ],
)
def test_ascii_letters_of_either_case_are_the_same_and_no_others(
    database: Database, text: str, part: str, *, is_there: bool
) -> None:
    with database.read() as connection:
        assert bool(connection.execute(select(holds(literal(text), part))).scalar()) is is_there
        assert (
            bool(
                connection.execute(select(is_like(literal(text), f"%{literally(part)}%"))).scalar()
            )
            is is_there
        )


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("~/assets/app.js", "app.js"),
        ("app.js", "app.js"),
        ("https://h/a/b/a/", ""),
        ("//", ""),
        ("~/%_\\é'.js?v=1#/x", "x"),
    ],
)
def test_the_last_part_of_an_address(database: Database, url: str, name: str) -> None:
    with database.read() as connection:
        assert connection.execute(select(last_part(literal(url)))).scalar() == name


def test_postgresql_is_asked_without_its_locale() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    asked = str(select(holds(_TEXTS.c.text, "A")).compile(dialect=dialect))

    assert "ILIKE" not in asked
    assert 'lower((texts.text) COLLATE "C")' in asked


@pytest.mark.parametrize(
    ("text", "is_it"),
    [
        ("Firefox", True),
        ("firefox 120", True),
        ("Firefox Mobile 120", True),
        ("Firefoxy 1", False),
        ("Firefox/120", False),
        ("Old Firefox", False),
        ("Fire", False),
    ],
)
def test_a_name_is_there_alone_or_with_something_behind_a_space(
    database: Database, text: str, *, is_it: bool
) -> None:
    with database.read() as connection:
        assert (
            bool(connection.execute(select(is_named(literal(text), "FireFox"))).scalar()) is is_it
        )
