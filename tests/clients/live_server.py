"""A Headwater as its users run it: a process of its own, set up and read through its doors."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

import httpx

from tests.clients.installation import installation
from tests.clients.patience import until
from tests.clients.process import START_SECONDS, STOP_SECONDS
from tests.clients.reader import Reader, signed_in

STORE_SECONDS = 60

INHERITED = ("PATH", "HOME", "LANG", "TMPDIR")
"""The developer's own settings of Headwater are none of the tests' business."""

ANY_ORG = "whatever-org"
ANY_PROJECT = "whatever-project"
"""Users were told that org and project may have any value: the token knows the project."""


@dataclass(frozen=True, slots=True)
class Project:
    """A project with a token that uploads into it and one that reads whatever there is."""

    origin: str
    slug: str
    dsn: str
    upload_token: str
    full_token: str

    def settings(self) -> dict[str, str]:
        """What a build is told in its environment."""
        return {
            "SENTRY_URL": self.origin,
            "SENTRY_ORG": ANY_ORG,
            "SENTRY_PROJECT": ANY_PROJECT,
            "SENTRY_AUTH_TOKEN": self.upload_token,
        }

    def event(self, event_id: str) -> dict[str, Any]:
        """The stored event after symbolication; waits until it is there."""
        path = f"events/{event_id}/json/"
        until(lambda: self._get(path).status_code == httpx.codes.OK, STORE_SECONDS, path)
        stored: dict[str, Any] = self._get(path).json()
        return stored

    def verdicts(self, event_id: str) -> dict[str, Any]:
        """What became of every frame of a stored event, and why."""
        answer: dict[str, Any] = self._get(f"events/{event_id}/sourcemaps/").json()
        return answer

    def bundles(self) -> list[dict[str, Any]]:
        """Everything that was uploaded, newest first, with its files and what is wrong with it."""
        base = "files/artifact-bundles/"
        paths = [f"{base}{each['id']}/" for each in self._get(base).json()]
        return [
            {**self._get(path).json(), "files": self._get(f"{path}files/").json()} for path in paths
        ]

    def release(self, version: str) -> dict[str, Any]:
        """How a release resolves, and what is wrong with it."""
        answer: dict[str, Any] = self._get(f"releases/{version}/sourcemaps/").json()
        return answer

    def not_kept(self, *wanted: str) -> set[str]:
        """Categories of what was discarded for its kind; waits until the wanted ones are among them."""
        until(lambda: self._not_kept().issuperset(wanted), STORE_SECONDS, f"counts of {wanted}")
        return self._not_kept()

    def _not_kept(self) -> set[str]:
        account = self._get("outcomes/").json()["notKept"]
        return {row["reason"].removeprefix("not_kept:") for row in account["reasons"]}

    def said(self, number: int) -> list[dict[str, Any]]:
        """What users said; waits until there is so much of it."""
        return self._list("user-feedback/", number)

    def issues(self, number: int) -> list[dict[str, Any]]:
        """The project's issues; waits until there are so many."""
        return self._list("issues/", number)

    def _list(self, path: str, number: int) -> list[dict[str, Any]]:
        until(lambda: len(self._get(path).json()) == number, STORE_SECONDS, path)
        listed: list[dict[str, Any]] = self._get(path).json()
        return listed

    def _get(self, path: str) -> httpx.Response:
        return httpx.get(
            f"{self.origin}/api/0/projects/{ANY_ORG}/{self.slug}/{path}",
            headers={"Authorization": f"Bearer {self.full_token}"},
        )


@dataclass(frozen=True, slots=True)
class LiveServer:
    """A running server and the settings its command line is given."""

    origin: str
    environment: dict[str, str]
    full_token: str

    def project(self, name: str) -> Project:
        """Create a project and its token with the command line, beside the running server."""
        made = _headwater(self.environment, "project", "create", name)
        slug = made["slug"]
        return Project(self.origin, slug, made["dsn"], self.token(slug, "upload"), self.full_token)

    def reader(self) -> Reader:
        """A new user, who has signed in."""
        email, password = f"{token_hex(4)}@example.com", token_hex(16)
        _headwater(self.environment, "user", "create", email, "--password", password)
        return signed_in(self.origin, email, password)

    def token(self, slug: str, scope: str) -> str:
        """Create a token that is bound to a project."""
        bound = ("CI", "--project", slug, "--scope", scope)
        return _headwater(self.environment, "token", "create", *bound)["token"]


@contextmanager
def serving(data_dir: Path, **settings: str) -> Iterator[LiveServer]:
    """A server on a free port of the loopback, until the end of the block."""
    with ExitStack() as running:
        installed = running.enter_context(installation(data_dir))
        origin = f"http://127.0.0.1:{installed.port}"
        environments = [
            {
                **{name: os.environ[name] for name in INHERITED if name in os.environ},
                "HOST": "127.0.0.1",
                "PORT": str(port),
                "PUBLIC_URL": origin,
                "HEADWATER_DATA_DIR": str(folder),
                **installed.settings,
                **settings,
            }
            for folder, port in installed.instances.items()
        ]
        for environment in environments:
            running.enter_context(_instance(environment))
        reader = _headwater(environments[0], "token", "create", "Reader", "--scope", "full")
        yield LiveServer(origin, environments[0], reader["token"])


@contextmanager
def _instance(environment: dict[str, str]) -> Iterator[None]:
    written = Path(environment["HEADWATER_DATA_DIR"]).parent / "server.log"
    own = f"http://127.0.0.1:{environment['PORT']}"
    with written.open("ab") as log:
        command = [sys.executable, "-m", "headwater", "serve"]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            until(lambda: _ready(own, process), START_SECONDS, "the server is ready")
            yield
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)
    assert "Traceback" not in written.read_text(), "the server met what it did not expect"


def _headwater(environment: dict[str, str], *arguments: str) -> dict[str, str]:
    command = [sys.executable, "-m", "headwater", *arguments, "--json"]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    answer: dict[str, str] = json.loads(done.stdout)
    return answer


def _ready(origin: str, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "the server ended before it was ready"
    try:
        return httpx.get(f"{origin}/health/ready").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
