"""How the server is, as far as it can tell by itself."""

from collections.abc import Callable

from starlette.responses import Response
from starlette.routing import BaseRoute

from headwater.server.doctor.check import worst
from headwater.server.doctor.inside import Inside
from headwater.server.web.gate import Gate
from headwater.server.web.look import Look
from headwater.server.web.visit import Visit


class DoctorPage:
    """`/doctor`, for administrators."""

    def __init__(
        self, gate: Gate, look: Look, inside: Inside, address: Callable[[Visit], str]
    ) -> None:
        self._gate = gate
        self._look = look
        self._inside = inside
        self._address = address

    def routes(self) -> list[BaseRoute]:
        return [self._gate.get("/doctor", self._show)]

    def _show(self, visit: Visit) -> Response:
        checks = self._inside.checks()
        return self._look.page(
            visit,
            "doctor.html",
            checks=checks,
            worst=worst(checks),
            command=f"headwater doctor --url {self._address(visit)}",
        )
