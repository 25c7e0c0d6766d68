"""Kept originals: the same bytes, raw or packed, whatever is cut off, damaged or sent again."""

import hashlib
import os
import random
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from headwater.protocol.bundle import ArtifactType
from headwater.protocol.chunks import Sha1
from headwater.storage.database import Database
from headwater.storage.files.blobs import BlobNotFound
from headwater.storage.files.compiled_files import Kind, new_name
from headwater.storage.files.pack import PackDamaged
from headwater.storage.files.packs import VERSION, NewPack, Packs
from headwater.storage.files.settle import MIN_PACKED, SETTLE_AFTER, Settling
from headwater.storage.uploads.artifact import NewBundle, NewFile
from headwater.storage.uploads.artifacts import Artifacts
from headwater.storage.uploads.release_files import ReleaseFiles
from tests.folders import FolderBlobs, FolderFiles, FolderOriginals
from tests.upload_side import REMOVAL


@dataclass(frozen=True)
class Side:
    """Everything that keeps originals, in a folder."""

    database: Database
    packs: Packs
    files: FolderFiles
    raw: FolderBlobs
    originals: FolderOriginals
    settling: Settling

    @classmethod
    def at(cls, folder: Path, database: Database) -> "Side":
        packs, files = Packs(database), FolderFiles(folder / "packs", VERSION)
        raw = FolderBlobs(folder / "files", "sha256")
        originals = FolderOriginals(folder / "files", packs, files)
        return cls(database, packs, files, raw, originals, Settling(raw, packs, files))

    def upload(self, *contents: bytes) -> list[str]:
        """Files that are named by an upload; their digests."""
        sha256s = [self.originals.put([content])[0] for content in contents]
        files = tuple(
            NewFile(ArtifactType.SOURCE_MAP, sha256, None, None, sha256, 1) for sha256 in sha256s
        )
        bundle = NewBundle(None, Sha1(sha256s[0][:40]), None, 1, None, files)
        Artifacts(self.database).save(bundle, None, now(), self.originals.exists)
        return sha256s

    def settled(self, *contents: bytes) -> list[str]:
        """Uploaded files of which each was packed after the one before."""
        sha256s = self.upload(*contents)
        for sha256 in sha256s:
            assert self.settling.settle_one(sha256, later(), now())
            assert not self.raw.exists(sha256)
        return sha256s

    def read(self, sha256: str) -> bytes:
        with self.originals.open(sha256) as file:
            return file.read()

    def pack_of(self, sha256: str) -> Path:
        found = self.packs.find(sha256)
        assert found is not None
        return self.files.path(found.name)

    def forget_all(self) -> None:
        """What expiry does with packs, two days later."""
        self.packs.retire_unwanted(later(), now())
        for name in self.packs.drop_retired(later()):
            self.files.delete(name)


@pytest.fixture
def side(tmp_path: Path, database: Database) -> Side:
    return Side.at(tmp_path, database)


def now() -> datetime:
    return datetime.now(UTC)


def later() -> datetime:
    return now() + timedelta(days=2)


def build(size: int = 600_000, seed: int = 1) -> bytes:
    """Something like a source map: it compresses, and no part of it comes twice."""
    words = random.Random(seed)  # noqa: S311  # not for secrets
    return b" ".join(b"%x" % words.getrandbits(32) for _ in range(size // 9))


def next_build(before: bytes, place: int = 300_000) -> bytes:
    return before[:place] + b"/* one changed function */" + before[place + 7 :]


def damage(path: Path, place: int = 100) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_a_packed_file_is_the_file(side: Side) -> None:
    content = build()

    [sha256] = side.settled(content)

    assert side.read(sha256) == content
    assert side.originals.exists(sha256)
    assert side.originals.size(sha256) == len(content)
    assert side.originals.is_intact(sha256)
    assert side.pack_of(sha256).stat().st_size < 0.6 * len(content)


def test_files_of_every_size_come_back(side: Side) -> None:
    contents = [build(size) for size in (20_000, 1_000_000, 2_500_000)] + [b"\0" * 3_000_000]

    for content in contents:
        [sha256] = side.settled(content)

        assert side.read(sha256) == content


def test_the_next_build_costs_nearly_nothing(side: Side, tmp_path: Path) -> None:
    before = build()
    side.settled(before)
    first = bytes_in(tmp_path / "packs")

    sha256s = side.settled(next_build(before), next_build(before, 100_000))

    assert bytes_in(tmp_path / "packs") - first < 0.03 * len(before)
    assert [side.read(sha256) for sha256 in sha256s] == [
        next_build(before),
        next_build(before, 100_000),
    ]


def test_a_build_whose_bytes_shift_everywhere_costs_little(side: Side, tmp_path: Path) -> None:
    before = build()
    shifted = b" ".join(
        b"zz" if number % 200 == 0 else word for number, word in enumerate(before.split(b" "))
    )
    side.settled(before + build(seed=2))
    first = bytes_in(tmp_path / "packs")

    [sha256] = side.settled(shifted + build(seed=2))

    assert bytes_in(tmp_path / "packs") - first < 0.1 * len(before)
    assert side.read(sha256) == shifted + build(seed=2)


def test_a_hundred_builds_are_read_in_two_steps_each(side: Side) -> None:
    content = build(100_000)
    for turn in range(12):
        content = next_build(content, 5_000 * turn + 1_000)
        [sha256] = side.settled(content)

        assert side.read(sha256) == content


def test_only_what_is_named_old_and_large_is_packed(side: Side) -> None:
    [named, small] = side.upload(build(), b"x" * (MIN_PACKED - 1))
    unnamed, _ = side.originals.put([build(seed=2)])

    assert side.settling.settle(now()) == 0
    assert side.settling.settle(now() + 2 * SETTLE_AFTER) == 1

    assert not side.raw.exists(named)
    assert side.raw.exists(small)
    assert side.raw.exists(unnamed)


def test_a_file_that_is_written_while_it_is_packed_stays_raw_too(side: Side) -> None:
    [sha256] = side.upload(build())

    assert side.settling.settle_one(sha256, now() - SETTLE_AFTER, now())

    assert side.raw.exists(sha256)
    assert side.packs.find(sha256) is not None


def test_a_crash_at_any_step_loses_nothing(side: Side) -> None:
    content = build()
    [sha256] = side.upload(content)
    name = new_name(sha256, Kind.PACK)

    packed = side.settling.write(sha256, name)
    assert side.read(sha256) == content
    assert side.packs.unrecorded([name]) == (name,)

    side.packs.record(NewPack(name, 1, packed.size, packed.uses, ()), now())
    assert side.read(sha256) == content
    assert side.raw.exists(sha256)

    assert side.settling.settle_one(sha256, later(), now())
    assert not side.raw.exists(sha256)
    assert side.pack_of(sha256) == side.files.path(name)
    assert side.read(sha256) == content


def test_of_two_that_pack_the_same_file_one_wins(side: Side, tmp_path: Path) -> None:
    [sha256] = side.upload(build())
    mine = new_name(sha256, Kind.PACK)
    packed = side.settling.write(sha256, mine)
    other = Side.at(tmp_path, side.database)
    assert other.settling.settle_one(sha256, later(), now())

    assert not side.packs.record(NewPack(mine, 1, packed.size, packed.uses, packed.pieces), now())

    assert side.read(sha256) == build()
    assert side.packs.unrecorded([mine]) == (mine,)


def test_two_that_pack_everything_at_once_lose_nothing(side: Side, tmp_path: Path) -> None:
    contents = [build(seed=seed) for seed in range(5)]
    sha256s = side.upload(*contents)
    others = [Side.at(tmp_path, side.database) for _ in range(2)]

    threads = [threading.Thread(target=other.settling.settle, args=(later(),)) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [side.read(sha256) for sha256 in sha256s] == contents
    assert not any(side.raw.exists(sha256) for sha256 in sha256s)
    assert len(list(side.files.older_than(later()))) == len(contents)


def test_a_raw_file_that_is_damaged_is_not_packed(side: Side) -> None:
    [sha256] = side.upload(build())
    damage(side.raw.path(sha256))

    assert not side.settling.settle_one(sha256, later(), now())

    assert side.raw.exists(sha256)
    assert side.packs.find(sha256) is None
    assert list(side.files.older_than(later())) == []


@pytest.mark.parametrize("where", ["frame", "index", "trailer", "cut", "gone"])
def test_a_damaged_pack_is_an_error_that_names_the_file(side: Side, where: str) -> None:
    [sha256] = side.settled(build())
    path = side.pack_of(sha256)
    size = path.stat().st_size
    if where == "gone":
        path.unlink()
    elif where == "cut":
        os.truncate(path, size - 1)
    else:
        damage(path, {"frame": 100, "index": size - 60, "trailer": size - 10}[where])

    with pytest.raises(PackDamaged, match=sha256):
        Side.at(side.raw.root.parent, side.database).read(sha256)
    assert not Side.at(side.raw.root.parent, side.database).originals.is_intact(sha256)


def test_no_flipped_bit_ever_gives_other_bytes(side: Side) -> None:
    content = build(30_000)
    [sha256] = side.settled(content)
    path = side.pack_of(sha256)
    whole = path.read_bytes()

    for place in range(0, len(whole), 97):
        damage(path, place)

        with pytest.raises(PackDamaged):
            side.read(sha256)

        path.write_bytes(whole)
    assert side.read(sha256) == content


def test_sending_a_file_again_heals_it(side: Side) -> None:
    content = build()
    [sha256] = side.settled(content)
    damage(side.pack_of(sha256))

    side.originals.put([content])

    assert side.read(sha256) == content
    assert side.settling.settle_one(sha256, later(), now())
    assert not side.raw.exists(sha256)
    assert side.read(sha256) == content


def test_a_file_that_shared_a_damaged_pack_heals_on_its_own(side: Side) -> None:
    before = build()
    after = next_build(before)
    [first, second] = side.settled(before, after)
    damage(side.pack_of(first))
    assert not side.originals.is_intact(second)

    side.originals.put([after])

    assert side.settling.settle_one(second, later(), now())
    assert side.read(second) == after
    with pytest.raises(PackDamaged, match=first):
        side.read(first)
    side.forget_all()
    assert side.originals.exists(first)


def test_a_new_file_never_builds_on_a_damaged_pack(side: Side) -> None:
    before = build()
    [first] = side.settled(before)
    damage(side.pack_of(first))

    [second] = side.settled(next_build(before))

    assert side.read(second) == next_build(before)


def test_deleting_one_file_takes_no_piece_of_another(side: Side) -> None:
    before = build()
    sha256s = [side.settled(before)[0], side.settled(next_build(before))[0]]
    ReleaseFiles(side.database).delete_bundle(1, REMOVAL)

    side.forget_all()

    assert side.read(sha256s[1]) == next_build(before)
    ReleaseFiles(side.database).delete_bundle(2, REMOVAL)
    side.forget_all()
    assert [side.originals.exists(sha256) for sha256 in sha256s] == [False, False]
    assert list(side.files.older_than(later())) == []


def test_a_pack_of_a_file_that_is_named_again_in_time_stays(side: Side) -> None:
    content = build()
    [sha256] = side.settled(content)
    ReleaseFiles(side.database).delete_bundle(1, REMOVAL)
    side.packs.retire_unwanted(later(), now())
    assert side.originals.exists(sha256)
    files = (NewFile(ArtifactType.SOURCE_MAP, sha256, None, None, sha256, 1),)
    bundle = NewBundle(None, Sha1("b" * 40), None, 1, None, files)

    Artifacts(side.database).save(bundle, None, now(), side.originals.exists)
    side.forget_all()

    assert side.read(sha256) == content


def test_another_process_gets_a_path(side: Side) -> None:
    content = build()
    [packed] = side.settled(content)
    [raw] = side.upload(build(seed=2))

    with side.originals.as_file(packed) as path, side.originals.as_file(raw) as other:
        side.raw.delete(raw)

        assert path.read_bytes() == content
        assert other.read_bytes() == build(seed=2)

    assert list((side.raw.root / "tmp").iterdir()) == []


def test_a_path_stays_while_old_files_are_packed_and_swept(side: Side) -> None:
    [sha256] = side.upload(build())
    long_ago = (now() - timedelta(days=3)).timestamp()
    os.utime(side.raw.path(sha256), (long_ago, long_ago))

    with side.originals.as_file(sha256) as path:
        assert side.settling.settle(now()) == 0
        assert side.raw.sweep(now() - timedelta(days=1)) == 0

        assert path.read_bytes() == build()


def test_another_process_gets_no_path_to_damage(side: Side) -> None:
    [sha256] = side.settled(build())
    damage(side.pack_of(sha256))

    with pytest.raises(PackDamaged), side.originals.as_file(sha256):
        pass

    assert list((side.raw.root / "tmp").iterdir()) == []


def test_what_is_nowhere_says_so(side: Side) -> None:
    missing = hashlib.sha256(b"never uploaded").hexdigest()

    with pytest.raises(BlobNotFound):
        side.originals.open(missing)
    with pytest.raises(BlobNotFound):
        side.originals.size(missing)
    with pytest.raises(BlobNotFound), side.originals.as_file(missing):
        pass
    assert not side.originals.exists(missing)
