"""Whether it is up, and whether it can work."""

from pathlib import Path

import httpx

from headwater.server.health import Health
from headwater.storage.database import Database
from tests.databases import sqlite_only
from tests.folders import mark
from tests.upload_side import UploadSide, serving


def ready(database: Database, folder: Path, marked: Path | None = None) -> httpx.Response:
    with serving(Health(database, folder, (folder,), marked).routes()) as origin:
        return httpx.get(f"{origin}/health/ready")


def test_what_can_be_written_is_ready_and_nothing_stays(side: UploadSide, tmp_path: Path) -> None:
    before = set(tmp_path.iterdir())

    answer = ready(side.database, tmp_path)

    assert answer.status_code == 200
    assert answer.json()["checks"] == {"database": "ok", "source_maps": "ok"}
    assert set(tmp_path.iterdir()) >= before
    assert not list(tmp_path.glob(".headwater-ready"))


@sqlite_only
def test_a_database_that_can_only_be_read_is_not_ready(side: UploadSide, tmp_path: Path) -> None:
    reader = Database(side.database.url)
    with reader.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")

    answer = ready(reader, tmp_path)
    reader.close()

    assert answer.status_code == 503
    assert "readonly" in answer.json()["checks"]["database"]


def test_a_folder_of_source_maps_that_is_gone_is_not_ready(
    side: UploadSide, tmp_path: Path
) -> None:
    answer = ready(side.database, tmp_path / "gone")

    assert answer.status_code == 503
    assert "No such file" in answer.json()["checks"]["source_maps"]


def test_a_bare_mount_point_is_not_ready_and_not_written_to(
    side: UploadSide, tmp_path: Path
) -> None:
    volume = tmp_path / "volume"
    volume.mkdir()
    changed = volume.stat().st_mtime_ns

    answer = ready(side.database, volume, marked=volume)

    assert answer.status_code == 503
    assert "is its volume mounted?" in answer.json()["checks"]["source_maps"]
    assert volume.stat().st_mtime_ns == changed
    mark(volume)
    assert ready(side.database, volume, marked=volume).status_code == 200
