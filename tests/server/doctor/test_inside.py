"""What the doctor finds on the server's own machine."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from headwater.server.doctor.check import Check, Outcome, worst
from headwater.server.doctor.inside import LATE, STUCK, Inside, Surroundings
from headwater.storage.files.folder import Folder
from headwater.storage.queue.queue import submit
from tests.event_side import EventSide, event_side


@pytest.fixture
def side(tmp_path: Path) -> Iterator[EventSide]:
    (tmp_path / "sourcemaps").mkdir()
    with event_side(tmp_path) as side:
        yield side


def around(side: EventSide) -> Surroundings:
    folder = side.folder
    sourcemaps = folder / "sourcemaps"
    return Surroundings(
        folder, sourcemaps, folder / "queue", 0, trusts_anyone=False, lasting=(folder, sourcemaps)
    )


def inside(side: EventSide, surroundings: Surroundings | None = None) -> Inside:
    canaries = Folder(side.folder / "sourcemaps" / ".instances")
    return Inside(side.database, surroundings or around(side), canaries)


def found(side: EventSide, name: str, surroundings: Surroundings | None = None) -> Check:
    checks = inside(side, surroundings).checks()
    (check,) = (each for each in checks if each.name == name)
    return check


@pytest.mark.parametrize(
    ("waiting", "outcome"),
    [(timedelta(), "pass"), (LATE * 1.5, "warn"), (STUCK * 1.5, "fail")],
)
def test_an_event_that_waits_for_long_is_found(
    side: EventSide, waiting: timedelta, outcome: str
) -> None:
    submit(side.intake, 1, b"{}", datetime.now(UTC) - waiting).result(timeout=30)

    assert found(side, "queue").outcome == outcome


def test_a_disk_with_less_than_must_stay_free_is_a_failure_and_one_that_fills_a_warning(
    side: EventSide,
) -> None:
    free = shutil.disk_usage(side.folder).free

    full = found(side, "source maps: room", replace(around(side), reserve=free * 2))
    filling = found(side, "source maps: room", replace(around(side), reserve=free // 2))

    assert (full.outcome, filling.outcome) == (Outcome.FAIL, Outcome.WARN)
    assert "HEADWATER_MAX_AGE_DAYS" in full.remedy


def test_storage_that_is_gone_is_named_and_hides_nothing_else(side: EventSide) -> None:
    gone = replace(around(side), sourcemaps=side.folder / "gone")

    check = found(side, "source maps", gone)

    assert check.outcome is Outcome.FAIL
    assert f"{side.folder / 'gone'} can't be written" in check.sentence
    assert "SOURCEMAP_STORAGE_PATH" in check.remedy
    assert found(side, "queue", gone).outcome is Outcome.PASS


def test_a_bare_mount_point_is_named_and_not_written_to(side: EventSide) -> None:
    folder = side.folder / "sourcemaps"
    before = folder.stat().st_mtime_ns
    marked = replace(around(side), marked=folder)

    checks = Inside(side.database, marked, Folder(folder / ".instances", marked=folder)).checks()

    said = {each.name: each for each in checks}
    assert said["source maps"].outcome is said["storage"].outcome is Outcome.FAIL
    assert "Mount its volume" in said["source maps"].remedy
    assert folder.stat().st_mtime_ns == before


def test_a_database_that_does_not_answer_is_one_finding_of_each_look(side: EventSide) -> None:
    with side.database.write() as connection:
        connection.exec_driver_sql("DROP TABLE instances")

    checks = inside(side).checks()

    said = {each.name: each for each in checks}
    assert said["processes"].outcome is Outcome.FAIL
    assert "instances" in said["processes"].sentence
    assert said["queue"].outcome is Outcome.PASS
    assert worst(checks) is Outcome.FAIL


def test_a_migration_that_is_missing_is_found(side: EventSide) -> None:
    with side.database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")

    check = found(side, "schema")

    assert check.outcome is Outcome.FAIL
    assert "at migration 0001" in check.sentence
    assert "headwater migrate" in check.remedy


def test_trusting_anyone_is_a_warning(side: EventSide) -> None:
    check = found(side, "settings", replace(around(side), trusts_anyone=True))

    assert (check.outcome, "TRUSTED_PROXIES" in check.remedy) == (Outcome.WARN, True)
