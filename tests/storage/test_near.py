"""Copies of a bucket's files on this machine: bounded, expendable, and never believed when damaged."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from headwater.storage.files.bucket_connection import Bounds
from headwater.storage.files.bucket_stores import bucket_of
from headwater.storage.files.near import RENEWED_AGAIN_SECONDS, TOUCHED_AGAIN_SECONDS, Near
from headwater.storage.files.unreachable import StorageUnreachable
from tests.faulty_proxy import Fault
from tests.s3_server import Remote

LIMIT = 10_000
SIZE = 1_000


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


Machine = Callable[[str], Near]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def machine(remote: Remote, tmp_path: Path, clock: Clock) -> Machine:
    """A machine of this name, which works on the bucket."""

    def made(name: str) -> Near:
        bucket = bucket_of(remote.url, tmp_path / name / "scratch", Bounds(1, 1, 1), clock)
        return Near(bucket, tmp_path / name / "copies", LIMIT, clock)

    return made


def keep(near: Near, key: str) -> None:
    temporary = near.temporary()
    temporary.write_bytes(content(key))
    near.adopt(temporary, key, is_synced=False)


def content(key: str) -> bytes:
    return key.encode().ljust(SIZE, b".")


def copies(near: Near) -> list[str]:
    return sorted(path.name for path in near.folder.rglob("*") if path.is_file())


def read(near: Near, key: str) -> bytes:
    return bytes(near.reading(key).read([(0, SIZE)])[0])


def test_what_one_machine_keeps_another_fetches_once(machine: Machine, remote: Remote) -> None:
    one, other = machine("one"), machine("other")
    keep(one, "1/ab/x")
    assert read(other, "1/ab/x") == content("1/ab/x")

    remote.proxy.fault = Fault.GONE

    assert read(other, "1/ab/x") == read(one, "1/ab/x") == content("1/ab/x")


def test_copies_that_were_used_longest_ago_make_room(machine: Machine) -> None:
    near = machine("one")
    for number in range(10):
        keep(near, f"1/ab/{number}")
        os.utime(near.folder / f"1/ab/{number}", (number, number))
    read(near, "1/ab/0")

    keep(near, "1/ab/new")

    assert sum(path.stat().st_size for path in near.folder.rglob("*") if path.is_file()) <= LIMIT
    assert {"0", "new"} <= set(copies(near))
    assert "1" not in copies(near)
    assert read(near, "1/ab/1") == content("1/ab/1")


def test_a_copy_that_is_read_stays_however_long_ago_it_was_opened(
    machine: Machine, clock: Clock
) -> None:
    near = machine("one")
    for number in range(10):
        keep(near, f"1/ab/{number}")
    reading = near.reading("1/ab/0")
    for number in range(10):
        os.utime(near.folder / f"1/ab/{number}", (number, number))
    clock.now += TOUCHED_AGAIN_SECONDS + 1
    reading.read([(0, 1)])

    keep(near, "1/ab/new")

    assert {"0", "new"} <= set(copies(near))
    assert "1" not in copies(near)


def test_a_file_for_which_there_is_no_room_names_the_setting(
    machine: Machine, remote: Remote
) -> None:
    remote.put("maps/1/ab/large", b"." * (LIMIT + 1))

    with pytest.raises(StorageUnreachable, match="HEADWATER_SOURCEMAP_CACHE leaves no room"):
        machine("one").reading("1/ab/large")


def test_a_file_that_is_being_read_is_fetched_again_if_its_copy_went(machine: Machine) -> None:
    near = machine("one")
    keep(near, "1/ab/x")
    reading = near.reading("1/ab/x")
    near.renew("1/ab/x")
    assert copies(near) == []

    assert bytes(reading.read([(0, 6)])[0]) == b"1/ab/x"


def test_a_damaged_copy_is_let_go_once_and_then_the_file_itself_is_to_blame(
    machine: Machine, clock: Clock
) -> None:
    near = machine("one")
    keep(near, "1/ab/x")
    (near.folder / "1/ab/x").write_bytes(b"damaged")
    assert read(near, "1/ab/x") == b"damaged"

    assert near.renew("1/ab/x")
    assert read(near, "1/ab/x") == content("1/ab/x")

    assert not near.renew("1/ab/x")
    clock.now += RENEWED_AGAIN_SECONDS + 1
    assert near.renew("1/ab/x")


def test_after_a_failure_the_bucket_is_left_alone_for_a_while_and_then_asked_again(
    machine: Machine, remote: Remote, clock: Clock
) -> None:
    keep(machine("one"), "1/ab/x")
    near = machine("other")
    remote.proxy.fault = Fault.GONE
    with pytest.raises(StorageUnreachable):
        near.reading("1/ab/x")
    asked = remote.proxy.requests

    with pytest.raises(StorageUnreachable, match="breaks connections off; it is asked again"):
        near.reading("1/ab/x")
    assert remote.proxy.requests == asked

    remote.proxy.fault = Fault.NONE
    clock.now += 60
    assert read(near, "1/ab/x") == content("1/ab/x")


def test_a_file_that_is_lost_in_the_bucket_is_lost(machine: Machine, remote: Remote) -> None:
    keep(machine("one"), "1/ab/x")
    remote.delete("maps/1/ab/x")

    with pytest.raises(FileNotFoundError):
        machine("other").reading("1/ab/x")
