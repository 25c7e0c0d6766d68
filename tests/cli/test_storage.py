"""`headwater storage check`: what the database knows against what is stored, on a folder and a bucket."""

import json
import os
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from headwater.cli import program
from headwater.protocol.chunks import AssembleState
from headwater.storage.files import bucket_deletions
from headwater.storage.files.stores import PARTS
from tests.databases import address_in
from tests.faulty_proxy import Fault
from tests.folders import mark
from tests.s3_server import Remote
from tests.upload_side import MAP, SCRIPT, UploadSide, pair

LONG_AGO = (datetime.now(UTC) - timedelta(days=3)).timestamp()
ORPHAN = "0" * 64


@dataclass(frozen=True, slots=True)
class Stored:
    """A folder, or a bucket with the same in it. Nothing in a bucket can be made old."""

    side: UploadSide
    folder: Path
    remote: Remote | None

    def copy(self) -> None:
        """To the bucket, if that is what is looked at: as it is."""
        if self.remote is not None:
            for path in self.files():
                self.remote.put(f"maps/{path}", (self.folder / path).read_bytes())

    def files(self) -> list[str]:
        """As in a folder."""
        found = (path for part in PARTS for path in (self.folder / part).rglob("*"))
        return sorted(str(path.relative_to(self.folder)) for path in found if path.is_file())

    def lose(self, key: str) -> None:
        if self.remote is None:
            (self.folder / key).unlink()
        else:
            self.remote.delete(f"maps/{key}")


@pytest.fixture(params=["folder", "bucket"])
def stored(
    request: pytest.FixtureRequest,
    side: UploadSide,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Stored:
    remote = None
    monkeypatch.setenv("HEADWATER_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", address_in(tmp_path))
    monkeypatch.setenv("SOURCEMAP_STORAGE_PATH", str(tmp_path))
    if request.param == "bucket":
        remote = request.getfixturevalue("remote")
        monkeypatch.setenv("SOURCEMAP_STORAGE_URL", remote.url)
    return Stored(side, tmp_path, remote)


def check(*words: str, code: int = 0) -> dict[str, dict[str, Any]]:
    result = CliRunner().invoke(program, ["storage", "check", *words, "--json"])
    assert result.exit_code == code, result.output
    return {each["kind"]: each for each in json.loads(result.stdout)}


def raw_key(sha256: str) -> str:
    return f"files/{sha256[:2]}/{sha256[2:]}"


def long_map(build: str) -> bytes:
    """The next build's differs in a few bytes."""
    words = random.Random(1)  # noqa: S311 - not for secrets
    text = " ".join(f"{words.getrandbits(32):x}" for _ in range(60_000))
    return json.dumps({**json.loads(MAP), "sourcesContent": [f"{build} {text}"]}).encode()


def test_where_all_is_well_nothing_is_said_to_be_wrong(stored: Stored) -> None:
    stored.side.upload(None, pair())
    stored.copy()

    found = check()

    assert {kind: each["known"] for kind, each in found.items()} == {
        "uploaded": 2,
        "packed": 0,
        "compiled": 2,
        "chunks": 1,
    }
    assert found["uploaded"]["known_bytes"] > len(SCRIPT)
    assert all(each["lost"] == [] and each["orphans"] == 0 for each in found.values())


@pytest.mark.parametrize("damage", ["lost", "cut short"])
def test_a_lost_upload_is_named_and_comes_back_with_the_next_upload(
    stored: Stored, damage: str
) -> None:
    side = stored.side
    side.upload(None, pair())
    stored.copy()
    sha256 = next(key for key in map(str, side.files.older_than(datetime.now(UTC) + timedelta(1))))
    if damage == "lost":
        stored.lose(raw_key(sha256))
    elif stored.remote is None:
        os.truncate(side.files.path(sha256), 5)
    else:
        stored.remote.put(f"maps/{raw_key(sha256)}", b"short")

    found = check(code=1)

    assert found["uploaded"]["lost"] == [sha256]
    assert check("--repair", code=1)["uploaded"]["lost"] == [sha256]
    if stored.remote is None:
        assert side.upload(None, pair()).state is AssembleState.OK
        assert check()["uploaded"]["lost"] == []


def test_lost_compiled_files_are_given_up_by_a_repair(stored: Stored) -> None:
    stored.side.upload(None, pair())
    stored.copy()
    compiled = [key for key in stored.files() if key.startswith("compiled/")]
    for key in compiled:
        stored.lose(key)

    assert len(check(code=1)["compiled"]["lost"]) == len(compiled) == 2
    check("--repair", code=1)

    assert check()["compiled"]["known"] == 0


def test_lost_chunks_are_forgotten_by_a_repair_and_asked_for_again(stored: Stored) -> None:
    side = stored.side
    side.put_chunks(None, pair())
    stored.copy()
    (lost,) = [key for key in stored.files() if key.startswith("chunks/")]
    stored.lose(lost)

    assert len(check(code=1)["chunks"]["lost"]) == 1
    check("--repair", code=1)

    assert check()["chunks"]["known"] == 0
    assert side.assemble(None, pair()).state is AssembleState.NOT_FOUND


def test_what_is_packed_against_a_lost_pack_is_lost_with_it(
    side: UploadSide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWATER_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", address_in(tmp_path))
    monkeypatch.setenv("SOURCEMAP_STORAGE_PATH", str(tmp_path))
    packs: list[Path] = []
    for build in ("first", "second"):
        side.upload(None, pair(source_map=long_map(build)))
        assert side.settling.settle(datetime.now(UTC) + timedelta(days=2)) == 1
        packs += set(tmp_path.glob("packs/*/*/*")) - set(packs)
    first, second = packs
    assert second.stat().st_size < first.stat().st_size / 2

    first.unlink()

    found = check(code=1)
    assert len(found["packed"]["lost"]) == len(found["uploaded"]["lost"]) == 2
    check("--repair", code=1)
    assert check(code=1)["packed"]["lost"] == []


def test_orphans_are_counted_and_go_with_a_repair_once_they_are_old(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    side = stored.side
    side.upload(None, pair())
    for key in (raw_key(ORPHAN), f"packs/1/00/{ORPHAN[2:]}.00000000.pack", f"chunks/00/{'0' * 38}"):
        path = stored.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"orphan")
    stored.copy()
    assert all(each["orphans"] == 0 for each in check().values())
    if stored.remote is None:
        for key in stored.files():
            os.utime(stored.folder / key, (LONG_AGO, LONG_AGO))
    else:
        for age in ("artifacts.audit.SAFE_AGE", "artifacts.expire.CHUNK_LIFETIME"):
            monkeypatch.setattr(f"headwater.{age}", timedelta(seconds=-60))
        monkeypatch.setattr(f"{bucket_deletions.__name__}.YOUNG", timedelta(seconds=-60))

    found = check()

    for kind in ("uploaded", "packed", "chunks"):
        assert (found[kind]["orphans"], found[kind]["orphan_bytes"]) == (1, 6), kind
    assert found["compiled"]["orphans"] == 0
    check("--repair")
    assert all(each["orphans"] == 0 for each in check().values())
    if stored.remote is None:
        assert side.assemble(None, pair()).state is AssembleState.OK


def test_storage_that_is_away_is_one_sentence(stored: Stored, tmp_path: Path) -> None:
    stored.side.upload(None, pair())
    if stored.remote is None:
        mark(tmp_path)
        for part in ("files", "chunks", "compiled"):
            (tmp_path / part).rename(tmp_path / f"{part}.away")
        (tmp_path / ".headwater-storage").unlink()
    else:
        stored.remote.proxy.fault = Fault.GONE

    result = CliRunner().invoke(program, ["storage", "check"])

    assert result.exit_code == 1
    assert "Traceback" not in result.output
    said = str(result.exception) if stored.remote is None else result.stderr
    assert "can't be reached" in said or "is its volume mounted" in said
