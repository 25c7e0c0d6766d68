"""What uses the disk, and what a clean-up would free."""

import html
import re
import threading
from datetime import UTC, datetime, timedelta
from itertools import count as count_from
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from headwater.protocol.chunks import Sha1
from headwater.server.web.storage.measured import MAX_AGE, Measured
from headwater.server.web.storage.records import StorageRecords
from headwater.settings import Settings
from headwater.storage.files.blobs import Blobs
from headwater.storage.files.stores import COPIES, FILES, folder_stores
from headwater.storage.pages import Pages
from headwater.storage.people.roles import Role
from headwater.storage.schema import artifact_bundles, chunks, dead_letters, events
from headwater.upload_side import keeping_of
from tests.clients.patience import until
from tests.databases import folder_of, sqlite_only
from tests.folders import mark as mark_as_storage
from tests.server.web.house import Browser, House, assert_harmless, limits, tools_of

STORAGE = "/settings/storage"
ACTIONS = ("measure", "give-back", "chunks")


@pytest.fixture
def page(house: House, browser: Browser) -> Browser:
    """Ada's, once everything is measured."""
    house.project()
    return browser


def rows(text: str, heading: str) -> dict[str, list[str]]:
    """By its name, what a row of the table under a heading says."""
    body = (
        text.split(f'<h2 id="{heading}">')[1].split("</table>", maxsplit=1)[0].split("<tbody>")[1]
    )
    found = {}
    for row in re.findall(r"<tr.*?</tr>", body, re.DOTALL):
        cells = re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        words = [
            " ".join(re.sub(r"<title>.*?</title>|<[^>]+>", " ", cell).split()) for cell in cells
        ]
        found[words[0]] = words[1:]
    return found


def said(found: dict[str, list[str]], beginning: str) -> list[str]:
    return next(words for name, words in found.items() if name.startswith(beginning))


def bundle(house: House, size: int, age_days: int, used_days: int | None) -> int:
    now = datetime.now(UTC)
    values: dict[str, Any] = {"project_id": 1, "checksum": f"{size:040x}", "size": size}
    values |= {"uploaded_at": now - timedelta(days=age_days)}
    values |= {"last_used_at": None if used_days is None else now - timedelta(days=used_days)}
    with house.database.write() as connection:
        made = artifact_bundles.insert().values(values).returning(artifact_bundles.c.id)
        bundle_id: int = connection.execute(made).scalar_one()
    return bundle_id


def chunk(house: House, content: bytes, hours_ago: float) -> None:
    """An uploaded one that nobody has touched since."""
    tools = tools_of(house.database)
    with tools.chunks.writer() as writer:
        writer.write(content)
        digest = writer.finish()
    moment = datetime.now(UTC) - timedelta(hours=hours_ago)
    tools.chunks.keep(1, {Sha1(digest): len(content)}, moment)


def count(house: House, table: Any) -> int:
    with house.database.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


@sqlite_only
def test_everything_that_uses_the_disk_is_told(page: Browser) -> None:
    shown = page.get(STORAGE)
    found = rows(shown.text, "use")

    assert_harmless(shown)
    for name in (
        "Database SQLite",
        "Events",
        "Resolutions",
        "Issues",
        "Uploads",
        "Log empties itself",
    ):
        assert name in found
    assert said(found, "Journal") == ["", "0 B"]
    assert said(found, "Chunks") == ["", "0 B"]
    assert found["Database SQLite"][-1] not in ("", "0 B")
    assert "Measured" in shown.text
    assert "not estimates" in shown.text


@sqlite_only
def test_the_parts_of_the_database_add_up_to_its_files(house: House, page: Browser) -> None:
    text = page.get(STORAGE).text
    sizes = re.findall(r'title="([\d,]+) bytes">', text.split('<h2 id="free">')[0])
    whole, *parts = (int(size.replace(",", "")) for size in sizes)
    names = list(rows(text, "use"))
    of_database = parts[
        : names.index(next(each for each in names if each.startswith("Journal"))) - 1
    ]
    file = Path(house.database.engine.url.database or "")

    assert whole >= file.stat().st_size
    assert sum(of_database) == whole


@sqlite_only
def test_files_are_counted_where_they_are(house: House, page: Browser) -> None:
    folder = folder_of(house.database)
    for name, number in (("packs/ab", 2), ("queue", 1)):
        (folder / name).mkdir(parents=True)
        for each in range(number):
            (folder / name / str(each)).write_bytes(bytes(range(256)) * 64)

    found = rows(page.get(STORAGE).text, "use")

    assert said(found, "As uploaded, packed 2 files")[-1] != "0 B"
    assert said(found, "Journal 1 file")[-1] != "0 B"
    assert said(found, "Compiled for look-ups 0 files")[-1] == "0 B"


@sqlite_only
def test_where_nothing_can_be_freed_no_button_is_shown(page: Browser) -> None:
    page.post(f"{STORAGE}/give-back")  # what migrations left
    text = page.get(STORAGE).text

    assert text.count("Nothing to free.") == 4
    assert 'action="/settings/storage/measure"' in text
    assert 'action="/settings/storage/chunks"' not in text
    assert 'action="/settings/storage/give-back"' not in text
    assert "Unused uploads" not in text


def test_chunks_that_nobody_touches_are_deleted_by_a_button(house: House, page: Browser) -> None:
    chunk(house, b"old" * 1000, 3)
    chunk(house, b"new" * 1000, 0)

    before = said(
        rows(page.get(STORAGE).text, "free"), "Chunks that no upload goes on with 2 chunks"
    )
    answer = page.post(f"{STORAGE}/chunks")
    after = said(rows(page.get(STORAGE).text, "free"), "Chunks that no upload goes on with 1 chunk")

    assert before == ["3.0 KB", "Delete 1 chunk By itself after a day."]
    assert answer.headers["location"] == STORAGE
    assert after == ["0 B", "Nothing to free."]
    assert count(house, chunks) == 1


@sqlite_only
def test_empty_pages_are_given_back_by_a_button(house: House, page: Browser) -> None:
    project = house.projects.all()[0]
    for _ in range(4):
        house.bury(project, bytes(range(256)) * 2000, "no")
    with house.database.write() as connection:
        connection.execute(dead_letters.delete())
    pages = Pages(house.database)
    free = pages.space().free

    before = said(rows(page.get(STORAGE).text, "free"), "Empty pages")
    page.post(f"{STORAGE}/give-back")
    after = said(rows(page.get(STORAGE).text, "free"), "Empty pages")

    assert free > 1_000_000
    assert before[0].endswith("MB")
    assert before[1].startswith("Give them back")
    assert after == ["0 B", "Nothing to free."]
    assert pages.space().free == 0


def test_uploads_without_use_are_named_the_largest_first(house: House, page: Browser) -> None:
    small = bundle(house, 2_000_000, 40, None)
    large = bundle(house, 5_000_000, 90, 31)
    bundle(house, 1_000_000_000, 90, 2)
    bundle(house, 2_000_000_000, 3, None)

    text = page.get(STORAGE).text
    found = said(rows(text, "free"), "Uploads without use")

    assert found[0] == "at most 7.0 MB"
    assert "HEADWATER_MAX_ARTIFACT_AGE_DAYS" in found[1]
    assert re.findall(r'href="/bundles/(\d+)/delete"', text) == [str(large), str(small)]


def test_uploads_that_a_limit_takes_are_told_with_the_limit(house: House, page: Browser) -> None:
    shop = house.projects.all()[0]
    house.projects.choose(shop.id, replace(shop.choices, max_artifact_age_days=30))
    bundle(house, 2_000_000, 40, None)
    bundle(house, 3_000_000, 40, 2)

    shown = page.get(STORAGE)
    found = said(rows(shown.text, "free"), f"Uploads beyond a limit, of {shop.name} 1 bundle, by")

    assert found[1].startswith("By themselves within the hour.")
    assert "the project's settings (30 days)" in html.unescape(shown.text)
    assert_harmless(shown)


def test_events_that_a_shorter_age_would_remove_are_told(house: House, page: Browser) -> None:
    shop = house.projects.all()[0]
    for _ in range(3):
        house.store(shop, {"message": "x" * 100})
    long_ago = datetime.now(UTC) - timedelta(days=50)
    with house.database.write() as connection:
        first = events.update().where(events.c.id <= 2)
        connection.execute(first.values(received_at=long_ago))

    found = rows(page.get(STORAGE).text, "free")
    words = said(
        found, "Events of more than 30 days ago 2 of them. Events leave by themselves after 90"
    )

    assert words[0].startswith("about ")
    assert "HEADWATER_MAX_AGE_DAYS=30" in words[1]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MEMBER])
def test_it_is_for_administrators(house: House, role: Role) -> None:
    house.person("bo@example.com", role)
    browser = house.browser("bo@example.com")

    assert browser.get(STORAGE).status_code == 403
    assert f'href="{STORAGE}"' not in browser.get("/issues").text
    for action in ACTIONS:
        assert browser.post(f"{STORAGE}/{action}").status_code == 403
        assert house.stranger().post(f"{STORAGE}/{action}").status_code == 303


def test_what_another_site_sends_does_nothing(house: House, browser: Browser) -> None:
    house.project()
    chunk(house, b"old", 3)
    browser.headers["Origin"] = "https://evil.example"

    assert [browser.post(f"{STORAGE}/{each}").status_code for each in ACTIONS] == [403] * 3
    assert count(house, chunks) == 1


def test_of_a_bucket_the_page_measures_what_is_in_it_and_what_is_copied(
    house: House, tmp_path: Path
) -> None:
    """Whatever is behind it: here another folder is the bucket."""
    (tmp_path / "bucket").mkdir()
    mark_as_storage(tmp_path / "bucket")
    bucket = folder_stores(tmp_path / "bucket")
    for content in (b"x" * 5_000, b"y" * 7_000):
        Blobs(bucket.files, "sha256").put([content])
    local = replace(limits(house.database), sourcemaps=tmp_path / "local", bucket=bucket)
    for folder in (COPIES, FILES):  # the second from a time before the bucket
        (local.sourcemaps / folder).mkdir(parents=True)
        (local.sourcemaps / folder / "file").write_bytes(b"x" * 5_000)
    keeping = keeping_of(Settings(), house.database)
    records = StorageRecords.of(house.database, local, keeping, 25)
    pages = house.pages_of(house.database, storage=records)

    found = rows(House(house.database, pages, house.ada).browser().get(STORAGE).text, "use")

    assert {
        f"Source maps {bucket.files.place}",
        "As uploaded, not packed yet 2 files",
        "Copies on this machine 1 file",
    } <= set(found)


def test_until_it_is_measured_the_page_says_so(house: House) -> None:
    gate = threading.Event()

    def ask() -> Any:
        gate.wait(30)
        raise OSError

    records = StorageRecords(house.database, limits(house.database), Measured(ask, 0))
    pages = house.pages_of(house.database, storage=records)
    browser = House(house.database, pages, house.ada).browser()

    waiting = browser.get(STORAGE)
    gate.set()
    records.measured.latest(datetime.now(UTC))
    _finish(records.measured)
    failed = browser.get(STORAGE)

    assert "It is being measured" in waiting.text
    assert "What a clean-up would free" in waiting.text
    assert_harmless(waiting)
    assert "did not answer" in failed.text
    assert 'action="/settings/storage/measure"' in failed.text


def _finish(measured: Measured[Any]) -> None:
    until(lambda: not measured.is_asking, 30, "the answer is there")


def test_an_answer_is_kept_until_it_is_old_or_asked_anew() -> None:
    numbers = count_from(1)
    measured = Measured(lambda: next(numbers), patience=30)
    now = datetime.now(UTC)

    first = measured.latest(now)
    again = measured.latest(now)
    measured.latest(now + MAX_AGE + timedelta(minutes=1))
    _finish(measured)
    old = measured.latest(datetime.now(UTC))
    measured.ask_again()
    _finish(measured)
    asked_for = measured.latest(datetime.now(UTC))

    assert [found.answer for found in (first, again, old, asked_for) if found] == [1, 1, 2, 3]


def test_what_the_database_refuses_is_said_and_asked_again() -> None:
    refusals = [OperationalError("", None, Exception("locked"))]

    def ask() -> int:
        if refusals:
            raise refusals.pop()
        return 7

    measured = Measured(ask, patience=30)
    wrong = measured.latest(datetime.now(UTC))
    measured.ask_again()
    _finish(measured)
    right = measured.latest(datetime.now(UTC))

    assert wrong is not None
    assert wrong.answer is None
    assert "did not answer" in wrong.wrong
    assert right is not None
    assert right.answer == 7
