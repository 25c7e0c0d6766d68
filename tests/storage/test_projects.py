"""Projects: slugs, keys, and how they are found."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from headwater.storage.database import Database
from headwater.storage.projects import MAX_NAME, Choices, InvalidProject, Projects, slug_of

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def test_a_project_gets_a_slug_from_its_name_and_a_key_of_its_own(database: Database) -> None:
    projects = Projects(database)

    shop = projects.create("Web  Shop ", "node", NOW)

    assert (shop.name, shop.slug, shop.platform) == ("Web Shop", "web-shop", "node")
    assert len(shop.public_key) == 32
    assert int(shop.public_key, 16) >= 0
    assert projects.all() == (shop,)


def test_two_projects_of_one_name_have_two_slugs_and_two_keys(database: Database) -> None:
    projects = Projects(database)

    made = [projects.create("Shop", None, NOW) for _ in range(3)]

    assert [project.slug for project in made] == ["shop", "shop-2", "shop-3"]
    assert len({project.public_key for project in made}) == 3


def test_a_project_is_found_by_id_by_slug_and_by_key(database: Database) -> None:
    projects = Projects(database)
    projects.create("Other", None, NOW)
    shop = projects.create("Shop", None, NOW)

    assert projects.get(str(shop.id)) == shop
    assert projects.get("shop") == shop
    assert projects.by_public_key(shop.public_key) == shop


@pytest.mark.parametrize("wanted", ["", "nothing", "99", "9" * 30, "²", "-1", "0x1", "' OR 1=1 --"])
def test_what_is_not_there_is_none(database: Database, wanted: str) -> None:
    projects = Projects(database)
    projects.create("Shop", None, NOW)

    assert projects.get(wanted) is None
    assert projects.by_public_key(wanted) is None


def test_a_name_of_digits_is_never_taken_for_an_id(database: Database) -> None:
    projects = Projects(database)
    first = projects.create("First", None, NOW)

    numbered = projects.create(str(first.id), None, NOW)

    assert numbered.slug == f"project-{first.id}"
    assert projects.get(str(first.id)) == first


def test_projects_are_listed_by_name_whatever_the_case(database: Database) -> None:
    projects = Projects(database)
    for name in ("beta", "Alpha", "Gamma"):
        projects.create(name, None, NOW)

    assert [project.name for project in projects.all()] == ["Alpha", "beta", "Gamma"]


@pytest.mark.parametrize("name", ["", "   ", "x" * (MAX_NAME + 1)])
def test_a_name_that_cannot_be_one_is_refused_with_a_sentence(
    database: Database, name: str
) -> None:
    with pytest.raises(InvalidProject, match="name"):
        Projects(database).create(name, None, NOW)


@given(st.text(max_size=MAX_NAME))
def test_every_name_makes_a_slug_that_fits_an_address(name: str) -> None:
    slug = slug_of(name)

    assert slug
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not slug.isdecimal()
    assert len(slug) <= 90


def test_a_project_gets_another_name_and_keeps_its_slug(database: Database) -> None:
    projects = Projects(database)
    shop = projects.create("Shop", None, NOW)

    projects.rename(shop.id, " The  shop ")

    assert projects.get("shop") == replace(shop, name="The shop")
    with pytest.raises(InvalidProject, match="name"):
        projects.rename(shop.id, " ")


def test_what_is_chosen_is_what_is_read(database: Database) -> None:
    projects = Projects(database)
    shop = projects.create("Shop", None, NOW)
    choices = Choices("2", "1", False, ("iban", "tax id"), 600, 10_000, 30)

    projects.choose(shop.id, choices)

    assert projects.get("shop") == replace(shop, choices=choices)


def test_a_project_that_moves_on_remembers_what_its_issues_were_made_with() -> None:
    choices = Choices(grouping="1", max_events=7)

    moved = choices.moved_to("2")

    assert (moved.grouping, moved.earlier_grouping, moved.max_events) == ("2", "1", 7)
    assert moved.moved_to("2") == moved
