"""`headwater doctor` finds what is wrong with a server and the way to it, and leaves nothing behind."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from headwater.storage.database import Database
from headwater.storage.schema import artifact_bundles, events, issues, outcomes
from headwater.storage.volume import filesystem
from tests.clients.live_server import LiveServer, serving
from tests.clients.nginx import nginx
from tests.clients.process import free_port

HOST = "proxy_set_header Host $http_host;"
CLEAN = (events, issues, artifact_bundles, outcomes)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with serving(tmp_path_factory.mktemp("server") / "data", PUBLIC_URL="") as running:
        yield running


class Examined:
    """What the doctor said, check by check."""

    def __init__(self, code: int, said: Mapping[str, Any]) -> None:
        self.code = code
        self.outcome = said["outcome"]
        self.checks = {check["name"]: check for check in said["checks"]}

    def of(self, name: str) -> str:
        """The outcome of one check."""
        outcome: str = self.checks[name]["outcome"]
        return outcome

    def words(self, name: str) -> str:
        """Its sentence and remedy."""
        return f"{self.checks[name]['sentence']} {self.checks[name].get('remedy', '')}"


def doctor(environment: Mapping[str, str], *arguments: str) -> Examined:
    command = [sys.executable, "-m", "headwater", "doctor", "--json", *arguments]
    done = subprocess.run(
        command, env=environment, check=False, capture_output=True, text=True, timeout=300
    )
    assert done.stdout, done.stderr
    return Examined(done.returncode, json.loads(done.stdout))


def rows(server: LiveServer) -> dict[str, int]:
    """How much is stored that users would see or have counted."""
    database = Database(f"sqlite:///{server.environment['HEADWATER_DATA_DIR']}/headwater.db")
    with database.read() as connection:
        found = {table.name: len(connection.execute(table.select()).all()) for table in CLEAN}
    database.close()
    return found


def test_a_server_that_works_is_well_from_inside_and_nothing_stays(server: LiveServer) -> None:
    before = rows(server)

    found = doctor(server.environment)

    assert (found.code, found.of("resolve"), found.of("upload")) == (0, "pass", "pass")
    assert "came back as `examine` in src/doctor.ts:2" in found.words("resolve")
    for name in ("database", "schema", "web", "digest", "queue", "shared storage", "body sizes"):
        assert found.of(name) == "pass", found.words(name)
    assert rows(server) == before
    listed = httpx.get(
        f"{server.origin}/api/0/projects/",
        headers={"Authorization": f"Bearer {server.full_token}"},
    )
    assert "doctor" not in listed.text


def test_from_another_machine_it_needs_http_and_a_token_only(
    server: LiveServer, tmp_path: Path
) -> None:
    elsewhere = {"PATH": server.environment["PATH"], "HEADWATER_DATA_DIR": str(tmp_path)}
    project = server.project("Outside")
    before = rows(server)

    own = doctor(elsewhere, "--url", server.origin, "--token", project.upload_token)
    full = doctor(
        elsewhere | {"SENTRY_AUTH_TOKEN": server.full_token}, "--url", f"{server.origin}/"
    )

    assert (own.code, own.of("resolve"), own.of("server")) == (0, "pass", "skipped")
    assert "read no events" in own.words("token")
    assert (full.code, full.of("resolve"), full.of("database")) == (0, "pass", "pass")
    assert rows(server) == before


def test_a_proxy_s_limit_is_named_with_the_line_to_change(
    server: LiveServer, tmp_path: Path
) -> None:
    with nginx(tmp_path, server.origin, HOST, "client_max_body_size 300k;") as origin:
        small = doctor(server.environment, "--url", origin, "--token", server.full_token)
    with nginx(tmp_path, server.origin, HOST, "client_max_body_size 3m;") as origin:
        middling = doctor(server.environment, "--url", origin, "--token", server.full_token)

    assert (small.code, small.of("body sizes")) == (1, "fail")
    assert "413 by nginx" in small.words("body sizes")
    assert "256 KiB got through" in small.words("body sizes")
    assert "client_max_body_size" in small.words("body sizes")
    assert "Traefik" not in small.words("body sizes")
    assert (middling.code, middling.of("body sizes")) == (0, "warn")
    assert "2.0 MiB got through" in middling.words("body sizes")


def test_an_address_that_clients_would_not_reach_is_found(
    server: LiveServer, tmp_path: Path
) -> None:
    https = "proxy_set_header X-Forwarded-Proto https;"
    with nginx(tmp_path, server.origin, HOST, https) as origin:
        scheme = doctor(server.environment, "--url", origin, "--token", server.full_token)
        told = origin.replace("http://", "https://")
    with nginx(tmp_path, server.origin) as origin:
        host = doctor(server.environment, "--url", origin, "--token", server.full_token)

    assert (scheme.code, scheme.of("upload address"), scheme.of("upload")) == (1, "fail", "fail")
    assert f"upload to {told}" in scheme.words("upload address")
    assert "X-Forwarded-Proto" in scheme.words("upload address")
    assert (host.code, host.of("upload address")) == (1, "fail")
    assert server.origin in host.words("upload address")


def test_a_proxy_that_the_environment_names_is_used(server: LiveServer, tmp_path: Path) -> None:
    roomy = "client_max_body_size 32m;"
    with nginx(tmp_path, "http://$http_host$request_uri", roomy) as proxy:
        named = {**server.environment, "http_proxy": proxy, "no_proxy": ""}
        found = doctor(named, "--url", server.origin, "--token", server.full_token)
        asked = (tmp_path / "access.log").read_text()

    assert (found.code, found.of("resolve")) == (0, "pass")
    assert "POST" in asked
    assert "/health/ready" in asked


def test_a_proxy_that_wants_a_password_is_given_the_one_in_its_address(
    server: LiveServer, tmp_path: Path
) -> None:
    # `owner:p@ss`
    only = 'if ($http_proxy_authorization != "Basic b3duZXI6cEBzcw==") { return 407; }'
    with nginx(tmp_path, "http://$http_host$request_uri", "client_max_body_size 32m;", only) as at:
        proxy = at.replace("://", "://owner:p%40ss@")
        named = {**server.environment, "http_proxy": proxy, "no_proxy": ""}
        found = doctor(named, "--url", server.origin, "--token", server.full_token)

    assert (found.code, found.of("reach"), found.of("resolve")) == (0, "pass", "pass")


def test_a_token_that_opens_nothing_is_said_to_be_so(server: LiveServer) -> None:
    found = doctor(server.environment, "--url", server.origin, "--token", "0123456789abcdef")

    assert (found.code, found.of("token")) == (1, "fail")
    assert "'01234567' is not known here" in found.words("token")
    assert "resolve" not in found.checks


def test_where_nobody_answers_that_is_all(server: LiveServer) -> None:
    found = doctor(server.environment, "--url", f"http://127.0.0.1:{free_port()}", "--token", "x")

    assert (found.code, list(found.checks)) == (1, ["reach"])
    assert "Nothing answers" in found.words("reach")


def test_an_address_that_leads_elsewhere_is_named(server: LiveServer, tmp_path: Path) -> None:
    line = "return 301 https://errors.example.com$request_uri;"
    with nginx(tmp_path, server.origin, line) as origin:
        found = doctor(server.environment, "--url", origin, "--token", server.full_token)

    assert (found.code, found.of("reach")) == (1, "fail")
    assert "https://errors.example.com/health/ready" in found.words("reach")


def test_a_machine_without_a_server_is_told_so(tmp_path: Path, server: LiveServer) -> None:
    found = doctor(server.environment | {"HEADWATER_DATA_DIR": str(tmp_path)})

    assert (found.code, found.of("database")) == (1, "fail")
    assert f"{tmp_path} holds no database" in found.words("database")
    assert list(tmp_path.iterdir()) == []


def test_storage_in_memory_is_a_warning(tmp_path: Path) -> None:
    memory = Path("/dev/shm")  # noqa: S108 # the place that is asked about
    mounts = Path("/proc/self/mounts")
    if not mounts.exists() or filesystem(memory, mounts.read_text()) != "tmpfs":
        pytest.skip("there is no file system in memory at /dev/shm")
    folder = memory / tmp_path.parent.name / tmp_path.name
    folder.mkdir(parents=True)
    try:
        with serving(tmp_path / "data", SOURCEMAP_STORAGE_PATH=str(folder)) as running:
            found = doctor(running.environment)
    finally:
        subprocess.run(["rm", "-r", str(folder)], check=True)

    assert (found.code, found.outcome, found.of("source maps: kept")) == (0, "warn", "warn")
    assert "is in memory (tmpfs)" in found.words("source maps: kept")
    assert "Mount a volume" in found.words("source maps: kept")
