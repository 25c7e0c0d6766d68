"""Records of an archive that look right, and that no database could store or find again."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from headwater.protocol.manifest import MAX_URL
from headwater.storage.exchange import records
from headwater.storage.exchange.archive import ArchiveRefused
from headwater.storage.schema import artifact_files
from tests.databases import sqlite_only
from tests.healing_side import HealingSide, healing_side, thrown
from tests.storage.test_exchange import LONG_AGO, changed, exported, lines, of, read, take_in

ODD: Final = "a\x00b"
ACTIVITY: Final = {"at": LONG_AGO, "by": None, "kind": "comment", "said": "dear"}
REPORT: Final = {
    "event_id": "1" * 32, "received_at": LONG_AGO, "name": "Ada", "email": "a@b", "comments": "",
}  # fmt: skip
RELEASE: Final = {
    "version": "1", "first_seen": LONG_AGO, "last_seen": LONG_AGO, "events": 1, "resolved": 0,
    "failed": 0,
}  # fmt: skip
HOUR: Final = {"hour": 1, "level": "error", "release": "1", "events": 1, "resolved": 0, "failed": 0}

CASES: Final = [
    *((records.ABOUT, ("project", name), ODD) for name in ("name", "platform")),
    *((records.ABOUT, ("project", "choices", name), ODD) for name in ("repository", "grouping")),
    (records.ABOUT, ("project", "choices", "sensitive_fields"), [ODD]),
    (records.ABOUT, ("project", "keys"), ["a" * 32 + "\n"]),
    *(
        (records.ISSUES, (name,), ODD)
        for name in ("title", "culprit", "level", "platform", "resolved_in", "assignee")
    ),
    (records.ISSUES, ("hashes", 0, "hash"), ODD),
    *((records.ISSUES, ("tags", 0, name), ODD) for name in ("key", "value")),
    *((records.ISSUES, ("activity",), [ACTIVITY | {name: ODD}]) for name in ("by", "said")),
    *(
        (records.ISSUES, (name,), moment)
        for name in ("first_seen", "muted_until")
        for moment in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00")
    ),
    (records.ISSUES, ("hours", 0, "hour"), "9999-12-31T23:59:59-12:00"),
    (records.ISSUES, ("latest_event_id",), "a" * 32 + "\n"),
    *(
        (records.EVENTS, (name,), ODD)
        for name in ("title", "level", "platform", "release", "dist", "environment", "final_hash")
    ),
    (records.EVENTS, ("timestamp",), "0001-01-01T00:00:00+14:00"),
    (records.EVENTS, ("received_at",), "9999-12-31T23:59:59-12:00"),
    *(
        (records.UPLOADS, ("files", 0, name), ODD)
        for name in ("type", "url", "debug_id", "source_map_reference", "fault", "built_as")
    ),
    (records.UPLOADS, ("files", 0, "url"), "ü" * (MAX_URL // 2 + 1)),
    *((records.UPLOADS, ("releases",), [{"version": "1", "dist": ""} | {name: ODD}])
      for name in ("version", "dist")),
    (records.UPLOADS, ("last_used_at",), "9999-12-31T23:59:59-12:00"),
    *((records.REPORTS, (), REPORT | {name: ODD}) for name in ("name", "email", "comments")),
    (records.REPORTS, (), REPORT | {"received_at": "0001-01-01T00:00:00+14:00"}),
    (records.RELEASES, (), RELEASE | {"version": ODD}),
    *((records.HOURS, (), HOUR | {name: ODD}) for name in ("level", "release")),
    (records.HOURS, (), HOUR | {"hour": 2**31 - 1}),
]  # fmt: skip
"""A file, a place in its first record, and what is odd there."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of this file's tests: what is refused changes nothing that others see."""
    return tmp_path_factory.mktemp("odd")


@pytest.fixture(scope="module")
def shop(folder: Path) -> Iterator[HealingSide]:
    """Where it comes from."""
    (folder / "one").mkdir()
    with healing_side(folder / "one") as side:
        side.upload("a")
        side.digest(thrown(1, "a"))
        yield side


@pytest.fixture(scope="module")
def archive(shop: HealingSide, folder: Path) -> Path:
    return exported(shop, folder)


@pytest.fixture(scope="module")
def here(shop: HealingSide, folder: Path) -> Iterator[HealingSide]:
    """Where it arrives."""
    (folder / "two").mkdir()
    with healing_side(folder / "two") as side:
        side.contents = shop.contents
        yield side


def with_odd(path: Path, name: str, place: tuple[str | int, ...], odd: Any) -> Path:
    """The archive with that in the first record of a file."""
    whole = [json.loads(read(path, name))] if name == records.ABOUT else lines(path, name)
    if not place:
        return changed(path, {name: of([odd, *whole])})
    inside: Any = whole[0]
    for step in place[:-1]:
        inside = inside[step]
    inside[place[-1]] = odd
    return changed(path, {name: of(whole)})


@pytest.mark.parametrize(
    ("name", "place", "odd"),
    CASES,
    ids=[f"{name} {' '.join(map(str, place))} {odd!r:.40}" for name, place, odd in CASES],
)
def test_it_is_refused_with_its_file_and_line(
    here: HealingSide, archive: Path, name: str, place: tuple[str | int, ...], odd: Any
) -> None:
    hostile = with_odd(archive, name, place, odd)

    with pytest.raises(ArchiveRefused, match=rf"^line 1 of its {name} can't be read: "):
        take_in(here, hostile)


def test_an_event_may_hold_what_no_column_can(here: HealingSide, archive: Path) -> None:
    [event] = lines(archive, records.EVENTS)
    event["event_id"] = "e" * 32
    for name in ("payload", "resolution"):
        text = json.dumps(event[name]).replace("index-", "index\\u0000-").replace("no", "n\\u0000")
        event[name] = json.loads(text)

    arrived = take_in(here, changed(archive, {records.EVENTS: of([event])}))

    assert (arrived.events, arrived.unread) == (1, 0)


@pytest.mark.parametrize("moment", ["1970-01-01T00:00:00Z", "2200-01-01T00:00:00+00:00"])
def test_moments_at_the_very_edge_arrive(here: HealingSide, archive: Path, moment: str) -> None:
    take_in(here, with_odd(archive, records.ISSUES, ("hours", 0, "hour"), moment))


@sqlite_only
def test_what_sqlite_alone_has_stored_is_exported_so_that_it_can_arrive(
    shop: HealingSide, here: HealingSide, folder: Path
) -> None:
    with shop.database.write() as connection:
        connection.execute(artifact_files.update().values(source_map_reference=ODD))

    path = exported(shop, folder)

    assert lines(path, records.UPLOADS)[0]["files"][0]["source_map_reference"] == "a\ufffdb"
    take_in(here, path)
