"""An instance with a little of everything that is real: uploads that were compiled, events that were digested."""

import json
import os
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

from sqlalchemy import func, select

from bench.ingest.bodies import SEED, SIZES
from bench.ingest.events import Written
from bench.ingest.issues import issues
from bench.ingest.uploads import upload
from headwater.cli.accounts import dsn
from headwater.cli.client import Client, wait_until
from headwater.cli.instance import opened
from headwater.settings import Settings, as_environment, read_settings
from headwater.storage.database import Database
from headwater.storage.people.roles import Role
from headwater.storage.people.tokens import Scope, Tokens
from headwater.storage.people.users import Users
from headwater.storage.projects import Projects
from headwater.storage.schema import events

PROJECTS = ("Shop", "Admin", "Checkout", "Search", "Accounts", "Mobile", "Billing", "Docs")
OWNER = "owner@example.com"
REAL = 1_300
"""Events that are sent: enough that the last of them are packed with a dictionary."""
START_SECONDS = 120
UPLOAD_SECONDS = 600


def settings_of(folder: Path, database_url: str) -> Settings:
    """Of an instance in this folder, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = {"DATABASE_URL": database_url} if database_url else {}
    return read_settings(given, data_dir=folder, port=port, host="127.0.0.1")


@contextmanager
def running(settings: Settings, *command: str) -> Iterator[None]:
    """A process of these settings, ready to answer."""
    environment: Mapping[str, str] = {**os.environ, **as_environment(settings)}
    process = subprocess.Popen(
        [sys.executable, "-m", *command], env=environment, stdout=subprocess.DEVNULL
    )
    client = Client(f"http://127.0.0.1:{settings.port}", "")
    try:
        wait_until(lambda: bool(client.get("/health/ready")), START_SECONDS, "the server")
        yield
    finally:
        process.terminate()
        process.wait()


def seed(settings: Settings) -> None:
    """Projects, an owner, two uploads, REAL events."""
    now = datetime.now(UTC)
    with opened(settings, says_where=True) as database:
        made = [Projects(database).create(name, "nextjs", now) for name in PROJECTS]
        Users(database).create(OWNER, "correct horse", Role.OWNER, now)
        token = Tokens(database).create("bench", Scope.FULL, None, None, now)[1]
        with running(settings, "headwater", "serve"):
            client = Client(f"http://127.0.0.1:{settings.port}", token)
            uploaded, demo = upload(SEED), files("headwater.cli") / "demo_bundle"
            for bundle in ((demo / "bundle.zip").read_bytes(), uploaded.bundle):
                _upload(client, bundle, made[0].slug)
            to = dsn(settings, made[0])
            sizes = [size * 1024 for size in SIZES]
            kinds = issues(SEED, uploaded.scripts, sizes)
            for _, _, text in Written(SEED, kinds, now - timedelta(hours=1)).events(REAL):
                client.send_event(to, json.loads(text))
            event = json.loads((demo / "event.json").read_bytes())
            client.send_event(to, {**event, "event_id": uuid.uuid4().hex})
            wait_until(lambda: _stored(database) > REAL, START_SECONDS, "the last event")


def _upload(client: Client, bundle: bytes, project: str) -> None:
    """However long it takes to compile its maps."""
    wait_until(lambda: client.upload(bundle, project) == "ok", UPLOAD_SECONDS, "the upload")


def _stored(database: Database) -> int:
    with database.read() as connection:
        count: int = connection.execute(select(func.count()).select_from(events)).scalar_one()
    return count
