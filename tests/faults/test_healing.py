"""kill -9 while stored events are resolved again, and a storage that is gone for a while."""

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from headwater.storage.database import Database
from headwater.storage.people.tokens import Scope, Tokens
from tests.clients.patience import until
from tests.event_side import envelope
from tests.faults.instance import DIGEST, WEB, Instance, instance
from tests.healing_side import debug_id_of, map_of, thrown
from tests.upload_side import BuildTool, bundle_of, manifest_of

PATIENCE_SECONDS = 240
COPIES = 1_000
"""Of each event that was sent: healing takes some seconds."""
KILLS = 4

_COPY = """
WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?)
INSERT INTO events (project_id, event_id, issue_id, timestamp, received_at, title, level, platform,
    provisional_hash, final_hash, payload, resolution, resolution_digest)
SELECT project_id, lower(hex(randomblob(16))), issue_id, timestamp, received_at, title, level,
    platform, provisional_hash, final_hash, payload, resolution, resolution_digest
FROM events, number
"""
_COUNT = (
    "UPDATE issues SET event_count = (SELECT count(*) FROM events WHERE issue_id = issues.id)",
    f"UPDATE issue_hours SET count = count * {COPIES + 1}",  # noqa: S608 # ours
    f"UPDATE issue_tags SET count = count * {COPIES + 1}",  # noqa: S608 # ours
)
_HEALED = "SELECT count(*) FROM events WHERE final_hash <> provisional_hash"
_ALL = "SELECT count(*) FROM events"
_ISSUES = """
SELECT culprit, event_count, (SELECT count(*) FROM events WHERE issue_id = issues.id),
    (SELECT sum(count) FROM issue_hours WHERE issue_id = issues.id),
    (SELECT sum(count) FROM issue_tags WHERE issue_id = issues.id AND key = 'function')
FROM issues WHERE merged_into IS NULL ORDER BY culprit
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Instance]:
    """Holds three events of two errors, whose map did not come yet; both processes run."""
    with instance(tmp_path) as server:
        server.start(WEB, DIGEST)
        for number, function in enumerate(("pay", "order", "pay"), 1):
            send(server, number, function)
        until(lambda: one(server, _ALL) == 3, PATIENCE_SECONDS, "they are stored")
        yield server


def test_healing_goes_on_where_it_was_killed(server: Instance) -> None:
    server.stop(DIGEST)
    with contextlib.closing(sqlite3.connect(server.data_dir / "headwater.db")) as database:
        database.execute(_COPY, (COPIES,))
        for statement in _COUNT:
            database.execute(statement)
        database.commit()
    total = 3 * (COPIES + 1)
    upload(server)

    for kill in range(KILLS):
        healed = one(server, _HEALED)
        server.start(DIGEST)
        enough = min(total, healed + 1 + kill * 150)
        until(lambda: one(server, _HEALED) >= enough, PATIENCE_SECONDS, "it heals")  # noqa: B023
        server.kill(DIGEST)
        assert one(server, _ALL) == total
        assert kill or one(server, _HEALED) < total

    server.start(DIGEST)
    until(lambda: one(server, _HEALED) == total, PATIENCE_SECONDS, "it is done")
    assert server.rows(_ISSUES) == [
        ("order · src/cart.ts:5", COPIES + 1, COPIES + 1, COPIES + 1, COPIES + 1),
        ("pay · src/cart.ts:2", *(2 * (COPIES + 1),) * 4),
    ]
    assert server.is_sound()


def test_events_heal_when_a_storage_that_was_gone_is_back(server: Instance) -> None:
    server.stop(DIGEST)
    storage, away = server.data_dir / "sourcemaps", server.data_dir / "away"
    upload(server)
    (storage / "compiled").rename(away)
    (storage / "files").rename(server.data_dir / "files-away")
    server.start(DIGEST)
    until(lambda: verdict(server) == "storage_read_failed", PATIENCE_SECONDS, "it is noticed")

    server.stop(DIGEST)
    for name, place in (("compiled", away), ("files", server.data_dir / "files-away")):
        with contextlib.suppress(FileNotFoundError):
            (storage / name).rename(server.data_dir / f"empty-{name}")
        place.rename(storage / name)
    server.start(DIGEST)
    ask_again(server)

    until(lambda: one(server, _HEALED) == 3, PATIENCE_SECONDS, "it is back")
    assert verdict(server) == "resolved"


def send(server: Instance, number: int, function: str) -> None:
    """One event of a build whose map comes later."""
    address = f"http://127.0.0.1:{server.port}{server.path}"
    sent = httpx.post(address, content=envelope(thrown(number, "a", function)))
    assert sent.status_code == httpx.codes.OK, sent.text


def upload(server: Instance) -> None:
    """The map, as a build tool uploads it."""
    described = {
        "type": "source_map",
        "url": "~/assets/index.js.map",
        "headers": {"debug-id": debug_id_of("a")},
    }
    bundle = bundle_of({"map": map_of("a")}, manifest_of({"map": described}))
    headers = {"Authorization": f"Bearer {token(server, Scope.UPLOAD)}"}
    origin = f"http://127.0.0.1:{server.port}"
    with httpx.Client(base_url=origin, headers=headers, timeout=PATIENCE_SECONDS) as client:
        assert BuildTool(client).upload(bundle)["state"] == "ok"


def ask_again(server: Instance) -> None:
    """Rather than to wait until it is tried by itself."""
    origin = f"http://127.0.0.1:{server.port}"
    path = f"/api/0/projects/any/{server.project.slug}/resolve-again/"
    headers = {"Authorization": f"Bearer {token(server, Scope.FULL)}"}
    assert httpx.post(origin + path, headers=headers).status_code == httpx.codes.ACCEPTED


def verdict(server: Instance) -> str:
    """That of the first event's only frame."""
    origin = f"http://127.0.0.1:{server.port}"
    path = f"/api/0/projects/any/{server.project.slug}/events/{1:032x}/sourcemaps/"
    headers = {"Authorization": f"Bearer {token(server, Scope.FULL)}"}
    told = httpx.get(origin + path, headers=headers).json()
    found: str = told["stacktraces"][0]["frames"][0]["verdict"]
    return found


def token(server: Instance, scope: Scope) -> str:
    """A new one, of the instance."""
    with contextlib.closing(Database(f"sqlite:///{server.data_dir / 'headwater.db'}")) as database:
        return Tokens(database).create("CI", scope, None, None, datetime.now(UTC))[1]


def one(server: Instance, query: str) -> int:
    """The number that the database answers with."""
    found: int = server.rows(query)[0][0]
    return found
