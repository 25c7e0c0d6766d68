"""Whose a storage is: another database's files are never taken for what nobody needs."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from headwater.storage.files.folder import MARK
from headwater.storage.files.stores import PARTS
from tests.clients.process import free_port
from tests.databases import IS_POSTGRESQL, address_in, empty_address
from tests.s3_server import Remote
from tests.upload_side import UploadSide, pair

LONG_AGO = (datetime.now(UTC) - timedelta(days=3)).timestamp()
REPAIR = ("storage", "check", "--repair")
FOREIGN = "another database of Headwater's"


def headwater(
    settings: Mapping[str, str], *words: str, code: int = 0
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "headwater", *words],
        env={**os.environ, "PORT": str(free_port()), **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done


@dataclass(frozen=True, slots=True)
class Place:
    """A storage, and a database that knows what was uploaded to it."""

    settings: Mapping[str, str]
    folder: Path
    remote: Remote | None

    def names(self) -> list[str]:
        """What is stored, but for what is written to try the place out."""
        if self.remote is not None:
            found = [name.removeprefix("maps/") for name in self.remote.listed()]
        else:
            files = (path for path in self.folder.rglob("*") if path.is_file())
            found = [str(path.relative_to(self.folder)) for path in files]
        return sorted(name for name in found if name.partition("/")[0] in (MARK, *PARTS))

    def mark(self, content: bytes) -> None:
        if self.remote is not None:
            self.remote.put(f"maps/{MARK}", content)
        else:
            (self.folder / MARK).write_bytes(content)


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, side: UploadSide, tmp_path: Path) -> Place:
    """As an earlier version has left it, three days ago: without an owner."""
    side.upload(None, pair())
    folder = tmp_path / "sourcemaps"
    folder.mkdir()
    for part in PARTS:
        if (tmp_path / part).exists():
            (tmp_path / part).rename(folder / part)
    paths = [path for path in folder.rglob("*") if path.is_file()]
    settings = {
        "HEADWATER_DATA_DIR": str(tmp_path),
        "DATABASE_URL": address_in(tmp_path),
        "SOURCEMAP_STORAGE_PATH": str(folder),
    }
    if request.param == "folder":
        for path in paths:
            os.utime(path, (LONG_AGO, LONG_AGO))
        (folder / MARK).touch()
        return Place(settings, folder, None)
    remote: Remote = request.getfixturevalue("remote")
    for path in paths:
        remote.put(f"maps/{path.relative_to(folder)}", path.read_bytes())
    return Place({**settings, "SOURCEMAP_STORAGE_URL": remote.url}, folder, remote)


@pytest.fixture
def other(place: Place, tmp_path: Path) -> Place:
    """The same storage, and an empty database."""
    (tmp_path / "other").mkdir()
    database = empty_address() if IS_POSTGRESQL else ""
    settings = {"HEADWATER_DATA_DIR": str(tmp_path / "other"), "DATABASE_URL": database}
    return replace(place, settings={**place.settings, **settings})


@pytest.mark.parametrize("words", [REPAIR, ("clean-up",), ("serve",)], ids=lambda each: each[0])
def test_an_empty_database_deletes_nothing_of_another_s(
    place: Place, other: Place, words: tuple[str, ...]
) -> None:
    headwater(place.settings, *REPAIR)
    before = place.names()

    said = headwater(other.settings, *words, code=2).stderr

    assert "SOURCEMAP_STORAGE_" in said
    assert FOREIGN in said
    assert "HEADWATER_DATA_DIR" in said
    assert "Traceback" not in said
    assert place.names() == before
    assert MARK in before
    headwater(place.settings, *REPAIR)
    assert place.names() == before


@pytest.mark.parametrize("words", [REPAIR, ("clean-up",), ("serve",)], ids=lambda each: each[0])
def test_nor_does_it_where_nobody_has_said_yet_whose_they_are(
    place: Place, other: Place, words: tuple[str, ...]
) -> None:
    before = place.names()

    said = headwater(other.settings, *words, code=2).stderr

    assert "the database knows of no upload" in said
    assert place.names() == before
    headwater(place.settings, *REPAIR)
    headwater(place.settings, "storage", "check")  # which is 1 where a file is lost


def test_who_says_that_the_files_are_this_database_s_all_the_same_is_believed(
    place: Place,
) -> None:
    place.mark(b"f" * 32)
    assert FOREIGN in headwater(place.settings, *REPAIR, code=2).stderr

    place.mark(b"")

    headwater(place.settings, *REPAIR)


def test_processes_that_start_at_once_on_a_new_storage_agree(
    tmp_path: Path,
) -> None:
    settings = {
        "HEADWATER_DATA_DIR": str(tmp_path),
        "DATABASE_URL": address_in(tmp_path),
        "SOURCEMAP_STORAGE_PATH": str(tmp_path / "sourcemaps"),
    }

    command = [sys.executable, "-m", "headwater", "storage", "check"]
    environment = {**os.environ, **settings}
    started = [subprocess.Popen(command, env=environment) for _ in range(4)]

    assert [each.wait(120) for each in started] == [0, 0, 0, 0]
    assert len((tmp_path / "sourcemaps" / MARK).read_text().strip()) == 32
    headwater(settings, *REPAIR)
