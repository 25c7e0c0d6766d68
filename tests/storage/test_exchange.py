"""Exported projects as anybody may make them: what is taken in, and what is refused before it costs."""

import hashlib
import json
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import zstandard
from sqlalchemy import select

from headwater.digest.arriving import read_arriving
from headwater.grouping.versions import VERSIONS
from headwater.storage.exchange import archive, records
from headwater.storage.exchange.archive import ArchiveRefused
from headwater.storage.exchange.arrival import Arrival, Arrived
from headwater.storage.exchange.events import Read
from headwater.storage.exchange.export import Export
from headwater.storage.files.blobs import Blobs
from headwater.storage.files.folder import Folder
from headwater.storage.files.unreachable import StorageUnreachable
from headwater.storage.issues.deletions import Deletions
from headwater.storage.issues.merges import Merges
from headwater.storage.issues.search import Status
from headwater.storage.issues.tombstones import Decided, Tombstones
from headwater.storage.people.tokens import Scope, Tokens
from headwater.storage.schema import artifact_bundles, bundle_releases, events, issues, resolutions
from headwater.storage.schema import releases as releases_
from headwater.storage.uploads.artifacts import Artifacts
from headwater.storage.uploads.surplus import Found, Surplus
from tests.artifacts.test_expire import LATER, large_map, now
from tests.artifacts.test_keeping import debug_id
from tests.clients.patience import until
from tests.databases import IS_POSTGRESQL
from tests.healing_side import HealingSide, healing_side, thrown
from tests.storage.test_decision_order import are_waiting
from tests.upload_side import MAP, UploadSide, pair

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
MAX_FILE = 100_000
LONG_AGO = "2025-01-02T00:00:00+00:00"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[HealingSide]:
    """Where it comes from: two builds, of which one was uploaded."""
    (tmp_path / "one").mkdir()
    with healing_side(tmp_path / "one") as side:
        side.upload("a")
        side.digest(thrown(1, "a"), thrown(2, "a"), thrown(3, "b", fingerprint=["b"]))
        yield side


@pytest.fixture
def here(shop: HealingSide, tmp_path: Path) -> Iterator[HealingSide]:
    """Where it arrives, with two other projects."""
    (tmp_path / "two").mkdir()
    with healing_side(tmp_path / "two") as side:
        side.contents = shop.contents
        yield side


def exported(shop: HealingSide, tmp_path: Path) -> Path:
    path = tmp_path / "shop.zip"
    path.unlink(missing_ok=True)
    blobs = Blobs(Folder(tmp_path / "one" / "files"), "sha256")
    for content in shop.contents.values():
        blobs.put([content])
    project = shop.projects.get("1")
    assert project
    Export(shop.database, blobs).write(project, path, "1.2.3", NOW)
    return path


def take_in(
    here: HealingSide, path: Path, meanwhile: Callable[[], object] = lambda: None
) -> Arrived:
    """`meanwhile`: when the issues are there, and no event is yet."""
    blobs = Blobs(Folder(path.parent / "two" / "files"), "sha256")
    left = [meanwhile]

    def read(payload: bytes, resolution: bytes, at: datetime, event_id: str) -> Read | None:
        while left:
            left.pop()()
        return read_arriving(payload, resolution, at, event_id, max_bytes=1_000_000)

    arrival = Arrival(here.database, blobs, read, frozenset(VERSIONS), MAX_FILE)
    return arrival.take_in(path, NOW)


def changed(path: Path, changes: Mapping[str, bytes | None]) -> Path:
    """The archive with other members; None: without one."""
    made = path.with_name("changed.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        members = {name: old.read(name) for name in old.namelist()} | dict(changes)
        for name, content in members.items():
            if content is not None:
                new.writestr(name, content)
    return made


def lines(path: Path, name: str) -> list[dict[str, Any]]:
    with zipfile.ZipFile(path) as archive_:
        return [json.loads(line) for line in archive_.read(name).splitlines()]


def of(found: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in found)


def test_everything_that_is_known_of_its_issues_arrives(
    shop: HealingSide, here: HealingSide, tmp_path: Path
) -> None:
    arrived = take_in(here, exported(shop, tmp_path))

    assert (arrived.issues, arrived.events, arrived.uploads, arrived.unread) == (2, 3, 1, 0)
    assert here.told(arrived.project.id) == shop.told()
    assert here.counted_wrongly() == []
    assert here.event(1, arrived.project.id).payload == shop.event(1).payload
    assert b'"src/cart.ts"' in here.event(1, arrived.project.id).resolution


def test_nothing_comes_twice(shop: HealingSide, here: HealingSide, tmp_path: Path) -> None:
    path = exported(shop, tmp_path)
    first = take_in(here, path)
    told = here.told(first.project.id)

    again = take_in(here, path)
    of_itself = take_in(shop, path)

    assert (again.issues, again.events, again.uploads) == (0, 0, 0)
    assert again.project == first.project
    assert here.told(first.project.id) == told
    assert of_itself.project.id == 1
    assert (of_itself.issues, of_itself.events, of_itself.uploads) == (0, 0, 0)


def test_an_import_that_was_interrupted_is_gone_on_with(
    shop: HealingSide, here: HealingSide, tmp_path: Path
) -> None:
    path = exported(shop, tmp_path)
    half = changed(path, {records.EVENTS: of(lines(path, records.EVENTS)[:1]) + b"{"})
    with pytest.raises(ArchiveRefused, match=r"line 2 of its events\.jsonl"):
        take_in(here, half)

    arrived = take_in(here, path)

    assert here.told(arrived.project.id) == shop.told()
    assert here.counted_wrongly() == []


def test_events_that_came_here_meanwhile_are_counted_with_those_that_arrive(
    shop: HealingSide, here: HealingSide, tmp_path: Path
) -> None:
    path = exported(shop, tmp_path)
    first = changed(path, {records.EVENTS: b""})
    project = take_in(here, first).project
    here.upload("a", home=project.id)
    here.digest(thrown(9, "a"), project_id=project.id)

    take_in(here, path)

    counts = sorted(each.event_count for each in here.every(project.id))
    assert counts == [1, 3]
    assert here.counted_wrongly() == []


def test_what_arrived_minified_is_resolved_by_a_later_upload(
    shop: HealingSide, here: HealingSide, tmp_path: Path
) -> None:
    project = take_in(here, exported(shop, tmp_path)).project
    before = here.event(3, project.id).resolution

    here.upload("b", home=project.id)
    here.heal()

    assert b'"src/cart.ts"' not in before
    assert b'"src/cart.ts"' in here.event(3, project.id).resolution


def test_an_event_whose_json_has_line_breaks_is_one_line(
    shop: HealingSide, here: HealingSide, tmp_path: Path
) -> None:
    path = exported(shop, tmp_path)
    spread = [json.dumps(each).replace(", ", ",  ") for each in lines(path, records.EVENTS)]

    arrived = take_in(here, changed(path, {records.EVENTS: "\n\n".join(spread).encode()}))

    assert arrived.events == 3


def bad(name: str, **more: Any) -> Any:
    """Changes the first record of a file."""

    def change(path: Path) -> dict[str, bytes | None]:
        first, *rest = lines(path, name)
        return {name: of([first | more, *rest])}

    return change


HOSTILE = {
    "a format of others": lambda path: {
        records.ABOUT: json.dumps(json.loads(read(path, records.ABOUT)) | {"version": 2}).encode()
    },
    "no records": lambda _: {records.ISSUES: None},
    "a state that is none": bad(records.ISSUES, status="deleted"),
    "a number below zero": bad(records.ISSUES, event_count=-1),
    "a number beyond all": bad(records.ISSUES, event_count=2**70),
    "a moment without a zone": bad(records.ISSUES, first_seen="2026-11-01T12:00:00"),
    "an event id that is none": bad(records.EVENTS, event_id="../../etc/passwd"),
    "a release that is too long": bad(records.EVENTS, release="x" * 251),
    "a type that is none": bad(records.UPLOADS, checksum="../" * 13 + "x"),
    "not text": lambda _: {records.EVENTS: b"\xff\xfe{}\n"},
    "deep": lambda _: {records.ISSUES: b"[" * 100_000},
    "a content that is another": lambda path: {content_of(path): b"another"},
    "a content that is too large": lambda path: {content_of(path): b"x" * (MAX_FILE + 1)},
}


def read(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as found:
        return found.read(name)


def content_of(path: Path) -> str:
    with zipfile.ZipFile(path) as found:
        return next(name for name in found.namelist() if name.startswith(records.CONTENTS))


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_what_is_wrong_is_refused_with_a_sentence(
    shop: HealingSide, here: HealingSide, tmp_path: Path, change: Any
) -> None:
    path = exported(shop, tmp_path)
    before = sorted(each for each in tmp_path.rglob("*"))

    with pytest.raises(ArchiveRefused) as refused:
        take_in(here, changed(path, change(path)))

    assert str(refused.value)
    outside = [each for each in tmp_path.rglob("*") if each not in before]
    assert all(
        each.is_relative_to(tmp_path / "two") or each.name == "changed.zip" for each in outside
    )


def test_an_event_that_is_none_is_left_out_and_counted(
    shop: HealingSide, here: HealingSide, tmp_path: Path
) -> None:
    path = exported(shop, tmp_path)
    first, second, third = lines(path, records.EVENTS)
    first["payload"], second["issue"], third["resolution"] = [1], 999, {"version": "x"}

    arrived = take_in(here, changed(path, {records.EVENTS: of([first, second, third])}))

    assert (arrived.events, arrived.unread) == (1, 2)
    assert here.event(3, arrived.project.id).resolution == b'{"version":0}'


def test_a_bomb_is_noticed_while_it_unpacks(
    shop: HealingSide, here: HealingSide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = exported(shop, tmp_path)
    monkeypatch.setattr(archive, "MAX_UNPACKED", 1_000_000)
    monkeypatch.setattr(archive, "MAX_LINE", 100_000)

    with pytest.raises(ArchiveRefused, match="more than 100,000 bytes"):
        take_in(here, changed(path, {records.ISSUES: b" " * 200_000}))
    with pytest.raises(ArchiveRefused, match="unpacks to more than 1,000,000 bytes"):
        take_in(here, changed(path, {records.ISSUES: b" \n" * 600_000}))


def test_names_that_lead_elsewhere_lead_nowhere(
    shop: HealingSide, here: HealingSide, tmp_path: Path
) -> None:
    path = exported(shop, tmp_path)
    first, *rest = lines(path, records.UPLOADS)
    first["files"][0]["sha256"] = "../../../../evil"

    with pytest.raises(ArchiveRefused, match=r"uploads\.jsonl"):
        take_in(
            here, changed(path, {records.UPLOADS: of([first, *rest]), "files/../../evil": b"x"})
        )

    assert not list(tmp_path.rglob("evil*"))


def test_half_an_export_has_no_name(shop: HealingSide, tmp_path: Path) -> None:
    class Broken(Blobs):
        def open(self, digest: str) -> Any:
            raise StorageUnreachable(f"it is away, and {digest} with it")

    project = shop.projects.get("1")
    assert project
    export = Export(shop.database, Broken(Folder(tmp_path / "files"), "sha256"))

    with pytest.raises(StorageUnreachable):
        export.write(project, tmp_path / "shop.zip", "1", NOW)

    assert list(tmp_path.glob("*.zip*")) + list(tmp_path.glob(".*")) == []


def test_deleted_issues_and_those_of_other_projects_stay_behind(
    shop: HealingSide, here: HealingSide, tmp_path: Path
) -> None:
    shop.digest(thrown(7, "a"), project_id=2)
    gone = shop.every()[-1].id
    with shop.database.write() as connection:
        connection.execute(
            issues.update().where(issues.c.id == gone).values(status=Status.DELETED.value)
        )

    arrived = take_in(here, exported(shop, tmp_path))

    assert (arrived.issues, arrived.events) == (1, 2)


def test_events_that_are_on_their_way_after_a_merge_arrive_with_the_issue_that_they_go_to(
    shop: HealingSide, here: HealingSide, tmp_path: Path
) -> None:
    Merges(shop.database).merge([each.id for each in shop.every()], NOW)

    arrived = take_in(here, exported(shop, tmp_path))

    assert (arrived.issues, arrived.events, arrived.unread) == (1, 3, 0)
    assert here.counted_wrongly() == []
    assert [each.event_count for each in here.every(arrived.project.id)] == [3]


def test_events_arrive_with_the_issue_that_theirs_was_merged_into_meanwhile(
    shop: HealingSide, here: HealingSide, tmp_path: Path
) -> None:
    merges = Merges(here.database)

    def merge() -> None:
        merges.merge([each.id for each in here.every(3)], NOW)
        while merges.follow():
            pass

    arrived = take_in(here, exported(shop, tmp_path), merge)

    assert (arrived.project.id, arrived.events, arrived.unread) == (3, 3, 0)
    assert [each.event_count for each in here.every(3)] == [3]
    assert here.counted_wrongly() == []


@pytest.mark.skipif(not IS_POSTGRESQL, reason="SQLite has one writer at a time")
def test_events_that_wait_for_a_merge_to_be_committed_arrive_where_it_leads(
    shop: HealingSide, here: HealingSide, tmp_path: Path
) -> None:
    has_merged = threading.Event()

    def merge() -> None:
        target, origin = (each.id for each in here.every(3))
        with here.database.write() as connection:
            Tombstones(here.database).leave(connection, origin, target, Decided(NOW, None))
            has_merged.set()
            until(lambda: bool(are_waiting(here.database)), 60, "the import waits for a lock")

    other = threading.Thread(target=merge)

    def begin() -> None:
        other.start()
        assert has_merged.wait(60)

    arrived = take_in(here, exported(shop, tmp_path), begin)
    other.join()

    assert (arrived.events, arrived.unread) == (3, 0)
    assert [each.event_count for each in here.every(3)] == [3]
    assert here.counted_wrongly() == []


def test_events_of_an_issue_that_is_deleted_meanwhile_are_left_out_and_told(
    shop: HealingSide, here: HealingSide, tmp_path: Path
) -> None:
    def delete() -> None:
        Deletions(here.database).delete([here.every(3)[-1].id])

    arrived = take_in(here, exported(shop, tmp_path), delete)

    assert (arrived.project.id, arrived.events, arrived.unread) == (3, 2, 1)
    assert [each.event_count for each in here.every(3)] == [2]


def uploaded(side: HealingSide) -> Any:
    """The one upload of project 3."""
    wanted = artifact_bundles.select().where(artifact_bundles.c.project_id == 3)
    with side.database.read() as connection:
        return connection.execute(wanted).one()


def test_uploads_are_old_only_once_the_events_that_need_them_are_there(
    shop: HealingSide, here: HealingSide, tmp_path: Path
) -> None:
    path = exported(shop, tmp_path)
    old = changed(path, bad(records.UPLOADS, uploaded_at=LONG_AGO, last_used_at=None)(path))
    found: list[Found] = []

    def clean_up() -> None:
        found.append(Surplus(here.database).unused(3, NOW - timedelta(days=1)))

    take_in(here, old, clean_up)

    assert found == [Found(())]
    assert uploaded(here).uploaded_at == datetime.fromisoformat(LONG_AGO)


def test_a_file_has_the_size_that_was_read_whatever_the_archive_claims(
    shop: HealingSide, here: HealingSide, tmp_path: Path
) -> None:
    path = exported(shop, tmp_path)
    [upload] = lines(path, records.UPLOADS)
    true = upload["files"][0]["size"]
    upload["files"][0]["size"] = 2**50

    take_in(here, changed(path, {records.UPLOADS: of([upload])}))

    [file] = Artifacts(here.database).find(3, upload["checksum"])
    assert file.size == true


def test_what_an_interrupted_import_did_not_do_for_an_upload_is_done_by_the_next(
    shop: HealingSide, here: HealingSide, tmp_path: Path
) -> None:
    path = exported(shop, tmp_path)
    releases = [{"version": f"shop@{number}", "dist": ""} for number in (1, 2)]
    dates = {"uploaded_at": LONG_AGO, "last_used_at": LONG_AGO}
    half = bad(records.UPLOADS, **dates, releases=releases[:1])(path)
    with pytest.raises(ArchiveRefused):
        take_in(here, changed(path, half | {records.EVENTS: b"{"}))

    take_in(here, changed(path, bad(records.UPLOADS, **dates, releases=releases)(path)))

    row = uploaded(here)
    with here.database.read() as connection:
        named = connection.execute(select(bundle_releases.c.version).order_by("version")).scalars()
        made = connection.execute(select(releases_.c.created_at)).scalars()
        assert list(named) == ["shop@1", "shop@2"]
        assert {each.isoformat() for each in made} == {LONG_AGO}
    assert {row.uploaded_at.isoformat(), row.last_used_at.isoformat()} == {LONG_AGO}


def test_an_upload_that_somebody_sent_here_stays_theirs_and_as_it_is(
    shop: HealingSide, here: HealingSide, tmp_path: Path
) -> None:
    path = exported(shop, tmp_path)
    take_in(here, changed(path, {records.EVENTS: b""}))
    token, _ = Tokens(here.database).create("ci", Scope.UPLOAD, 3, None, NOW)
    here_since = NOW - timedelta(days=3)
    Artifacts(here.database).associate(3, uploaded(here).id, None, here_since, token.id)

    take_in(here, changed(path, bad(records.UPLOADS, uploaded_at=LONG_AGO)(path)))

    assert (uploaded(here).uploaded_at, uploaded(here).token_id) == (here_since, token.id)


def test_damaged_uploads_are_left_out_of_an_archive_that_can_be_taken_in(
    side: UploadSide, here: HealingSide, tmp_path: Path
) -> None:
    project = side.project("Shop")
    for number, content in enumerate((large_map(), MAP, MAP + b" ")):
        side.upload(project.id, pair(debug_id(number), content, b"%d" % number))
    side.settling.settle(now() + LATER)
    [pack] = side.pack_files.older_than(now() + LATER)
    _rot(side.pack_files.path(pack))
    _rot(side.files.path(hashlib.sha256(MAP).hexdigest()))

    path = tmp_path / "shop.zip"
    done = Export(side.database, side.files).write(project, path, "1", NOW)
    arrived = take_in(here, path)

    assert (done.uploads, done.files, done.lost) == (3, 4, 2)
    assert arrived.uploads == 3


@pytest.mark.parametrize("rot", [b"rot", zstandard.compress(b'{"cut":')])
def test_a_damaged_event_is_left_out_and_told(
    shop: HealingSide, here: HealingSide, tmp_path: Path, rot: bytes
) -> None:
    with shop.database.write() as connection:
        this = events.update().where(events.c.event_id == f"{2:032x}")
        connection.execute(this.values(payload=rot))
        connection.execute(resolutions.update().values(content=rot))

    path = exported(shop, tmp_path)
    arrived = take_in(here, path)

    assert [each["event_id"] for each in lines(path, records.EVENTS)] == [
        f"{number:032x}" for number in (1, 3)
    ]
    assert (arrived.events, arrived.unread) == (2, 0)


def _rot(path: Path) -> None:
    """In the middle."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
