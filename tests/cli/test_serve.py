"""`headwater serve`, as a person or a process manager meets it."""

import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from headwater.storage.database import Database
from headwater.storage.migrate import migrate

START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Served:
    process: subprocess.Popen[str]
    origin: str
    output: Path

    def children(self) -> dict[str, int]:
        """Process id of each role, on Linux."""
        ids = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        found = {}
        for pid in ids.split():
            status = Path(f"/proc/{pid}/status").read_text().splitlines()
            _, _, role = status[0].partition("hw-")
            if role and "State:\tZ (zombie)" not in status:
                found[role] = int(pid)
        return found

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.origin}/health/ready").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    started: list[Served] = []

    def starter(
        port: int | None = None,
        program: tuple[str, ...] = (sys.executable, "-m", "headwater"),
        **environment: str,
    ) -> Served:
        chosen = port or free_port()
        output = tmp_path / f"output-{len(started)}"
        with output.open("w") as file:
            process = subprocess.Popen(
                [*program, "serve", "--port", str(chosen)],
                stdout=file,
                stderr=subprocess.STDOUT,
                text=True,
                env={**os.environ, "HEADWATER_DATA_DIR": str(tmp_path / "data"), **environment},
            )
        served = Served(process, f"http://127.0.0.1:{chosen}", output)
        started.append(served)
        return served

    yield starter
    for served in started:
        served.process.terminate()
        served.process.wait()


def sign_in(served: Served, email: str, password: str) -> int:
    answer = httpx.post(
        f"{served.origin}/sign-in",
        data={"email": email, "password": password},
        headers={"Origin": served.origin},
    )
    return answer.status_code


def test_the_first_start_prints_how_to_sign_in_and_the_second_keeps_everything(
    start: Callable[..., Served], tmp_path: Path
) -> None:
    first = start()
    until(first.is_ready)
    said = first.output.read_text()
    password = said.partition("with the password ")[2].split()[0]
    first.process.terminate()
    first.process.wait()
    second = start()
    until(second.is_ready)

    assert str(tmp_path / "data") in said
    assert "admin@localhost" in said
    assert "with the password" not in second.output.read_text()
    assert sign_in(second, "admin@localhost", password) == httpx.codes.SEE_OTHER
    assert sign_in(second, "admin@localhost", "wrong") != httpx.codes.SEE_OTHER


def test_the_superuser_may_be_chosen(start: Callable[..., Served]) -> None:
    served = start(CREATE_SUPERUSER="ada@example.com:correct horse")
    until(served.is_ready)

    assert sign_in(served, "ada@example.com", "correct horse") == httpx.codes.SEE_OTHER
    assert "correct horse" not in served.output.read_text()


def test_a_misspelt_setting_and_a_short_password_are_told_at_the_start(
    start: Callable[..., Served],
) -> None:
    served = start(CREATE_SUPERUSER="ada@example.com:short")

    assert served.process.wait(START_SECONDS) == 2
    assert "CREATE_SUPERUSER: A password needs at least 8" in served.output.read_text()

    served = start(HEADWATER_DATADIR="/x")
    until(served.is_ready)

    said = served.output.read_text()
    assert said.count("HEADWATER_DATADIR is no setting; did you mean HEADWATER_DATA_DIR?") == 1


def test_a_port_that_is_taken_is_named_before_anything_starts(start: Callable[..., Served]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        served = start(port)

        code = served.process.wait(START_SECONDS)

    assert code == 2
    assert f"127.0.0.1:{port} can't be listened on" in served.output.read_text()


def test_a_second_server_on_the_same_folder_is_refused_until_the_first_has_ended(
    start: Callable[..., Served], tmp_path: Path
) -> None:
    first = start()
    until(first.is_ready)
    noted = (tmp_path / "data" / "served-at").read_text()

    second = start()

    assert second.process.wait(START_SECONDS) == 2
    assert f"a server runs on {tmp_path / 'data'} already" in second.output.read_text()
    assert (tmp_path / "data" / "served-at").read_text() == noted
    first.process.terminate()
    first.process.wait()
    until(start().is_ready)


@pytest.mark.skipif(sys.platform != "linux", reason="children are found in /proc")
def test_a_process_that_dies_is_started_again(start: Callable[..., Served]) -> None:
    served = start()
    until(served.is_ready)
    before = served.children()

    os.kill(before["web"], signal.SIGKILL)

    until(lambda: served.children().get("web") not in (None, before["web"]))
    until(served.is_ready)
    assert served.children()["digest"] == before["digest"]


@pytest.mark.skipif(sys.platform != "linux", reason="children are found in /proc")
def test_a_digest_that_keeps_dying_does_not_end_the_server(start: Callable[..., Served]) -> None:
    served = start()
    until(served.is_ready)

    for _ in range(3):
        until(lambda: "digest" in served.children())
        os.kill(served.children()["digest"], signal.SIGKILL)
        until(lambda: "digest" not in served.children())

    assert served.is_ready()
    until(lambda: "digest" in served.children())


def test_proxies_that_cannot_be_read_are_named_before_anything_starts(
    start: Callable[..., Served],
) -> None:
    served = start(TRUSTED_PROXIES="the load balancer")

    assert served.process.wait(START_SECONDS) == 2
    assert "TRUSTED_PROXIES takes addresses" in served.output.read_text()


def test_a_damaged_database_is_one_sentence(start: Callable[..., Served], tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "headwater.db").write_bytes(b"not a database at all" * 1000)

    served = start()

    assert served.process.wait(START_SECONDS) == 2
    (said,) = served.output.read_text().splitlines()
    assert "the database can't be opened" in said


def test_a_file_of_a_newer_version_is_one_sentence(
    start: Callable[..., Served], tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    file = tmp_path / "data" / "headwater.db"
    database = Database(f"sqlite:///{file}")
    migrate(database)
    database.close()
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    served = start()

    assert served.process.wait(START_SECONDS) == 2
    (said,) = served.output.read_text().splitlines()
    assert "at migration 9999, which a newer version made" in said


@pytest.mark.skipif(sys.platform != "linux", reason="children are found in /proc")
def test_no_child_outlives_a_supervisor_that_was_killed(start: Callable[..., Served]) -> None:
    served = start()
    until(served.is_ready)
    children = served.children()

    served.process.kill()
    served.process.wait()

    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children.values()))
    assert set(children) == {"web", "digest"}


def test_sigterm_ends_everything_with_success(start: Callable[..., Served]) -> None:
    served = start()
    until(served.is_ready)

    served.process.terminate()

    assert served.process.wait(START_SECONDS) == 0
    assert not served.is_ready()


def test_one_that_is_told_to_end_while_it_starts_does(start: Callable[..., Served]) -> None:
    served = start()
    until(lambda: "Source maps" in served.output.read_text())

    served.process.terminate()

    # Not by the signal itself, which a container's first process would not get.
    assert served.process.wait(START_SECONDS) in (0, 128 + signal.SIGTERM)


def test_the_folder_that_it_is_started_in_is_no_place_for_its_modules(
    start: Callable[..., Served], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "uuid.py").write_text("raise SystemExit('not this one')")
    script = Path(sys.executable).with_name("headwater")
    monkeypatch.chdir(tmp_path)

    served = start(program=(str(script),))

    until(served.is_ready)
    assert "not this one" not in served.output.read_text()


def test_a_bucket_that_can_t_be_used_ends_the_start_with_one_sentence(
    start: Callable[..., Served],
) -> None:
    served = start(
        SOURCEMAP_STORAGE_URL="s3://maps/here",
        AWS_ENDPOINT_URL=f"http://127.0.0.1:{free_port()}",
        AWS_ACCESS_KEY_ID="a-key",
        AWS_SECRET_ACCESS_KEY="a-secret",
        AWS_REGION="us-east-1",
    )

    assert served.process.wait(START_SECONDS) == 2
    (said,) = served.output.read_text().splitlines()
    assert said.startswith("headwater: SOURCEMAP_STORAGE_URL: s3://maps/here at 127.0.0.1:")
    assert said.endswith("it refuses connections")
