"""Searches that a person keeps by a name."""

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from headwater.server.errors import MalformedRequest
from headwater.server.numbers import number_in
from headwater.server.web.gate import Gate
from headwater.server.web.issues.asked import Asked
from headwater.server.web.issues.shelves import Shelves
from headwater.server.web.next_page import safe_next
from headwater.server.web.visit import Visit
from headwater.storage.issues.saved_searches import MAX_NAME, TooManySaved


class KeptSearches:
    """Every form leads back to the page that it is on."""

    def __init__(self, gate: Gate, shelves: Shelves) -> None:
        self._gate = gate
        self._shelves = shelves

    def routes(self) -> list[BaseRoute]:
        return [
            self._gate.post("/searches", self._keep),
            self._gate.post("/searches/{search}/delete", self._drop),
        ]

    def _keep(self, visit: Visit) -> Response:
        name = visit.form.get("name", "").strip()
        if not name or len(name) > MAX_NAME:
            raise MalformedRequest(f"A search's name has between 1 and {MAX_NAME} characters.")
        asked = Asked.told(visit, self._shelves.user_of)
        if asked.wrong:
            raise MalformedRequest(asked.wrong)
        try:
            self._shelves.saved.save(visit.signed_in.id, name, asked.text, asked.order)
        except TooManySaved as error:
            raise MalformedRequest(str(error)) from None
        return _back(visit)

    def _drop(self, visit: Visit) -> Response:
        self._shelves.saved.delete(visit.signed_in.id, number_in(visit.path("search")))
        return _back(visit)


def _back(visit: Visit) -> Response:
    return RedirectResponse(safe_next(visit.form.get("back", "")), 303)
