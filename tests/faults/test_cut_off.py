"""Two instances on hosts of their own, and one of them is cut off in the middle of its work: what was
answered is there, once, resolved, and everything goes on by itself."""

import contextlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Final
from uuid import uuid4

import httpx
import psycopg
import pytest

from headwater.storage.database import Database
from headwater.storage.people.tokens import Scope, Tokens
from tests.clients.nginx import deployed_nginx
from tests.clients.patience import until
from tests.databases import at_address, own_postgresql
from tests.faults.instance import DIGEST, WEB, Instance, beside, instance
from tests.faults.load import Load
from tests.faults.network import Host, own_network
from tests.faults.thrown import thrown
from tests.folders import mark
from tests.s3_server import SECRET, make_bucket, s3_server
from tests.upload_side import DEBUG_ID, BuildTool, cut, pair

LATE_ID: Final = "0e6a1b9c-57f7-4f0d-9a9b-3f4a4f2b8f11"
LATE = 20
"""Events that came before their upload."""

PATIENCE_SECONDS = 240
ASKED_SECONDS = 1
"""When a client gives up that asked for an assembly, which goes on."""
CLIENTS = 3
PAUSE_SECONDS = 0.02
SOME = 100
"""Events in each state of things."""

_BUCKET: Final = "source-maps"

_WAITING: Final = """
SELECT count(*) FROM pg_stat_activity
WHERE client_addr = %s AND wait_event_type = 'Lock' AND query LIKE %s
"""


@dataclass(frozen=True, slots=True)
class Fleet:
    """`one` is on the `host` that is cut off. `port`: nginx's. `url`: the database's, past the network."""

    one: Instance
    two: Instance
    host: Host
    port: int
    path: str
    url: str
    headers: dict[str, str]

    def client(self, at: Instance) -> httpx.Client:
        """With a token, to one of them."""
        origin = f"http://{at.address}"
        return httpx.Client(base_url=origin, headers=self.headers, timeout=PATIENCE_SECONDS)

    def upload(self, debug_id: str, at: Instance) -> str:
        """What becomes of it."""
        with self.client(at) as http:
            return str(BuildTool(http).upload(pair(debug_id))["state"])


@pytest.fixture(params=["folder", pytest.param("bucket", marks=pytest.mark.matrix)])
def fleet(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Fleet]:
    """All of it at work."""
    with ExitStack() as running:
        network = running.enter_context(own_network())
        first, second = (running.enter_context(network.host()) for _ in range(2))
        server = running.enter_context(own_postgresql(network.address))
        settings = {"DATABASE_URL": at_address(server, network.address)}
        if request.param == "folder":
            settings |= _shared_folder(tmp_path / "shared")
        else:
            origin = running.enter_context(s3_server(tmp_path / "s3.log", network.address))
            settings |= _bucket(origin)
        one = running.enter_context(instance(tmp_path, None, **settings))
        two = running.enter_context(beside(one, tmp_path / "two"))
        for each, host in ((one, first), (two, second)):
            each.host, each.enter = host.address, host.enter
            each.start(WEB, DIGEST)
        port = running.enter_context(deployed_nginx(tmp_path, one.address, two.address))
        headers = {"Authorization": f"Bearer {_token(server.url)}"}
        yield Fleet(one, two, first, port, one.path, server.url, headers)


def _shared_folder(folder: Path) -> dict[str, str]:
    folder.mkdir()
    mark(folder)
    return {"SOURCEMAP_STORAGE_PATH": str(folder)}


def _bucket(origin: str) -> dict[str, str]:
    make_bucket(origin, _BUCKET)
    return {
        "SOURCEMAP_STORAGE_URL": f"s3://{_BUCKET}/maps",
        "AWS_ACCESS_KEY_ID": "a-key",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": origin,
    }


def _token(url: str) -> str:
    database = Database(url)
    _, secret = Tokens(database).create("test", Scope.FULL, None, None, datetime.now(UTC))
    database.close()
    return secret


@pytest.mark.timeout(900)
def test_an_instance_that_is_cut_off_for_a_while_costs_no_event_and_no_upload(fleet: Fleet) -> None:
    one, two = fleet.one, fleet.two
    assert fleet.upload(DEBUG_ID, one) == "ok"
    late = {_throw(fleet, two, LATE_ID) for _ in range(LATE)}
    load = Load(fleet, CLIENTS, "cut off", write=thrown, pause=PAUSE_SECONDS)
    with load.running():
        _digest_some(one)
        _cut_off_at_work(fleet)
        _digest_some(two)
        assert fleet.upload(LATE_ID, two) == "ok"
        _go_on(load)
        fleet.host.mend()
        until(one.is_ready, PATIENCE_SECONDS, "it is ready again, by itself")
        late.add(_throw(fleet, one, LATE_ID))
        two.stop(DIGEST)
        _digest_some(one)
        two.start(DIGEST)
        assert fleet.upload(LATE_ID, one) == "ok"
        _go_on(load)
    one.end_claims()
    until(one.is_all_digested, PATIENCE_SECONDS, "everything is digested")
    until(lambda: one.frames()[1] == 0, PATIENCE_SECONDS, "what came before its upload is healed")

    _check(one, load, late)


def _check(one: Instance, load: Load, sent: set[str]) -> None:
    assert one.rows("SELECT error FROM dead_letters") == []
    stored = one.stored()
    lost, doubtful = (load.answered | sent) - stored, load.uncertain | load.told_to_wait
    assert lost == set()
    assert stored <= load.answered | sent | doubtful
    counts = one.counts()
    assert counts.agree(), counts
    assert one.frames() == (counts.events, 0)
    assert set(one.outcomes()) <= {"accepted", "duplicate", "overloaded"}
    print(
        f"{load.answers} answers, {counts.events} events, {one.outcomes()}, refused {load.refused},"
        f" {len(load.uncertain)} unanswered"
    )


def _throw(fleet: Fleet, at: Instance, debug_id: str) -> str:
    """The id of an event that was accepted."""
    event_id = uuid4().hex
    answer = httpx.post(f"http://{at.address}{fleet.path}", content=thrown(event_id, debug_id))
    assert answer.status_code == httpx.codes.OK, answer.text
    return event_id


def _cut_off_at_work(fleet: Fleet) -> None:
    """In the middle of a batch of events and of an assembly: both wait for locks, and get them when
    nobody can hear of it."""
    bundle = pair(LATE_ID)
    with fleet.client(fleet.one) as http:
        for chunk in cut(bundle):
            assert BuildTool(http).send(chunk).status_code == HTTPStatus.OK
    with psycopg.connect(fleet.url) as connection:
        connection.execute("LOCK TABLE artifact_bundles IN SHARE MODE")
        connection.execute("SELECT id FROM issues ORDER BY id FOR UPDATE")
        with fleet.client(fleet.one) as http, contextlib.suppress(httpx.ReadTimeout):
            http.timeout = httpx.Timeout(PATIENCE_SECONDS, read=ASKED_SECONDS)
            BuildTool(http).assemble(bundle)
        for table in ("artifact_bundles", "issues"):
            until(partial(_waits, fleet, table), PATIENCE_SECONDS, f"it waits for {table}")
        fleet.host.cut()
        connection.rollback()


def _waits(fleet: Fleet, table: str) -> bool:
    """Whether the one instance waits for a lock that has to do with a table."""
    with psycopg.connect(fleet.url) as connection:
        found = connection.execute(_WAITING, (fleet.host.address, f"%{table}%")).fetchone()
    return found is not None and found[0] > 0


def _digest_some(at: Instance) -> None:
    enough = at.counts().events + SOME
    until(lambda: at.counts().events >= enough, PATIENCE_SECONDS, f"{at.log.parent} digests")


def _go_on(load: Load) -> None:
    enough = load.answers + SOME
    until(lambda: load.answers >= enough, PATIENCE_SECONDS, "events are answered")
