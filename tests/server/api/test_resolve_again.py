"""Asking over the API for stored events to be resolved again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from headwater.server.api.resolve_again import ResolveAgainDoor
from headwater.server.auth import TokenGuard
from headwater.server.errors import EXCEPTION_HANDLERS
from headwater.server.paths import ApiPaths
from tests.event_side import Client
from tests.healing_side import HealingSide, healing_side, thrown

PROJECT = "/api/0/projects/any/shop/"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[HealingSide]:
    """Three events of a release, whose map has come, and nobody remembers wanting it."""
    with healing_side(tmp_path) as side:
        side.digest(*(thrown(number, "a", release="shop@1/0") for number in range(1, 4)))
        side.forget_wants()
        side.upload("a")
        side.heal()
        yield side


@pytest.fixture
def client(shop: HealingSide) -> Iterator[Client]:
    door = ResolveAgainDoor(
        TokenGuard(shop.tokens, shop.projects),
        shop.projects,
        shop.issues,
        shop.events,
        shop.healings,
    )
    app = Starlette(
        routes=door.routes(),
        middleware=[Middleware(ApiPaths)],
        exception_handlers=dict(EXCEPTION_HANDLERS),
    )
    client = Client(app)
    yield client
    client.close()


@pytest.mark.parametrize(
    ("path", "of"),
    [
        ("/api/0/issues/1/", 3),
        ("/api/0/organizations/any/issues/1/", 3),
        (PROJECT + f"events/{2:032x}/", 1),
        (PROJECT + "releases/shop%401%2F0/", 3),
        (PROJECT, 3),
    ],
)
def test_it_is_asked_for_and_says_how_far_it_is(
    shop: HealingSide, client: Client, path: str, of: int
) -> None:
    url, headers = path + "resolve-again/", shop.token(1)
    assert client.get(url, headers=headers).status_code == 404

    asked = client.post(url, headers=headers)
    shop.heal()

    assert asked.status_code == 202
    assert (asked.json()["done"], asked.json()["dateFinished"]) == (0, None)
    told = client.get(url, headers=headers).json()
    assert (told["done"], told["total"], told["changed"]) == (of, of, of)
    assert told["dateFinished"] is not None
    (issue,) = shop.every()
    assert issue.event_count == 3


@pytest.mark.parametrize(
    "path",
    ["/api/0/issues/99/", PROJECT + f"events/{99:032x}/", "/api/0/projects/any/nowhere/"],
)
def test_what_is_not_there_is_not_resolved_again(
    shop: HealingSide, client: Client, path: str
) -> None:
    assert client.post(path + "resolve-again/", headers=shop.token()).status_code == 404
    assert shop.healings.waiting() == 0


def test_a_token_of_another_project_or_for_uploads_can_not_ask(
    shop: HealingSide, client: Client
) -> None:
    url = "/api/0/issues/1/resolve-again/"

    assert client.post(url, headers=shop.token(2)).status_code == 404
    assert client.post(url).status_code == 401
