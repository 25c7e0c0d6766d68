"""The real server's web process, which tests may kill."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from headwater.storage.database import Database
from headwater.storage.migrate import migrate
from headwater.storage.people.tokens import Scope, Tokens

PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class WebProcess:
    """A running web process on a data folder."""

    origin: str
    pid: int
    data_dir: Path

    def kill(self) -> None:
        """As the power would."""
        os.kill(self.pid, signal.SIGKILL)

    @property
    def peak_memory(self) -> int:
        """The most bytes of memory that the process ever held."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) * 1024

    def stored(self, folder: str) -> int:
        """How many blobs lie in `files` or `chunks`."""
        return len(list((self.data_dir / "sourcemaps" / folder).glob("[0-9a-f][0-9a-f]/*")))


@contextmanager
def web_process(data_dir: Path) -> Iterator[WebProcess]:
    """Start `headwater serve --role web`; it is gone at the end of the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "HEADWATER_DATA_DIR": str(data_dir),
        "CREATE_SUPERUSER": "ada@example.com:correct horse",
    }
    command = [sys.executable, "-m", "headwater", "serve", "--role", "web"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    server = WebProcess(f"http://127.0.0.1:{port}", process.pid, data_dir)
    try:
        until(lambda: process.poll() is not None or _is_ready(server))
        assert process.poll() is None, "the server ended before it was ready"
        yield server
    finally:
        process.kill()
        process.wait(PATIENCE_SECONDS)


def secret(data_dir: Path) -> str:
    """The secret of a token for the whole instance, made before the server starts."""
    database = Database(f"sqlite:///{data_dir / 'headwater.db'}")
    migrate(database)
    made = Tokens(database).create("ci", Scope.FULL, None, None, datetime.now(UTC))[1]
    database.close()
    return made


def until(condition: Callable[[], bool]) -> None:
    """Wait for it; fail if it never comes."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.01)


def _is_ready(server: WebProcess) -> bool:
    try:
        return httpx.get(f"{server.origin}/health/live").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
