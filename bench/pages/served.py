"""The web process as it is, with a count of what each request asks of the database.

`python -m bench.pages.served`, with the settings of an instance.
"""

import time
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any

import uvicorn
from sqlalchemy import Engine, event
from starlette.types import ASGIApp, Receive, Scope, Send

from headwater.app import web
from headwater.settings import read_settings

STATEMENTS = "x-statements"
SECONDS = "x-database-seconds"
PROCESSOR = "x-processor-seconds"


class Asked:
    """Of one request."""

    def __init__(self) -> None:
        self.statements = 0
        self.seconds = 0.0
        self.began = 0.0
        self.used = time.process_time()


_asked: ContextVar[Asked | None] = ContextVar("asked", default=None)


class Counting:
    """Says it in headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        asked = Asked()
        _asked.set(asked)

        async def counted(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                used = time.process_time() - asked.used
                said = (
                    (STATEMENTS, asked.statements),
                    (SECONDS, asked.seconds),
                    (PROCESSOR, used),
                )
                message["headers"] += [(name.encode(), str(value).encode()) for name, value in said]
            await send(message)

        return await self._app(scope, receive, counted)


def _before(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
    asked = _asked.get()
    if asked is not None and not statement.startswith("BEGIN"):
        asked.statements += 1
        asked.began = time.perf_counter()


def _after(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
    asked = _asked.get()
    if asked is not None and not statement.startswith("BEGIN"):
        asked.seconds += time.perf_counter() - asked.began


if __name__ == "__main__":
    settings = read_settings()
    event.listen(Engine, "before_cursor_execute", _before)
    event.listen(Engine, "after_cursor_execute", _after)
    app, _ = web(settings)
    app.add_middleware(Counting)
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        access_log=False,
        log_level="warning",
    )
