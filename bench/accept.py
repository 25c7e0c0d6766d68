"""How many events a running Headwater accepts and digests, beside its own answer to nothing at all."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from headwater.cli.accounts import dsn
from headwater.cli.client import Client, NoAnswer, wait_until
from headwater.cli.instance import opened
from headwater.settings import Settings, as_environment, read_settings
from headwater.storage import schema
from headwater.storage.database import Database
from headwater.storage.projects import Projects

CONNECTIONS = 32
REQUESTS = 4_000
DIGEST_SECONDS = 300
FRAME = {
    "filename": "/srv/app/index.mjs",
    "function": "b",
    "lineno": 1,
    "colno": 1650,
    "in_app": True,
}


def envelope() -> bytes:
    """About 10 KB: an error with 40 frames and 30 breadcrumbs."""
    event_id = uuid.uuid4().hex
    frames = [{**FRAME, "colno": 100 + n, "function": f"f{n}"} for n in range(40)]
    crumbs = [
        {"category": "fetch", "message": f"GET /api/items/{n}", "data": {"status": 200}}
        for n in range(30)
    ]
    event = {
        "event_id": event_id,
        "platform": "node",
        "timestamp": time.time(),
        "exception": {
            "values": [{"type": "Error", "value": "no", "stacktrace": {"frames": frames}}]
        },
        "breadcrumbs": crumbs,
    }
    return f'{{"event_id":"{event_id}"}}\n{{"type":"event"}}\n{json.dumps(event)}\n'.encode()


async def load(port: int, request: Callable[[], bytes]) -> float:
    """Requests per second over some kept-alive connections; every answer must be a 200."""
    remaining = [REQUESTS]

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while remaining[0] > 0:
            remaining[0] -= 1
            writer.write(request())
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            assert head.startswith(b"http/1.1 200"), head
            await reader.readexactly(int(head.partition(b"content-length: ")[2].split(b"\r\n")[0]))
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    return REQUESTS / (time.perf_counter() - began)


def measure(settings: Settings, database: Database) -> None:
    """Print the three rates and their ratios."""
    address = dsn(settings, Projects(database).create("bench", None, datetime.now(UTC)))
    key, _, rest = address.partition("://")[2].partition("@")
    path = f"/api/{rest.rpartition('/')[2]}/envelope/?sentry_key={key}&sentry_version=7"

    def post() -> bytes:
        body = envelope()
        return (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )

    def counted() -> int:
        with database.read() as connection:
            return connection.scalar(select(func.count()).select_from(schema.events)) or 0

    nothing = asyncio.run(
        load(settings.port, lambda: b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
    )
    began = time.perf_counter()
    accepted = asyncio.run(load(settings.port, post))
    wait_until(lambda: counted() == REQUESTS, DIGEST_SECONDS, "the last event")
    digested = REQUESTS / (time.perf_counter() - began)
    print(f"answering nothing    {nothing:8,.0f}/s")
    print(f"accepted durably     {accepted:8,.0f}/s   {accepted / nothing:.2f} of it")
    print(f"digested to visible  {digested:8,.0f}/s   {digested / accepted:.2f} of accepted")


def main() -> None:
    """Start a server in a temporary folder and measure it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        settings = read_settings({}, data_dir=Path(folder), port=port)
        environment = {**os.environ, **as_environment(settings)}
        with opened(settings) as database:
            server = subprocess.Popen(
                [sys.executable, "-m", "headwater", "serve"],
                env=environment,
                stdout=subprocess.DEVNULL,
            )
            try:
                wait_until(lambda: _ready(port), 60, "the server")
                measure(settings, database)
            finally:
                server.terminate()
                server.wait()


def _ready(port: int) -> bool:
    try:
        return bool(Client(f"http://127.0.0.1:{port}", "").get("/health/ready"))
    except NoAnswer:
        return False


if __name__ == "__main__":
    main()
