"""Is it up, and can it work: for load balancers, containers and people."""

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from headwater.storage.database import Database
from headwater.storage.files.folder import is_marked
from headwater.storage.probe import write_to_database, write_to_folder
from headwater.storage.volume import why_not_persistent

CHECK_SECONDS: Final = 1.0
"""How long an answer serves for all who ask: nobody can keep the disk busy by asking."""

PROBE: Final = ".headwater-ready"


class Health:
    """`/health/live` answers while the process does; `/health/ready` when it can do its work."""

    def __init__(
        self,
        database: Database,
        sourcemaps: Path,
        lasting: Sequence[Path],
        marked: Path | None = None,
    ) -> None:
        """`sourcemaps`: where uploads are kept, or on their way to a bucket, which is not asked: events
        are accepted while it is away. `lasting`: folders that must survive a restart. `marked`: one to
        which nothing is written without the mark of a storage."""
        self.database = database
        self.sourcemaps = sourcemaps
        self.lasting = lasting
        self.marked = marked
        self._lock = threading.Lock()
        self._checks: dict[str, str | None] = {}
        self._checked_at = float("-inf")

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
        """200 when database and source map storage take writes, else 503 with a sentence for each."""
        with self._lock:
            if time.monotonic() - self._checked_at >= CHECK_SECONDS:
                self._checks = {"database": self._database(), "source_maps": self._source_maps()}
                self._checked_at = time.monotonic()
            checks = self._checks
        failed = any(said is not None for said in checks.values())
        return JSONResponse(
            {
                "status": "failed" if failed else "ok",
                "checks": {name: said or "ok" for name, said in checks.items()},
                "warnings": [said for said in map(why_not_persistent, self.lasting) if said],
            },
            status_code=503 if failed else 200,
            headers={"Cache-Control": "no-store"},
        )

    def _database(self) -> str | None:
        try:
            write_to_database(self.database)
            file = self.database.engine.url.database
            if self.database.is_sqlite and file:
                # The log may have room left that the database itself has not.
                write_to_folder(Path(file).parent, PROBE)
        except SQLAlchemyError as error:
            return f"the database can't be written: {getattr(error, 'orig', error)}"
        except OSError as error:
            return f"the database's folder can't be written: {error.strerror}"
        return None

    def _source_maps(self) -> str | None:
        if self.marked is not None and not is_marked(self.marked):
            return f"{self.marked} is not the storage: is its volume mounted?"
        try:
            write_to_folder(self.sourcemaps, PROBE)
        except OSError as error:
            return f"{self.sourcemaps} can't be written: {error.strerror}"
        return None
