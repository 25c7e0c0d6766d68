"""The servers that are measured: Headwater, whole or one of its processes, and nginx."""

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from bench.ingest.uploads import Upload
from bench.ingest.watched import Watched
from headwater.cli.client import Client, NoAnswer, wait_until
from headwater.cli.instance import opened
from headwater.settings import Settings, as_environment, read_settings
from headwater.storage.people.tokens import Scope, Tokens
from headwater.storage.projects import Projects

START_SECONDS = 90
COMPILE_SECONDS = 300
NGINX = """
daemon off; master_process off; worker_processes 1; pid {folder}/pid; error_log stderr emerg;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 1000000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port}; location / {{ return 200; }} }}
}}
"""


@dataclass(frozen=True, slots=True)
class Instance:
    """A data folder with one project, to which source maps were uploaded."""

    settings: Settings
    project_id: int
    key: str

    def copied(self, folder: Path) -> Self:
        """The same in another folder. The instance must not be running."""
        shutil.copytree(self.settings.data_dir, folder)
        return replace(self, settings=replace(self.settings, data_dir=folder, port=free_port()))

    @property
    def database(self) -> Path:
        """SQLite's file."""
        return self.settings.data_dir / "headwater.db"


def prepared(folder: Path, uploaded: Upload) -> Instance:
    """A new instance, with the maps assembled and compiled."""
    settings = read_settings({}, data_dir=folder, port=free_port())
    with opened(settings) as database:
        now = datetime.now(UTC)
        project = Projects(database).create("bench", None, now)
        _, token = Tokens(database).create("bench", Scope.FULL, project.id, None, now)
    made = Instance(settings, project.id, project.public_key)
    with headwater(made):
        client = Client(f"http://127.0.0.1:{settings.port}", token)
        wait_until(
            lambda: client.upload(uploaded.bundle, project.slug) == "ok",
            COMPILE_SECONDS,
            "the bundle",
        )
        wait_until(lambda: _has_names(made), COMPILE_SECONDS, "the names of the maps' functions")
    return made


def _has_names(instance: Instance) -> bool:
    """Whether the digest has nothing to do beside events any more."""
    with closing(sqlite3.connect(instance.database)) as connection:
        query = "SELECT count(*) FROM compiled_files WHERE due_at IS NOT NULL"
        return bool(connection.execute(query).fetchone() == (0,))


@contextmanager
def headwater(instance: Instance, role: str = "all", **environment: str) -> Iterator[Watched]:
    """`serve`, until the block ends; what it prints is nobody's business but what it complains of."""
    port = instance.settings.port
    command = [sys.executable, "-m", "headwater", "serve", "--role", role]
    with _started(command, {**as_environment(instance.settings), **environment}) as watched:
        if role != "digest":
            wait_until(lambda: _is_ready(port), START_SECONDS, "the server")
        yield watched


@contextmanager
def nginx(folder: Path) -> Iterator[int | None]:
    """The port of one that answers 200 to everything, with one worker; None if there is no nginx."""
    program = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if program is None:
        yield None
        return
    port = free_port()
    folder.mkdir(exist_ok=True)
    (folder / "conf").write_text(NGINX.format(folder=folder, port=port))
    with _started([program, "-p", str(folder), "-c", str(folder / "conf")], {}):
        wait_until(lambda: _listens(port), START_SECONDS, "nginx")
        yield port


@contextmanager
def _started(command: Sequence[str], environment: dict[str, str]) -> Iterator[Watched]:
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL
    )
    try:
        yield Watched(process.pid)
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _is_ready(port: int) -> bool:
    try:
        return bool(Client(f"http://127.0.0.1:{port}", "").get("/health/ready"))
    except NoAnswer:
        return False


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
