"""Is it up, and can it work: for load balancers, containers and people."""

from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from headwater.storage.database import Database
from headwater.storage.volume import why_not_persistent


class Health:
    """`/health/live` answers while the process does; `/health/ready` when it can do its work."""

    def __init__(self, database: Database, sourcemaps: Path) -> None:
        self.database = database
        self.sourcemaps = sourcemaps

    def routes(self) -> list[BaseRoute]:
        """The routes of this door."""
        return [
            Route("/health/live", self.live, methods=["GET"]),
            Route("/health/ready", self.ready, methods=["GET"]),
        ]

    async def live(self, _request: Request) -> Response:
        """200 as long as the event loop turns."""
        return JSONResponse({"status": "ok"})

    def ready(self, _request: Request) -> Response:
        """200 when database and source map storage answer, else 503 with a sentence for each."""
        checks = {"database": self._database(), "source_maps": self._source_maps()}
        failed = any(said is not None for said in checks.values())
        return JSONResponse(
            {
                "status": "failed" if failed else "ok",
                "checks": {name: said or "ok" for name, said in checks.items()},
                "warnings": [said for said in [why_not_persistent(self.sourcemaps)] if said],
            },
            status_code=503 if failed else 200,
            headers={"Cache-Control": "no-store"},
        )

    def _database(self) -> str | None:
        try:
            with self.database.read() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            return f"the database doesn't answer: {error.__class__.__name__}"
        return None

    def _source_maps(self) -> str | None:
        probe = self.sourcemaps / ".headwater-ready"
        try:
            probe.write_bytes(b"")
            probe.unlink(missing_ok=True)
        except OSError as error:
            return f"{self.sourcemaps} can't be written: {error.strerror}"
        return None
