"""An instance is backed up while it works, and goes on elsewhere from there."""

import json
import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from headwater.cli.client import Client
from headwater.storage.backup.folder import BackupFolder, Kind
from headwater.storage.database import Database
from headwater.storage.files.folder import MARK
from headwater.storage.migrate import revisions
from headwater.storage.schema import events
from tests.clients.live_server import LiveServer, Project, serving
from tests.clients.patience import until
from tests.clients.reader import signed_in
from tests.databases import IS_POSTGRESQL, address_in, empty_address
from tests.faulty_proxy import Fault
from tests.postgresql.server import programs
from tests.s3_server import Remote

DEMO = files("headwater.cli") / "demo_bundle"
BUNDLE = (DEMO / "bundle.zip").read_bytes()
PASSWORD = "a long enough password"


def database(folder: Path, *, is_new: bool = False) -> dict[str, str]:
    """Settings of the database that belongs to a data folder."""
    if not IS_POSTGRESQL:
        return {}
    path = f"{programs()}{os.pathsep}{os.environ['PATH']}"
    return {"DATABASE_URL": empty_address() if is_new else address_in(folder), "PATH": path}


def headwater(
    environment: Mapping[str, str], *words: object, code: int = 0
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "headwater", *map(str, words)]
    done = subprocess.run(
        command, env=dict(environment), capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done


def event() -> dict[str, Any]:
    """The demo's, as new."""
    now = datetime.now(UTC).timestamp()
    return {
        **json.loads((DEMO / "event.json").read_bytes()),
        "event_id": uuid.uuid4().hex,
        "timestamp": now,
    }


def send(server: LiveServer, project: Project) -> str:
    return Client(server.origin, "").send_event(project.dsn, event())


def stored(settings: Mapping[str, str], data: Path) -> set[str]:
    """The ids of all events of an instance."""
    opened = Database(settings.get("DATABASE_URL", f"sqlite:///{data / 'headwater.db'}"))
    with opened.read() as connection:
        found = set(connection.execute(select(events.c.event_id)).scalars())
    opened.close()
    return found


def is_resolved(project: Project, event_id: str) -> bool:
    frames = project.event(event_id)["exception"]["values"][0]["stacktrace"]["frames"]
    return any(str(frame.get("filename", "")).endswith("invoices.ts") for frame in frames)


@contextmanager
def sending(server: LiveServer, project: Project) -> Iterator[list[str]]:
    """Events come, one after the other; the ids of those that were accepted."""
    sent: list[str] = []
    stop = threading.Event()

    def keep_sending() -> None:
        while not stop.is_set():
            sent.append(send(server, project))

    sender = threading.Thread(target=keep_sending)
    sender.start()
    try:
        until(lambda: bool(sent), 30, "the first event")
        yield sent
    finally:
        stop.set()
        sender.join()


def restored(environment: Mapping[str, str], target: Path, data: Path) -> dict[str, str]:
    """The settings of a new instance, into which the latest backup went."""
    new = {**environment, **database(data, is_new=True), "HEADWATER_DATA_DIR": str(data)}
    headwater(new, "restore", target, "--check")
    headwater(new, "restore", target)
    return {name: new[name] for name in ("DATABASE_URL", "PATH") if name in new}


def test_what_was_backed_up_while_events_came_goes_on_elsewhere(tmp_path: Path) -> None:
    data, target, new = tmp_path / "one" / "data", tmp_path / "backups", tmp_path / "two" / "data"
    for folder in (data, new):
        folder.parent.mkdir()
    superuser = {"CREATE_SUPERUSER": f"ada@example.com:{PASSWORD}"}
    with serving(data, **database(data), **superuser) as server:
        shop = server.project("Shop")
        assert Client(server.origin, shop.upload_token).upload(BUNDLE, "shop") == "ok"
        first = send(server, shop)
        assert is_resolved(shop, first)
        with sending(server, shop) as sent:
            headwater(server.environment, "backup", target)
            before = [first, *sent]
            made = json.loads(headwater(server.environment, "backup", target, "--json").stdout)

    settings = restored(server.environment, target, new)
    with serving(new, **settings) as again:
        dsn = shop.dsn.replace(server.origin, again.origin)
        shop = replace(shop, origin=again.origin, dsn=dsn)
        reader = signed_in(again.origin, "ada@example.com", PASSWORD)

        assert is_resolved(shop, before[-1])
        until(lambda: set(before) <= stored(settings, new), 60, "all of them")
        assert "invoices.ts" in reader.event(first)
        for page in ("/issues", "/settings/storage", "/projects/shop", "/projects/shop/bundles"):
            answer = httpx.get(again.origin + page, cookies=reader.cookies, follow_redirects=True)
            assert answer.status_code == httpx.codes.OK
        assert is_resolved(shop, send(again, shop))
        assert Client(again.origin, shop.upload_token).upload(BUNDLE, "shop") == "ok"
    assert made["lost"] == 0
    assert len(before) > 1


def test_nothing_is_restored_over_what_is_there(tmp_path: Path) -> None:
    settings = {**os.environ, "HEADWATER_DATA_DIR": str(tmp_path / "data"), **database(tmp_path)}
    headwater(settings, "project", "create", "Shop")
    headwater(settings, "backup", tmp_path / "backups")

    said = headwater(settings, "restore", tmp_path / "backups", code=1).stderr

    assert "already" in said
    assert "shop" in headwater(settings, "project", "list").stdout


@pytest.mark.skipif(IS_POSTGRESQL, reason="is about SQLite's file")
def test_where_no_instance_is_none_is_made_to_be_backed_up(tmp_path: Path) -> None:
    settings = {**os.environ, "HEADWATER_DATA_DIR": str(tmp_path / "data")}

    said = headwater(settings, "backup", tmp_path / "backups", code=2).stderr

    assert "there is no headwater.db" in said
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not IS_POSTGRESQL, reason="has a test of its own")
def test_nor_is_a_database_without_our_tables_backed_up(tmp_path: Path) -> None:
    data = tmp_path / "data"
    settings = {**os.environ, "HEADWATER_DATA_DIR": str(data), **database(tmp_path)}
    headwater(settings, "project", "create", "Shop")
    headwater(settings, "backup", tmp_path / "backups", "--keep", "1")
    before = BackupFolder(tmp_path / "backups").stamps()
    empty = {**settings, **database(data, is_new=True)}

    said = headwater(empty, "backup", tmp_path / "backups", "--keep", "1", code=2).stderr

    assert "DATABASE_URL: there is nothing of Headwater's in this database" in said
    assert BackupFolder(tmp_path / "backups").stamps() == before
    opened = Database(empty["DATABASE_URL"])
    assert revisions(opened)[0] is None
    opened.close()


def test_backups_of_another_installation_are_not_rotated_away(tmp_path: Path) -> None:
    one, other = (
        {**os.environ, "HEADWATER_DATA_DIR": str(folder), **database(folder)}
        for folder in (tmp_path / "one", tmp_path / "other")
    )
    for settings in (one, other):
        headwater(settings, "project", "create", "Shop")
    headwater(one, "backup", tmp_path / "backups", "--keep", "1")
    before = BackupFolder(tmp_path / "backups").stamps()

    said = headwater(other, "backup", tmp_path / "backups", "--keep", "1", code=1).stderr

    assert "is of another installation" in said
    assert BackupFolder(tmp_path / "backups").stamps() == before
    headwater(one, "backup", tmp_path / "backups", "--keep", "1")


def test_a_lost_database_comes_back_to_its_storage_and_to_no_other(tmp_path: Path) -> None:
    data, other = tmp_path / "data", tmp_path / "other"
    settings = {**os.environ, "HEADWATER_DATA_DIR": str(data), **database(tmp_path)}
    headwater(settings, "project", "create", "Shop")
    headwater(settings, "backup", tmp_path / "backups")
    mark = (data / "sourcemaps" / MARK).read_text()
    for file in data.glob("headwater.db*"):
        file.unlink()
    (other / "sourcemaps").mkdir(parents=True)
    (other / "sourcemaps" / MARK).write_text(f"{'f' * 32}\n")
    new = {**settings, **database(data, is_new=True)}

    foreign = {**new, "HEADWATER_DATA_DIR": str(other)}
    said = headwater(foreign, "restore", tmp_path / "backups", code=1).stderr
    headwater(new, "restore", tmp_path / "backups")

    assert "another database of Headwater's" in said
    headwater(new, "storage", "check", "--repair")
    assert (data / "sourcemaps" / MARK).read_text() == mark
    headwater(new, "backup", tmp_path / "backups")


@pytest.mark.skipif(IS_POSTGRESQL, reason="is the same there")
def test_what_is_damaged_in_a_backup_is_listed_left_out_and_told(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        shop = server.project("Shop")
        assert Client(server.origin, shop.upload_token).upload(BUNDLE, "shop") == "ok"
        headwater(server.environment, "backup", tmp_path / "backups")
    folder = BackupFolder(tmp_path / "backups")
    entries = folder.entries(folder.stamps()[-1])
    files_ = [each.blob for each in entries if each.kind is Kind.FILE]
    blobs = [folder.path / "blobs" / folder.blobs.key(each) for each in files_[:2]]
    for blob in blobs:
        blob.write_bytes(b"rot")
    new = {**server.environment, "HEADWATER_DATA_DIR": str(tmp_path / "new")}

    listed = headwater(new, "restore", tmp_path / "backups", "--check", code=1).stdout
    told = headwater(new, "restore", tmp_path / "backups", code=1)

    assert all(f"delete {blob} and back up again" in listed for blob in blobs)
    assert f"{len(blobs)} uploaded files were left out" in told.stderr
    assert "is damaged" in told.stderr
    assert "shop" in headwater(new, "project", "list").stdout


@pytest.mark.skipif(not IS_POSTGRESQL, reason="is about PostgreSQL's own programs")
def test_without_postgresqls_programs_it_is_said_what_to_install(tmp_path: Path) -> None:
    settings = {**os.environ, "HEADWATER_DATA_DIR": str(tmp_path / "data"), **database(tmp_path)}

    said = headwater({**settings, "PATH": "/nowhere"}, "backup", tmp_path / "backups", code=1)

    assert "postgresql-client" in said.stderr


def test_a_folder_of_other_things_is_no_target(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    settings = {**os.environ, "HEADWATER_DATA_DIR": str(tmp_path / "data"), **database(tmp_path)}
    headwater(settings, "project", "create", "Shop")

    assert "holds other things" in headwater(settings, "backup", tmp_path / "mine", code=1).stderr
    assert (
        "no folder of backups" in headwater(settings, "restore", tmp_path / "data", code=1).stderr
    )


def test_storage_that_is_away_is_one_sentence(tmp_path: Path, remote: Remote) -> None:
    settings = {**os.environ, "HEADWATER_DATA_DIR": str(tmp_path / "data"), **database(tmp_path)}
    headwater(settings, "project", "create", "Shop")
    remote.proxy.fault = Fault.GONE
    away = {**settings, "SOURCEMAP_STORAGE_URL": remote.url}

    said = headwater(away, "backup", tmp_path / "backups", code=1).stderr

    assert said.startswith("The storage of source maps can't be reached")
    assert not (tmp_path / "backups").exists()
