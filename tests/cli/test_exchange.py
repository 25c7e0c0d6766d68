"""A project leaves one server and arrives on another."""

import json
import time
import zipfile
from pathlib import Path

from headwater.cli.client import Client
from headwater.server.known_keys import REMEMBERED_SECONDS
from headwater.storage.database import Database
from headwater.storage.issues.search import Status
from headwater.storage.schema import issues
from tests.cli.test_backup import BUNDLE, database, event, headwater, is_resolved
from tests.clients.live_server import LiveServer, Project, serving


def counts(server: LiveServer, project: Project) -> list[tuple[str, str, str]]:
    """Title, state and count of each issue."""
    path = f"/api/0/projects/any/{project.slug}/issues/?query="
    found = Client(server.origin, server.full_token).get(path)
    return sorted((each["title"], each["status"], each["count"]) for each in found)


def ignore(server: LiveServer, title: str) -> None:
    """As somebody does on a page."""
    file = Path(server.environment["HEADWATER_DATA_DIR"]) / "headwater.db"
    opened = Database(server.environment.get("DATABASE_URL", f"sqlite:///{file}"))
    with opened.write() as connection:
        this = issues.update().where(issues.c.title == title)
        assert connection.execute(this.values(status=Status.IGNORED)).rowcount == 1
    opened.close()


def settings_of(folder: Path) -> dict[str, str]:
    folder.mkdir(parents=True)
    return database(folder / "data")


def test_a_project_goes_on_elsewhere_and_comes_only_once(tmp_path: Path) -> None:
    archive = tmp_path / "shop.zip"
    with serving(tmp_path / "one" / "data", **settings_of(tmp_path / "one")) as server:
        shop = server.project("Shop")
        assert Client(server.origin, shop.upload_token).upload(BUNDLE, "shop") == "ok"
        client = Client(server.origin, "")
        sent = [client.send_event(shop.dsn, event()) for _ in range(3)]
        other = {"message": "plain", "level": "warning"}
        ignored = client.send_event(shop.dsn, event() | {"exception": None} | other)
        assert all(is_resolved(shop, each) for each in sent)
        assert shop.event(ignored)
        ignore(server, "plain")
        left = counts(server, shop)
        headwater(server.environment, "export", "shop", archive)

    with serving(tmp_path / "two" / "data", **settings_of(tmp_path / "two")) as server:
        told = json.loads(headwater(server.environment, "import", archive, "--json").stdout)
        here = Project(
            server.origin, "shop", told["dsn"], server.token("shop", "upload"), server.full_token
        )
        arrived = counts(server, here)
        again = json.loads(headwater(server.environment, "import", archive, "--json").stdout)

        assert all(is_resolved(here, each) for each in sent)
        assert is_resolved(here, Client(server.origin, "").send_event(told["dsn"], event()))
        assert counts(server, here)[0][2] == "4"

    assert told["dsn"].partition("@")[0] == shop.dsn.partition("@")[0]
    assert (told["issues"], told["events"], told["uploads"], told["unread"]) == (2, 4, 1, 0)
    assert [again[each] for each in ("issues", "events", "uploads")] == [0, 0, 0]
    assert arrived == left
    assert zipfile.ZipFile(archive).testzip() is None


def test_a_deleted_project_comes_back_and_its_apps_send_as_they_were_built(tmp_path: Path) -> None:
    archive = tmp_path / "shop.zip"
    with serving(tmp_path / "data", **settings_of(tmp_path / "one")) as server:
        shop, client = server.project("Shop"), Client(server.origin, "")
        before = client.send_event(shop.dsn, event())
        assert shop.event(before)

        headwater(server.environment, "export", "shop", archive)
        headwater(server.environment, "project", "delete", "shop", "--yes")
        time.sleep(REMEMBERED_SECONDS)
        told = json.loads(headwater(server.environment, "import", archive, "--json").stdout)
        after = client.send_event(shop.dsn, event())

        back = Project(server.origin, "shop", told["dsn"], "", server.full_token)
        assert back.event(after)
        assert counts(server, back)[0][2] == "2"

    assert told["dsn"] != shop.dsn
    assert told["dsn"].rpartition("/")[0] == shop.dsn.rpartition("/")[0]


def test_an_archive_that_is_none_of_ours_is_refused_with_a_sentence(tmp_path: Path) -> None:
    settings = {"HEADWATER_DATA_DIR": str(tmp_path / "data"), "PATH": "/usr/bin:/bin"}
    text, empty = tmp_path / "text.zip", tmp_path / "empty.zip"
    text.write_text("dear")
    with zipfile.ZipFile(empty, "w") as made:
        made.writestr("letter.txt", "dear")

    said = [headwater(settings, "import", path, code=1).stderr for path in (text, empty)]

    assert "is not a readable ZIP" in said[0]
    assert "its about.json is not in the ZIP" in said[1]


def test_no_file_is_overwritten(tmp_path: Path) -> None:
    settings = {"HEADWATER_DATA_DIR": str(tmp_path / "data"), "PATH": "/usr/bin:/bin"}
    (tmp_path / "mine").write_text("dear")
    headwater(settings, "project", "create", "Shop")

    assert "already" in headwater(settings, "export", "shop", tmp_path / "mine", code=1).stderr
    assert (tmp_path / "mine").read_text() == "dear"
