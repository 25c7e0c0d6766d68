"""Another program holds the database's lock: events are accepted all the same."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from uuid import uuid4

import pytest

from headwater.storage.database import Database
from headwater.storage.people.tokens import Scope, Tokens
from tests.clients.patience import until
from tests.faults.instance import DIGEST, WEB, Instance, instance, path_of
from tests.faults.load import Load, envelope, post

PATIENCE_SECONDS = 240
WRITERS = 60
"""More than there are threads for requests that wait for something."""

_HOLDER = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], timeout=60, isolation_level=None)
database.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def _locked(server: Instance) -> Iterator[None]:
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(server.data_dir / "headwater.db")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        yield
        assert holder.stdin is not None
        holder.stdin.close()


@pytest.mark.parametrize(
    "refusals", [pytest.param(1, id="once"), pytest.param(3, id="long", marks=pytest.mark.matrix)]
)
def test_events_are_accepted_while_another_program_holds_the_database(
    tmp_path: Path, refusals: int
) -> None:
    with instance(tmp_path) as server:
        load = Load(server, clients=2, seed="locked")
        server.start(WEB, DIGEST)
        with load.running():
            until(lambda: server.counts().events > 0, PATIENCE_SECONDS, "the digest is at work")
            with _locked(server):
                refused = server.said("database refused") + refusals
                until(
                    lambda: server.said("database refused") >= refused,
                    PATIENCE_SECONDS,
                    "the digest has waited for as long as it does",
                )
                answers = load.answers
                until(lambda: load.answers > answers + 50, PATIENCE_SECONDS, "events are accepted")
            digested = server.counts().events
            until(lambda: server.counts().events > digested, PATIENCE_SECONDS, "it goes on")
        until(lambda: load.answered <= server.stored(), PATIENCE_SECONDS, "all are stored")

        assert load.refused == {}
        assert server.counts().agree()
        assert set(server.outcomes()) == {"accepted", "duplicate"}


def test_an_event_s_key_is_looked_up_while_others_wait_for_the_database(tmp_path: Path) -> None:
    with instance(tmp_path) as server, ThreadPoolExecutor(WRITERS) as threads:
        headers = _token(server)
        server.start(WEB)
        with _locked(server):
            writes = [threads.submit(_release, server, headers) for _ in range(WRITERS)]
            until(
                lambda: sum(each.running() for each in writes) == WRITERS,
                PATIENCE_SECONDS,
                "all of them are asked for",
            )
            # Each in a connection of its own, so that the server has seen those before.
            assert post(server, path_of(server.other), envelope(uuid4().hex))[0] == HTTPStatus.OK
            assert not any(each.done() for each in writes)

        assert {each.result()[0] for each in writes} <= {HTTPStatus.OK, HTTPStatus.CREATED}


def _release(server: Instance, headers: dict[str, str]) -> tuple[int, str]:
    body = b'{"version": "%s", "projects": ["shop"]}' % uuid4().hex.encode()
    return post(server, "/api/0/organizations/any/releases/", body, **headers)


def _token(server: Instance) -> dict[str, str]:
    database = Database(f"sqlite:///{server.data_dir / 'headwater.db'}")
    _, secret = Tokens(database).create("test", Scope.FULL, None, None, datetime.now(UTC))
    database.close()
    return {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
