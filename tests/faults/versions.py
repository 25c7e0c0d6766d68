"""`headwater serve` of this version or an earlier one, which comes out of the repository's history."""

import contextlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from tests.clients.patience import until
from tests.clients.process import START_SECONDS, STOP_SECONDS, free_port

ROOT: Final = Path(__file__).parents[2]
HERE: Final = ROOT / "src"


def earlier(commit: str, folder: Path) -> Path:
    """The sources of a commit, unpacked into a folder; they are run with what is installed here."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed, so there is no earlier version")
    packed = subprocess.run(
        ["git", "-C", ROOT, "archive", commit, "src"], check=False, capture_output=True
    )
    if packed.returncode != 0:
        pytest.skip(f"the history of this folder has no commit {commit[:7]}: {packed.stderr!r}")
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder / "src"


class Served:
    """One instance, both of its processes and who watches over them."""

    def __init__(self, folder: Path, sources: Path, settings: Mapping[str, str]) -> None:
        """`settings`: environment variables."""
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.origin = f"http://{self.address}"
        self.log = folder / "server.log"
        self._environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(sources),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "HEADWATER_DATA_DIR": str(folder / "data"),
            **settings,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def command(self, *words: str) -> dict[str, Any]:
        """What a command of this version answers."""
        line = [sys.executable, "-m", "headwater", *words, "--json"]
        done = subprocess.run(line, env=self._environment, check=True, stdout=subprocess.PIPE)
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def start(self) -> None:
        """Returns when it is ready."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "headwater", "serve"],
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until(self._is_ready, START_SECONDS, f"the server is ready; see {self.log}")

    def stop(self) -> int:
        """Ask it to end; the exit code."""
        assert self._process is not None
        self._process.terminate()
        code = self._process.wait(STOP_SECONDS)
        self._process = None
        return code

    def child(self, role: str) -> int | None:
        """The process of a role."""
        assert self._process is not None
        number = self._process.pid
        for pid in Path(f"/proc/{number}/task/{number}/children").read_text().split():
            with contextlib.suppress(FileNotFoundError):  # it has ended since
                if Path(f"/proc/{pid}/comm").read_text().strip() == f"hw-{role}":
                    return int(pid)
        return None

    def close(self) -> None:
        """Whatever still runs is killed, also what was stopped."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(STOP_SECONDS)

    def _is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text()
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{self.origin}/health/ready").status_code == httpx.codes.OK
        return False


@contextmanager
def served(folder: Path, sources: Path, settings: Mapping[str, str]) -> Iterator[Served]:
    """Nothing of it runs yet, and nothing does after the block."""
    folder.mkdir(parents=True)
    made = Served(folder, sources, settings)
    try:
        yield made
    finally:
        made.close()
    assert "Traceback" not in made.log.read_text(), made.log.read_text()
