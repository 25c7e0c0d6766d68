"""A Headwater whose two processes are started, stopped and killed one by one, and what it holds."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from headwater.storage.database import Database
from headwater.storage.migrate import migrate
from headwater.storage.projects import Project, Projects
from tests.clients.patience import until
from tests.clients.process import START_SECONDS, STOP_SECONDS, free_port
from tests.faults.held import Held
from tests.folders import mark

WEB, DIGEST = "web", "digest"
PATIENCE_SECONDS = 60


_ROLE = """
import sys
from headwater.processes import run
from headwater.settings import read_settings
from headwater.watch import follow_parent

follow_parent()
run(sys.argv[1], read_settings())
"""


class Instance(Held):
    """One data folder, one port, two projects, a database of its own unless the `settings`, which are
    environment variables, name another."""

    limits = "true"
    """A shell's command before each process's start, such as `ulimit -n 200`."""
    host = "127.0.0.1"
    """Where it listens."""
    enter = ""
    """A shell's words before each process, that take it to where that is."""

    def __init__(
        self,
        folder: Path,
        data_dir: Path,
        settings: dict[str, str],
        projects: tuple[Project, Project] | None = None,
    ) -> None:
        """`projects`: those of another instance on the same database."""
        self.data_dir = data_dir
        self.log = folder / "server.log"
        self.port = free_port()
        super().__init__(settings.get("DATABASE_URL") or f"sqlite:///{data_dir / 'headwater.db'}")
        self.projects = projects or _with_projects(self.url)
        self.project, self.other = self.projects
        self.path = path_of(self.project)
        self.settings = settings
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *roles: str, is_awaited: bool = True) -> None:
        """Returns when the web process, if it is among them, is ready, unless that is not awaited."""
        environment = {
            **os.environ,
            "HOST": self.host,
            "PORT": str(self.port),
            "HEADWATER_DATA_DIR": str(self.data_dir),
            **self.settings,
        }
        for role in roles:
            with self.log.open("ab") as log:
                # Its standard input ends with us, and so does it. In a session of its own, so that
                # a kill takes all of its processes and none of ours.
                self._running[role] = subprocess.Popen(
                    [
                        "sh",
                        "-c",
                        f'{self.limits}; exec {self.enter} "$0" "$@"',
                        sys.executable,
                        "-c",
                        _ROLE,
                        role,
                    ],
                    env=environment,
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
        if WEB in roles and is_awaited:
            until(self.is_ready, START_SECONDS, f"the server is ready; see {self.log}")

    def kill(self, *roles: str) -> None:
        """SIGKILL to every process of these: nobody has time to do anything."""
        for role in roles:
            os.killpg(self._running[role].pid, signal.SIGKILL)
        for role in roles:
            self._end(role)

    def stop(self, *roles: str) -> None:
        """Ask them to end."""
        for role in roles:
            self._running[role].terminate()
            self._running[role].wait(STOP_SECONDS)
            self._end(role)

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{self.host}:{self.port}"

    def signal(self, role: str, number: signal.Signals) -> None:
        """To one process."""
        self._running[role].send_signal(number)

    def has(self, role: str) -> bool:
        """Whether it was started, and neither stopped nor killed."""
        return role in self._running

    def runs(self, role: str) -> bool:
        """Whether it has not ended by itself."""
        return self._running[role].poll() is None

    def is_ready(self) -> bool:
        """Whether the web process answers."""
        assert self.runs(WEB), (self._running[WEB].returncode, self.log.read_text())
        try:
            return self.get("/health/ready") == HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False

    def get(self, path: str) -> int:
        """The status of the answer. Raises OSError, HTTPException."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE_SECONDS)
        with contextlib.closing(connection):
            connection.request("GET", path)
            return connection.getresponse().status

    def stored(self) -> set[str]:
        """The ids of the first project's events."""
        return self.stored_in(self.project.id)

    def waiting(self) -> list[str]:
        """The journal's files, also those that were put aside as damaged."""
        return sorted(each.name for each in self.data_dir.glob("queue/*"))

    def said(self, sentence: str) -> int:
        """How often it is in the log."""
        return self.log.read_text().count(sentence)

    def is_sound(self) -> bool:
        """Whether the database's file is what it should be, as SQLite sees it."""
        return self.rows("PRAGMA integrity_check") == [("ok",)]

    def _end(self, role: str) -> None:
        process = self._running.pop(role)
        process.wait(STOP_SECONDS)
        assert process.stdin is not None
        process.stdin.close()

    def close(self) -> None:
        """Whatever still runs is killed, also what was stopped."""
        for role in list(self._running):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._running[role].pid, signal.SIGKILL)
            self._end(role)


@contextmanager
def instance(folder: Path, data_dir: Path | None = None, **settings: str) -> Iterator[Instance]:
    """Nothing of it runs yet, and nothing does after the block."""
    data_dir = data_dir or folder / "data"
    (data_dir / "sourcemaps").mkdir(parents=True)
    mark(data_dir / "sourcemaps")
    with _ending(Instance(folder, data_dir, settings)) as made:
        yield made


@contextmanager
def beside(first: Instance, folder: Path) -> Iterator[Instance]:
    """Another instance with the same database and projects, in a folder of its own."""
    (folder / "data").mkdir(parents=True)
    with _ending(Instance(folder, folder / "data", first.settings, first.projects)) as made:
        yield made


@contextmanager
def _ending(made: Instance) -> Iterator[Instance]:
    try:
        yield made
    finally:
        made.close()
    assert not made.said("Traceback"), made.log.read_text()


def path_of(project: Project) -> str:
    """Where its events go, key included."""
    return f"/api/{project.id}/envelope/?sentry_key={project.public_key}"


def _with_projects(url: str) -> tuple[Project, Project]:
    database = Database(url)
    migrate(database)
    projects, now = Projects(database), datetime.now(UTC)
    made = projects.create("Shop", "node", now), projects.create("Blog", "node", now)
    database.close()
    return made
