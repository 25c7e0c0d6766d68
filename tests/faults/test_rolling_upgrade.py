"""An instance of an earlier version and one of this, behind nginx, on one PostgreSQL and one folder of
source maps, while events come: what was answered 200 is there, once, and resolved."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx
import psycopg
import pytest

from headwater.storage.migrate import newest_revision
from tests.clients.nginx import deployed_nginx
from tests.clients.patience import until
from tests.clients.reader import signed_in
from tests.databases import empty_address
from tests.faults.held import Held
from tests.faults.load import Load
from tests.faults.thrown import MINIFIED, ORIGINAL, thrown
from tests.faults.versions import HERE, Served, earlier, served
from tests.upload_side import DEBUG_ID, BuildTool, cut, pair

EARLIER: Final = "783589e772a76f7bba85598cf3090805d6fcc1b9"
"""The first that knows of several instances on one PostgreSQL; migrations 0021 and 0022 came after."""

LATE_ID: Final = "0e6a1b9c-57f7-4f0d-9a9b-3f4a4f2b8f11"
OTHER_ID: Final = "4c1f4a5e-6f0e-4a52-9d0c-5d0f6c1f7a33"
EMAIL, PASSWORD = "ada@example.com", "analytical engine"

PATIENCE_SECONDS = 180
CLIENTS = 3
PAUSE_SECONDS = 0.02
SOME = 100
"""Answers in each state of the upgrade."""
LATE = 20
"""Events that came before their upload."""

_DIGEST = "digest"
_HANGING: Final = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND xact_start IS NOT NULL AND wait_event = 'ClientRead'
AND state_change < clock_timestamp() - interval '3 seconds'
"""
"""Transactions whose client stands still."""


@dataclass(frozen=True, slots=True)
class Upgrade:
    """`port`: nginx's, in front of both. `path`: where events go."""

    old: Served
    new: Served
    port: int
    path: str
    project_id: int
    held: Held
    headers: dict[str, str]

    def client(self, at: Served) -> httpx.Client:
        """With a token, to one of them."""
        return httpx.Client(base_url=at.origin, headers=self.headers, timeout=PATIENCE_SECONDS)

    def upload(self, debug_id: str, chunks_at: Served, assembled_at: Served) -> None:
        """Begun at one, assembled through the other."""
        bundle = pair(debug_id)
        with self.client(chunks_at) as one, self.client(assembled_at) as other:
            for chunk in cut(bundle):
                assert BuildTool(one).send(chunk).status_code == httpx.codes.OK
            answer = BuildTool(other).assemble(bundle)
            assert answer["missingChunks"] == [], "the other does not see what came through the one"
            assert BuildTool(other).upload(bundle)["state"] == "ok"

    def throw(self, at: Served, debug_id: str) -> str:
        """The id of an event that was accepted."""
        event_id = uuid4().hex
        answer = httpx.post(at.origin + self.path, content=thrown(event_id, debug_id))
        assert answer.status_code == httpx.codes.OK, answer.text
        return event_id

    def is_resolved(self, event_id: str, at: Served) -> bool:
        """As it is seen through one of them."""
        with self.client(at) as client:
            answer = client.get(f"/api/0/projects/any/shop/events/{event_id}/json/")
        if answer.status_code != httpx.codes.OK:
            return False
        event: dict[str, Any] = answer.json()
        (frame,) = event["exception"]["values"][0]["stacktrace"]["frames"]
        assert frame["filename"] in (MINIFIED, ORIGINAL), frame
        return str(frame["filename"]) == ORIGINAL


@pytest.fixture
def upgrade(tmp_path: Path) -> Iterator[Upgrade]:
    """The earlier one at work, this one not started yet."""
    if sys.platform != "linux":
        pytest.skip("finds a server's processes in /proc, which Linux has")
    sources = earlier(EARLIER, tmp_path / "earlier")
    settings = {
        "DATABASE_URL": empty_address(),
        "SOURCEMAP_STORAGE_PATH": str(tmp_path / "shared"),
    }
    with (
        served(tmp_path / "one", sources, settings) as old,
        served(tmp_path / "two", HERE, settings) as new,
        deployed_nginx(tmp_path, old.address, new.address) as port,
    ):
        dsn = httpx.URL(old.command("project", "create", "Shop")["dsn"])
        token = old.command("token", "create", "test", "--scope", "full")["token"]
        old.command("user", "create", EMAIL, "--password", PASSWORD)
        old.start()
        number = dsn.path.strip("/")
        path = f"/api/{number}/envelope/?sentry_key={dsn.username}"
        held, headers = Held(settings["DATABASE_URL"]), {"Authorization": f"Bearer {token}"}
        yield Upgrade(old, new, port, path, int(number), held, headers)


@pytest.mark.matrix
@pytest.mark.timeout(900)
def test_no_event_is_lost_doubled_or_resolved_wrongly_while_two_versions_work_side_by_side(
    upgrade: Upgrade,
) -> None:
    old, new = upgrade.old, upgrade.new
    upgrade.upload(DEBUG_ID, old, old)
    late = [upgrade.throw(old, LATE_ID) for _ in range(LATE)]
    assert _revision(upgrade) < str(newest_revision())
    load = Load(upgrade, CLIENTS, "upgrade", write=thrown, pause=PAUSE_SECONDS)
    with load.running():
        _go_on(load)
        new.start()
        assert _revision(upgrade) == newest_revision()
        _go_on(load)
        upgrade.upload(LATE_ID, old, new)
        upgrade.upload(OTHER_ID, new, old)
        others = [upgrade.throw(each, OTHER_ID) for each in (old, new)]
        _wait_until_resolved(upgrade, [*late, *others])
        _look_at_pages(upgrade, [late[0], *others])
        _digest_at(old, beside=new, upgrade=upgrade)
        _digest_at(new, beside=old, upgrade=upgrade)
        _start_digest_again(upgrade)
        _digest_at(old, beside=new, upgrade=upgrade)
        _go_on(load)
        assert old.stop() == 0
        _go_on(load)
    upgrade.held.end_claims()
    until(upgrade.held.is_all_digested, PATIENCE_SECONDS, "everything is digested")

    _check(upgrade, load, {*late, *others})


def test_an_instance_starts_on_a_schema_that_a_newer_version_has_made(tmp_path: Path) -> None:
    url = empty_address()
    with served(tmp_path / "one", HERE, {"DATABASE_URL": url}) as older:
        dsn = httpx.URL(older.command("project", "create", "Shop")["dsn"])
        with psycopg.connect(url) as connection:
            connection.execute("ALTER TABLE events ADD COLUMN of_a_newer_version integer")
            connection.execute("UPDATE alembic_version SET version_num = '9999'")

        older.start()

        path = f"/api{dsn.path}/envelope/?sentry_key={dsn.username}"
        answer = httpx.post(older.origin + path, content=thrown("a" * 32))
        assert answer.status_code == httpx.codes.OK, answer.text
        held = Held(url)
        until(lambda: held.counts().events == 1, PATIENCE_SECONDS, "the event is stored")
        assert held.rows("SELECT version_num FROM alembic_version") == [("9999",)]
        assert "9999" in older.log.read_text()


def _check(upgrade: Upgrade, load: Load, sent: set[str]) -> None:
    held = upgrade.held
    assert load.refused == {}
    assert load.uncertain == set()
    assert held.rows("SELECT error FROM dead_letters") == []
    stored = held.stored_in(upgrade.project_id)
    assert stored == load.answered | sent
    counts = held.counts()
    assert counts.agree(), counts
    assert set(held.outcomes()) == {"accepted", "duplicate"}
    assert held.frames() == (counts.events, 0)
    print(f"{load.answers} answers, {counts.events} events, {held.outcomes()}")


def _revision(upgrade: Upgrade) -> str:
    ((revision,),) = upgrade.held.rows("SELECT version_num FROM alembic_version")
    return str(revision)


def _go_on(load: Load) -> None:
    enough = load.answers + SOME
    until(lambda: load.answers >= enough, PATIENCE_SECONDS, "events are answered")


def _wait_until_resolved(upgrade: Upgrade, event_ids: list[str]) -> None:
    def are_resolved() -> bool:
        versions = (upgrade.old, upgrade.new)
        return all(upgrade.is_resolved(each, at) for each in event_ids for at in versions)

    until(are_resolved, PATIENCE_SECONDS, "both show them resolved")


def _look_at_pages(upgrade: Upgrade, event_ids: list[str]) -> None:
    """Who signed in through one is signed in at both."""
    cookies = signed_in(upgrade.old.origin, EMAIL, PASSWORD).cookies
    pages = ["/issues", "/projects/shop", "/projects/shop/bundles", "/settings/storage"]
    pages += [f"/events/{each}" for each in event_ids]
    for at in (upgrade.old, upgrade.new):
        for page in pages:
            answer = httpx.get(at.origin + page, cookies=cookies, follow_redirects=True)
            assert answer.status_code == httpx.codes.OK, (at.log, page, answer.text)


def _digest_at(one: Served, beside: Served, upgrade: Upgrade) -> None:
    """Events are stored by one of the two alone, while the other's process stands still."""

    def is_done_alone() -> bool:
        with _standing_still(beside):
            enough = upgrade.held.counts().events + SOME

            def is_enough() -> bool:
                return upgrade.held.counts().events >= enough

            # Where it stopped in the middle of a transaction, everybody waits for its locks.
            _wait(lambda: is_enough() or upgrade.held.rows(_HANGING) != [(0,)], "one digests")
            return is_enough()

    _wait(is_done_alone, f"{one.log.parent} digests alone")


@contextmanager
def _standing_still(one: Served) -> Iterator[None]:
    pid = one.child(_DIGEST)
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def _start_digest_again(upgrade: Upgrade) -> None:
    """As after a crash, on a schema that is newer than it."""
    killed = upgrade.old.child(_DIGEST)
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    _wait(lambda: upgrade.old.child(_DIGEST) not in (None, killed), "the earlier one starts again")


def _wait(condition: Callable[[], bool], what: str) -> None:
    until(condition, PATIENCE_SECONDS, what)
