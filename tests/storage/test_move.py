"""An instance that moves from SQLite to PostgreSQL is the same there, and loses nothing on its way."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import httpx
import pytest
from msgspec.structs import replace
from sqlalchemy import func, select
from structlog.testing import capture_logs

from headwater.app import web
from headwater.digest_side import Digest
from headwater.settings import Settings
from headwater.storage.database import Database
from headwater.storage.files.stores import folder_stores
from headwater.storage.instances import ALIVE_FOR, Instance, Instances
from headwater.storage.issues.deletions import Deletions
from headwater.storage.issues.merges import Merges
from headwater.storage.move import CannotMove, move
from headwater.storage.people.roles import Role
from headwater.storage.people.users import Users
from headwater.storage.queue.journal.writer import JournalWriter
from headwater.storage.queue.queue import submit
from headwater.storage.schema import (
    artifact_files,
    events,
    issues,
    metadata,
    queue,
    users,
)
from tests.databases import database_in, postgresql_address, sqlite_only
from tests.event_side import envelope
from tests.healing_side import healing_side, thrown

pytestmark = sqlite_only


@dataclass(frozen=True, slots=True)
class Moving:
    """An instance whose server has ended."""

    folder: Path
    database: Database
    headers: dict[str, str]
    url: str


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str], str]:
    """A folder with resolved, merged and deleted issues, and three events that wait; a token for it, and
    where its events go."""
    folder = tmp_path_factory.mktemp("seeded")
    with healing_side(folder) as side:
        Users(side.database).create("ada@example.com", "analytical engine", Role.OWNER, _now())
        side.upload("first")
        side.digest(*(thrown(number, "first", "pay") for number in range(1, 6)))
        side.digest(*(thrown(number, "first", "order") for number in range(6, 9)))
        side.digest(*(thrown(number, "first", "ship", release="shop@ü") for number in range(9, 11)))
        pay, order, ship = (issue.id for issue in side.every())
        Merges(side.database).merge([pay, order], _now())
        Deletions(side.database).delete([ship])
        side.put(*(thrown(number, "second") for number in range(11, 14)))
        return folder, side.token(), side.url


@pytest.fixture
def shop(tmp_path: Path, seeded: tuple[Path, dict[str, str], str]) -> Iterator[Moving]:
    """Each test has its own."""
    folder, headers, url = seeded
    copytree(folder, tmp_path / "shop")
    database = database_in(tmp_path / "shop")
    yield Moving(tmp_path / "shop", database, headers, url)
    database.close()


@pytest.fixture
def target() -> Iterator[Database]:
    """An empty database in PostgreSQL, of the present schema."""
    database = Database(postgresql_address())
    yield database
    database.close()


def _now() -> datetime:
    return datetime.now(UTC)


def _move(shop: Moving, target: Database) -> int:
    return move(shop.database, shop.folder / "queue", target, _now(), lambda _name, _rows: None)


def _settings(shop: Moving, url: str = "") -> Settings:
    return Settings(data_dir=shop.folder, database_url=url, create_superuser="")


def _ask(
    settings: Settings, *requests: tuple[str, str], headers: dict[str, str], content: bytes = b""
) -> list[Any]:
    """Statuses and answers of a server that starts for these requests alone."""

    async def ask() -> list[Any]:
        app, _ = web(settings)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app), base_url="http://localhost", headers=headers
            ) as client,
        ):
            answers = [
                await client.request(method, url, content=content) for method, url in requests
            ]
            return [(answer.status_code, answer.json()) for answer in answers]

    return asyncio.run(ask())


def _told(settings: Settings, headers: dict[str, str]) -> list[Any]:
    """What the doors say of everything that there is."""
    paths = [
        "/api/0/projects/",
        "/api/0/projects/headwater/shop/issues/",
        *(f"/api/0/projects/headwater/shop/events/{number:032x}/" for number in range(1, 11)),
    ]
    return _ask(settings, *(("GET", path) for path in paths), headers=headers)


def _digest(settings: Settings) -> None:
    digest = Digest(settings)
    while digest.worker.digest_once():
        pass
    digest.close()


def test_the_doors_say_the_same_and_what_waited_is_digested(shop: Moving, target: Database) -> None:
    before = _told(_settings(shop), shop.headers)
    assert before[1][1][0]["count"] == "8"

    assert _move(shop, target) == 3

    there = _settings(shop, target.url)
    assert _told(there, shop.headers) == before
    _digest(there)
    after = _told(there, shop.headers)
    assert after[1][1][0]["count"] == "11"


def test_new_rows_get_numbers_that_nothing_ever_had(shop: Moving, target: Database) -> None:
    with shop.database.write() as connection:
        last = connection.execute(select(func.max(issues.c.id))).scalar_one()
        connection.execute(events.delete().where(events.c.issue_id == last))
        connection.execute(issues.delete().where(issues.c.id == last))
    _move(shop, target)

    body = envelope({"event_id": "f" * 32, "message": "new"}, event_id="f" * 32)
    there = _settings(shop, target.url)
    ((status, _),) = _ask(there, ("POST", shop.url), headers={}, content=body)
    assert status == 200
    _digest(there)

    with target.read() as connection:
        numbers = connection.execute(select(issues.c.id).order_by(issues.c.id)).scalars().all()
    assert numbers == [1, 2, last + 1]


def test_every_table_arrives_and_the_source_stays_as_it_was(shop: Moving, target: Database) -> None:
    before = _rows(shop.database)

    _move(shop, target)

    assert _rows(shop.database) == before
    arrived = _rows(target)
    assert len(arrived.pop("queue")) == 3
    for left in ("queue", "instances", "journal_positions"):
        before.pop(left)
        arrived.pop(left, None)
    assert arrived == before


def _rows(database: Database) -> dict[str, list[Any]]:
    with database.read() as connection:
        return {
            each.name: sorted(map(repr, connection.execute(select(each)).all()))
            for each in metadata.sorted_tables
        }


def test_texts_that_postgresql_can_t_store_are_mended_and_told(
    shop: Moving, target: Database
) -> None:
    odd = artifact_files.update().values(source_map_reference="a\x00\x00b.map")
    with shop.database.write() as connection:
        files = connection.execute(odd).rowcount

    with capture_logs() as told:
        _move(shop, target)

    with target.read() as connection:
        arrived = connection.execute(select(artifact_files.c.source_map_reference)).scalars().all()
    assert arrived == ["a\ufffd\ufffdb.map"] * files
    assert [(each["table"], each["texts"]) for each in told] == [("artifact_files", files)]


def test_a_move_that_fails_leaves_the_target_empty_and_can_be_made_again(
    shop: Moving, target: Database
) -> None:
    def fail(name: str, _rows: int) -> None:
        if name == "events":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move(shop.database, shop.folder / "queue", target, _now(), fail)

    with target.read() as connection:
        assert connection.execute(select(users)).all() == []
    assert _move(shop, target) == 3


def test_a_target_that_is_not_empty_is_refused(shop: Moving, target: Database) -> None:
    Users(target).create("eve@example.com", "was here before", Role.OWNER, _now())

    with pytest.raises(CannotMove, match="not empty: users has rows"):
        _move(shop, target)

    with target.read() as connection:
        assert len(connection.execute(select(users)).all()) == 1


def test_an_instance_at_work_is_not_moved(shop: Moving, target: Database) -> None:
    instances = Instances(shop.database, folder_stores(shop.folder).canaries)
    at_work = Instance("a" * 32, "web", "box", "1", _now(), _now())
    instances.beat(at_work, _now())

    with pytest.raises(CannotMove, match="web on box"):
        _move(shop, target)

    late = replace(at_work, beat_at=_now() - ALIVE_FOR - timedelta(seconds=1))
    instances.beat(late, late.beat_at)
    assert _move(shop, target) == 3


def test_a_server_that_still_appends_to_the_journal_is_noticed(
    shop: Moving, target: Database
) -> None:
    writer = JournalWriter(shop.folder / "queue")
    submit(writer, 1, b"hello", _now()).result(timeout=30)

    with pytest.raises(CannotMove, match="stop it first"):
        _move(shop, target)

    writer.close()
    with target.read() as connection:
        assert connection.execute(select(queue)).all() == []
