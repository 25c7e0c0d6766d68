"""A copy of a database has its id: whether its processes work on the storage is seen by their canaries."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from headwater.artifacts.expire import Expiry
from headwater.artifacts.tidy import Tidy
from headwater.storage.database import Database
from headwater.storage.files.claim import ForeignStorage, set_owner
from headwater.storage.files.stores import Stores, folder_stores
from headwater.storage.installation import Installation
from headwater.storage.instances import Instance, Instances
from headwater.storage.neighbours import Neighbours
from headwater.storage.schema import instances
from tests.databases import database_in
from tests.folders import mark
from tests.upload_side import UploadSide


def now() -> datetime:
    return datetime.now(UTC)


class Process:
    """One that works on a database and a storage."""

    def __init__(self, database: Database, stores: Stores, number: int) -> None:
        self._instances = Instances(database, stores.canaries)
        self._instance = Instance(f"{number:032x}", "web", f"host-{number}", "1", now(), now())

    def sing(self) -> None:
        self._instances.beat(self._instance, now())

    def leave(self) -> None:
        self._instances.leave(self._instance)


@pytest.fixture
def stores(tmp_path: Path) -> Stores:
    (tmp_path / "shared").mkdir()
    mark(tmp_path / "shared")
    return folder_stores(tmp_path / "shared")


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Database]:
    (tmp_path / "copy").mkdir()
    database = database_in(tmp_path / "copy")
    yield database
    database.close()


def neighbours(
    database: Database, stores: Stores, meanwhile: Callable[[], None] = lambda: None
) -> Neighbours:
    """What happens `meanwhile`, while it is waited."""
    installation, instances = Installation(database), Instances(database, stores.canaries)
    return Neighbours(installation, instances, stores.root, lambda _seconds: meanwhile())


def test_a_copy_s_process_that_goes_on_singing_is_named(
    database: Database, copy: Database, stores: Stores
) -> None:
    other = Process(copy, stores, 2)
    Process(database, stores, 1).sing()
    other.sing()

    with pytest.raises(ForeignStorage, match="web on host-2"):
        neighbours(database, stores, other.sing).check(now())


def test_own_processes_and_those_that_are_silent_hinder_nothing(
    database: Database, copy: Database, stores: Stores
) -> None:
    own, starting = Process(database, stores, 1), Process(database, stores, 2)
    own.sing()
    neighbours(database, stores).check(now())

    # A canary is there a moment before its row; that of one that was stopped may stay for a while.
    with stores.canaries.temporary().open("x") as file:
        stores.canaries.adopt(Path(file.name), f"{2:032x}")
    Process(copy, stores, 3).sing()

    neighbours(database, stores, starting.sing).check(now())
    neighbours(copy, stores).check(now() + timedelta(minutes=2))


def test_a_storage_that_has_become_another_s_meanwhile_is_noticed(
    database: Database, stores: Stores
) -> None:
    set_owner(stores.root, Installation(database).id())
    neighbours(database, stores).check(now())

    set_owner(stores.root, "f" * 32)

    with pytest.raises(ForeignStorage, match="another database"):
        neighbours(database, stores).check(now())


def test_nothing_expires_or_is_packed_beside_them_and_one_line_says_why(
    side: UploadSide, copy: Database, stores: Stores
) -> None:
    other, stop = Process(copy, stores, 2), threading.Event()
    other.sing()

    def meanwhile() -> None:
        other.sing()
        stop.set()

    check = neighbours(side.database, stores, meanwhile).check
    expiry = Expiry(side.uploads, side.artifacts, side.files, check=check)
    orphan, _ = side.files.put([b"of the other one"])

    with capture_logs() as logs:
        Tidy(expiry, side.settling).run(stop)

    assert [(each["event"], "host-2" in each["why"]) for each in logs] == [
        ("no file is deleted", True)
    ]
    assert side.files.exists(orphan)


def test_a_copy_that_was_made_while_the_original_ran_takes_its_processes_for_no_own(
    database: Database, copy: Database, stores: Stores
) -> None:
    original = Process(database, stores, 1)
    original.sing()
    with database.read() as connection:
        (row,) = connection.execute(select(instances)).mappings()
    with copy.write() as connection:
        connection.execute(instances.insert(), dict(row) | {"beat_at": now() - timedelta(hours=1)})

    with pytest.raises(ForeignStorage, match="web on host-1"):
        neighbours(copy, stores, original.sing).check(now())
    neighbours(database, stores, original.sing).check(now())
