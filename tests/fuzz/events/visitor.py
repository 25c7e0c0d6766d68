"""Somebody who looks at an event's pages and asks the API for it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
from starlette.applications import Starlette

from headwater.storage.people.roles import Role
from headwater.storage.people.sessions import Sessions
from headwater.storage.people.users import Users
from tests.event_side import EventSide
from tests.fuzz.events.report import Report, fault_at_hand
from tests.server.web.house import House, assert_harmless

PAGES = ("/issues/{issue}/events/{event}", "/issues/{issue}", "/issues")
OF_EVENT = "/api/0/projects/headwater/{project}/events/{event}/"
API = (
    *(OF_EVENT, OF_EVENT + "json/", OF_EVENT + "sourcemaps/"),
    *("/api/0/issues/{issue}/", "/api/0/issues/{issue}/events/"),
    "/api/0/projects/headwater/{project}/issues/",
)


class Visitor:
    """Ada, with a session and a token."""

    def __init__(self, side: EventSide, report: Report) -> None:
        self._report = report
        now = datetime.now(UTC)
        ada = Users(side.database).create("ada@example.com", "correct horse", Role.OWNER, now)
        session = Sessions(side.database).start(ada.id, now)
        pages = Starlette(routes=House.pages_of(side.database).routes())
        self._pages = _client(pages, {"cookie": f"headwater_session={session}"})
        self._api = _client(side.app, side.token())

    async def look_at(
        self, project: int, event: str, issue: int, wrong: Callable[[str], None]
    ) -> None:
        """All that there is of it."""
        names = {"project": project, "event": event, "issue": issue}
        for address in PAGES:
            await self._get(self._pages, "page", address.format(**names), assert_harmless, wrong)
        for address in API:
            await self._get(self._api, "API", address.format(**names), _assert_json, wrong)

    async def _get(
        self,
        client: httpx.AsyncClient,
        kind: str,
        address: str,
        check: Callable[[httpx.Response], Any],
        wrong: Callable[[str], None],
    ) -> None:
        self._report.done[f"{kind}s shown"] += 1
        began = time.process_time()
        try:
            response = await client.get(address)
            self._report.took(time.process_time() - began, kind, address)
            assert response.status_code == 200, response.status_code
            check(response)
        except Exception:  # noqa: BLE001 # whatever it is, it is found
            wrong(f"{kind} failed: {fault_at_hand()}")


def _client(app: Starlette, headers: dict[str, str]) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app)
    return httpx.AsyncClient(
        transport=transport, base_url="https://errors.example", headers=headers
    )


def _assert_json(response: httpx.Response) -> None:
    msgspec.json.decode(response.content)
