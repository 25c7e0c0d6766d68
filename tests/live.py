"""A Headwater of several processes, as a user runs it, that can be killed without warning."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.clients.patience import until
from tests.clients.process import START_SECONDS, STOP_SECONDS, free_port


class LiveServer:
    """One data folder and one port; started and killed any number of times."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.origin = f"http://127.0.0.1:{self._port}"
        self.log = data_dir.parent / "server.log"

    def start(self) -> None:
        """Returns when it is ready."""
        with self.log.open("ab") as log:
            # In a session of its own, so that a kill takes all of its processes and none of ours.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "headwater", "serve"],
                env=self._environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until(self._is_ready, START_SECONDS, f"the server is ready; see {self.log}")

    def kill(self) -> None:
        """SIGKILL to every process of it at once: nobody has time to do anything."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(STOP_SECONDS)
        self._process = None

    def stop(self) -> None:
        """Ask it to end, if it runs."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(STOP_SECONDS)
            self._process = None

    def run(self, *arguments: str) -> dict[str, Any]:
        """What a command, beside the running server, answers with `--json`."""
        command = [sys.executable, "-m", "headwater", *arguments, "--json"]
        done = subprocess.run(command, env=self._environment(), check=True, stdout=subprocess.PIPE)
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "HOST": "127.0.0.1",
            "PORT": str(self._port),
            "HEADWATER_DATA_DIR": str(self._data_dir),
        }

    def _is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text()
        try:
            return httpx.get(f"{self.origin}/health/ready").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False


@contextmanager
def live_server(folder: Path) -> Iterator[LiveServer]:
    """A running server with its data below `folder`."""
    data_dir = folder / "data"
    data_dir.mkdir()
    server = LiveServer(data_dir)
    try:
        server.start()
        yield server
    finally:
        server.stop()
