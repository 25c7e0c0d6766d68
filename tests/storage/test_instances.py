"""Processes that work on one database learn of each other, and whether they share their storage."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import sleep

import pytest
from structlog.testing import capture_logs

from headwater.storage.database import Database
from headwater.storage.examinations import Examinations
from headwater.storage.files.folder import Folder
from headwater.storage.heartbeat import Heartbeat
from headwater.storage.instances import FORGOTTEN_AFTER, Instance, Instances
from headwater.storage.process_counts import ProcessCounts
from tests.clients.patience import until

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=2)


def instance(number: int, role: str = "web", host: str = "one") -> Instance:
    return Instance(f"{number:032x}", role, host, "0.1.0", NOW, NOW)


def storage(folder: Path) -> Folder:
    return Folder(folder)


def test_those_that_share_their_storage_read_each_other_s_canaries(
    database: Database, tmp_path: Path
) -> None:
    one = Instances(database, storage(tmp_path / "shared"))
    other = Instances(database, storage(tmp_path / "shared"))

    one.beat(instance(1), LATER)
    other.beat(instance(2, "digest"), LATER)
    one.beat(instance(1), LATER)

    assert [(each.name, each.unread) for each in one.alive(LATER)] == [
        ("digest on one", ()),
        ("web on one", ()),
    ]


def test_a_canary_that_another_can_t_read_is_named(database: Database, tmp_path: Path) -> None:
    one = Instances(database, storage(tmp_path / "one"))
    other = Instances(database, storage(tmp_path / "other"))

    one.beat(instance(1), LATER)
    seen = other.beat(instance(2, "digest", "two"), LATER)

    assert seen.unread == ("web on one",)
    assert [each.unread for each in one.alive(LATER)] == [(), ("web on one",)]


def test_a_process_that_started_a_moment_ago_is_not_judged(
    database: Database, tmp_path: Path
) -> None:
    one = Instances(database, storage(tmp_path / "one"))
    other = Instances(database, storage(tmp_path / "other"))
    soon = NOW + timedelta(seconds=30)

    one.beat(instance(1), soon)

    assert other.beat(instance(2), soon).unread == ()


def test_who_gives_no_sign_of_life_is_not_counted_and_forgotten_after_a_day(
    database: Database, tmp_path: Path
) -> None:
    instances = Instances(database, storage(tmp_path / "shared"))
    tomorrow = LATER + timedelta(days=1, seconds=1)

    instances.beat(instance(1), LATER)
    assert instances.alive(LATER + timedelta(seconds=61)) == ()
    instances.beat(instance(2), tomorrow)

    assert [each.key for each in storage(tmp_path / "shared").entries()] == [instance(2).id]


def test_who_leaves_in_order_takes_its_canary_along(database: Database, tmp_path: Path) -> None:
    instances = Instances(database, storage(tmp_path / "shared"))
    instances.beat(instance(1), LATER)

    instances.leave(instance(1))

    assert instances.alive(LATER) == ()
    assert list(storage(tmp_path / "shared").entries()) == []


def test_storage_that_is_not_shared_is_told_once_and_again_when_it_is(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("headwater.storage.heartbeat.BEAT_SECONDS", 0.01)
    now, here = datetime.now(UTC), storage(tmp_path / "here")
    other = Instance("2" * 32, "digest", "two", "0.1.0", now - timedelta(hours=1), now)
    Instances(database, storage(tmp_path / "elsewhere")).beat(other, now)

    with capture_logs() as told:
        heartbeat = Heartbeat(
            Instances(database, here), Examinations(database), "web", "0.1.0", ProcessCounts()
        )
        heartbeat.start()
        until(lambda: bool(told), 30, "the warning")
        sleep(0.2)
        Instances(database, here).beat(other, now)
        until(lambda: len(told) > 1, 30, "the end of it")
        sleep(0.2)
        heartbeat.close()

    assert [(each["log_level"], each.get("instances")) for each in told] == [
        ("warning", ("digest on two",)),
        ("info", None),
    ]


def test_a_process_that_starts_deletes_canaries_of_long_ago(
    database: Database, tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    for name, age in (("left", 2 * FORGOTTEN_AFTER), ("alive", timedelta(seconds=15))):
        (shared / name).write_text("web on one\n")
        written = (datetime.now(UTC) - age).timestamp()
        os.utime(shared / name, (written, written))
    instances = Instances(database, storage(shared))

    heartbeat = Heartbeat(instances, Examinations(database), "web", "0.1.0", ProcessCounts())
    heartbeat.start()
    heartbeat.close()

    assert [each.key for each in storage(shared).entries()] == ["alive"]
