"""`headwater demo`: the whole promise in ten seconds, with no Node and nothing to set up."""

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import typer
from msgspec import Struct

from headwater.cli.accounts import dsn
from headwater.cli.client import Client, NoAnswer, wait_until
from headwater.cli.instance import opened
from headwater.settings import Settings, as_environment, read_settings
from headwater.storage.people.tokens import Scope, Tokens
from headwater.storage.projects import Project, Projects

EMAIL = "demo@localhost"
START_SECONDS = 60
DIGEST_SECONDS = 60


class _Account(Struct, frozen=True):
    project: Project
    dsn: str
    token: str
    password: str


def demo(
    port: Annotated[int, typer.Option(help="Port to listen on; 0: any free one.")] = 0,
    *,
    stay: Annotated[
        bool, typer.Option(help="Keep the server up, to look at the page, until Ctrl-C.")
    ] = sys.stdin.isatty(),
) -> None:
    """Start a server, upload a real build's source maps, send its error, show what becomes of it."""
    with tempfile.TemporaryDirectory(prefix="headwater-demo-") as folder:
        settings = _apart(Path(folder), port or _free_port())
        account = _account(settings)
        with _server(settings, account.password) as server:
            client = Client(f"http://127.0.0.1:{settings.port}", account.token)
            try:
                page = _show(client, account, settings)
            except NoAnswer as error:
                typer.echo(f"The demo failed: {error}", err=True)
                sys.exit(1)
            if stay:
                typer.echo(f"\n   {page}\n   Sign in as {EMAIL} with {account.password}")
                _wait(server)
    if not stay:
        typer.echo(
            "\n   The server has ended; `headwater demo --stay` keeps it up, to look at the page."
        )


def _apart(folder: Path, port: int) -> Settings:
    """Beside a server whose environment it has."""
    return read_settings(
        data_dir=folder,
        port=port,
        host="127.0.0.1",
        database_url="",
        sourcemap_storage_url="",
        sourcemap_storage_path=folder / "sourcemaps",
    )


def _show(client: Client, account: _Account, settings: Settings) -> str:
    """Go through it, step by step; the address of the event's page."""
    wait_until(lambda: bool(client.get("/health/ready")), START_SECONDS, "the server")
    bundle = files("headwater.cli") / "demo_bundle"
    typer.echo("1. Upload the source maps of a Next.js build, as its Sentry plugin does")
    content = (bundle / "bundle.zip").read_bytes()
    typer.echo(f"   {len(content):,} bytes: {client.upload(content, account.project.slug)}\n")
    event = {**json.loads((bundle / "event.json").read_bytes()), "event_id": uuid.uuid4().hex}
    event["timestamp"] = datetime.now(UTC).timestamp()
    typer.echo("2. Its server throws, and the Sentry SDK sends\n")
    _print_trace(event, "stacktrace")
    event_id = client.send_event(account.dsn, event)
    path = f"/api/0/projects/any/{account.project.slug}/events/{event_id}/json/"
    wait_until(lambda: bool(client.get(path)), DIGEST_SECONDS, "the event")
    typer.echo("\n3. Headwater shows\n")
    _print_trace(client.get(path), "stacktrace")
    return f"http://localhost:{settings.port}/events/{event_id}"


def _print_trace(event: Mapping[str, Any], key: str) -> None:
    for value in event["exception"]["values"]:
        typer.echo(f"   {value['type']}: {value['value']}")
        frames = value[key]["frames"]
        for number, frame in reversed(list(enumerate(frames, start=1))):
            place = frame.get("filename") or frame.get("abs_path")
            position = ":".join(str(frame[k]) for k in ("lineno", "colno") if frame.get(k))
            typer.echo(f"     {number:02}  {frame.get('function') or '?':<42}  {place}:{position}")


def _account(settings: Settings) -> _Account:
    now = datetime.now(UTC)
    with opened(settings, says_where=True) as database:
        project = Projects(database).create("Invoices", "nextjs", now)
        _, token = Tokens(database).create("demo", Scope.FULL, project.id, None, now)
    return _Account(project, dsn(settings, project), token, secrets.token_urlsafe(9))


@contextmanager
def _server(settings: Settings, password: str) -> Iterator[subprocess.Popen[bytes]]:
    own = {"CREATE_SUPERUSER": f"{EMAIL}:{password}", "DATABASE_URL_FILE": ""}
    environment = {**os.environ, **as_environment(settings), **own}
    process = subprocess.Popen(
        [sys.executable, "-m", "headwater", "serve"], env=environment, stdout=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _wait(server: subprocess.Popen[bytes]) -> None:
    typer.echo("   The server stays up until Ctrl-C; then everything of the demo is removed.")
    try:
        server.wait()
    except KeyboardInterrupt:
        typer.echo("")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
