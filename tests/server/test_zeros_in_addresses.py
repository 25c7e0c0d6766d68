"""Every address that is there to be read, with the character 0 in it: PostgreSQL can't be asked for it."""

import asyncio
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from httpx import ASGITransport, AsyncClient
from starlette.routing import Route

from headwater.app import web
from headwater.settings import Settings
from headwater.storage.people.roles import Role
from headwater.storage.people.sessions import Client, Sessions
from headwater.storage.people.users import Users
from tests.databases import address_in
from tests.folders import mark
from tests.healing_side import HealingSide, healing_side, thrown

THERE: Final = {
    "project": "shop",
    "version": "shop@1",
    "release": "shop@1",
    "event": f"{1:032x}",
    "event_id": f"{1:032x}",
}
"""Of what is there, by the names of routes; what is not here is called 1."""

ASKED: Final = [
    "query",
    "q",
    "release",
    "dist",
    "name",
    "checksum",
    "project",
    "cursor",
    "per_page",
    "prefix",
    "period",
    "saved",
    "after",
    "page",
]
"""Fields of query strings."""

_PART: Final = re.compile(r"{(\w+)(?::\w+)?}")


def addresses(path: str) -> list[str]:
    """The path with each of its parts odd in turn, and with an odd query."""
    names = _PART.findall(path)

    def filled(odd: str | None) -> str:
        return _PART.sub(
            lambda found: "a%00b" if found[1] == odd else THERE.get(found[1], "1"), path
        )

    queries = [urlencode({name: "a\x00b"}) for name in ASKED]
    return [*map(filled, names), *(f"{filled(None)}?{query}" for query in queries)]


async def statuses(side: HealingSide, settings: Settings) -> dict[str, int]:
    """What every door and page answers."""
    now = datetime.now(UTC)
    ada = Users(side.database).create("ada@example.com", "analytical engine", Role.OWNER, now)
    secret = Sessions(side.database).start(ada.id, now, client=Client("127.0.0.1"))
    app, _ = web(settings)
    routes = [each for each in app.routes if isinstance(each, Route)]
    to_read = [each.path for each in routes if "GET" in (each.methods or ())]
    async with (
        app.router.lifespan_context(app),
        AsyncClient(
            transport=ASGITransport(app),
            base_url="http://localhost",
            headers=side.token(),
            cookies={"headwater_session": secret},
        ) as client,
    ):
        return {
            address: (await client.get(address)).status_code
            for path in to_read
            for address in addresses(path)
        }


def test_no_address_is_too_odd(tmp_path: Path) -> None:
    with healing_side(tmp_path) as side:
        side.upload("a", release="shop@1")
        side.digest(thrown(1, "a", release="shop@1"))
        settings = Settings(data_dir=tmp_path, database_url=address_in(tmp_path))
        settings.sourcemaps.mkdir()
        mark(settings.sourcemaps)

        answered = asyncio.run(statuses(side, settings))

    assert {address: status for address, status in answered.items() if status >= 500} == {}
    assert answered["/projects/shop?query=a%00b"] == 200
    assert answered["/api/0/organizations/1/releases/?query=a%00b"] == 200
    assert answered["/api/0/organizations/1/releases/a%00b/"] == 404
    assert answered["/api/0/projects/1/a%00b/issues/"] == 404
