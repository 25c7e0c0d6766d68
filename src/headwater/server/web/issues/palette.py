"""What the palette finds beside the places that a page has links to: issues, and an event by its id."""

from collections.abc import Mapping
from typing import Final

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from headwater.server.errors import MalformedRequest
from headwater.server.issue_query import Asker, read_query
from headwater.server.web.gate import Gate
from headwater.server.web.issues.shelves import Shelves, event_path
from headwater.server.web.visit import Visit
from headwater.storage.page import PageRequest

FOUND: Final = 10
"""Issues that are offered; the list of issues has the others."""


class Palette:
    """`/palette`: names, addresses, and what helps to tell one from another, as JSON."""

    def __init__(self, gate: Gate, shelves: Shelves) -> None:
        self._gate = gate
        self._shelves = shelves

    def routes(self) -> list[BaseRoute]:
        return [self._gate.get("/palette", self._find)]

    def _find(self, visit: Visit) -> Response:
        asker = Asker(visit.now, visit.user.id if visit.user else None, self._shelves.user_of)
        try:
            query = read_query(visit.query("q"), asker)
        except MalformedRequest:
            return JSONResponse([])
        event = self._shelves.event_of(query, visit.projects)
        found = self._shelves.issues.list(visit.projects, query.search(), PageRequest(size=FOUND))
        entries = [_entry(each.title, f"/issues/{each.id}", each.culprit) for each in found.items]
        if event is not None:
            about = f"event {event.event_id[:8]}"
            entries.insert(0, _entry(event.title, event_path(event), about))
        return JSONResponse(entries)


def _entry(name: str, path: str, about: str) -> Mapping[str, str]:
    return {"name": name, "path": path, "about": about}
