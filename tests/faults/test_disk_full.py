"""The disk fills up: what was accepted is kept, more is refused, and it recovers by itself."""

import os
import secrets
import signal
import subprocess
from collections.abc import Iterator
from functools import partial
from http import HTTPStatus
from pathlib import Path

import pytest

from tests.clients.patience import until
from tests.faults.instance import DIGEST, WEB, instance
from tests.faults.load import Load, Refusal, envelope

PATIENCE_SECONDS = 240
DISK = 192 * 1024**2
RESERVE = 80 * 1024**2
SETTINGS = {"HEADWATER_MIN_FREE_DISK": str(RESERVE)}

DISK_FULL = (HTTPStatus.SERVICE_UNAVAILABLE, "5", "5::organization:disk_full")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a small disk of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "headwater-test", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"a small disk can't be mounted here: {getattr(error, 'stderr', error)!r}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def _kinds(refused: Iterator[Refusal]) -> set[tuple[int, str | None, str | None]]:
    return {(each.status, each.retry_after, each.limits) for each in refused}


def test_events_that_fill_the_disk_are_refused_in_time(tmp_path: Path, disk: Path) -> None:
    with instance(tmp_path, disk / "data", **SETTINGS) as server:
        load = Load(
            server, clients=2, seed="full", write=partial(envelope, text="no money" * 12_000)
        )
        server.start(WEB, DIGEST)
        with load.running():
            until(lambda: server.counts().events > 0, PATIENCE_SECONDS, "the digest is at work")
            server.signal(DIGEST, signal.SIGSTOP)
            until(lambda: load.refused.total() > 10, PATIENCE_SECONDS, "the disk is full")
            assert _kinds(iter(load.refused)) == {DISK_FULL}

            server.signal(DIGEST, signal.SIGCONT)
            answers = load.answers
            until(lambda: load.answers > answers + 50, PATIENCE_SECONDS, "events are accepted")
        until(lambda: load.answered <= server.stored(), PATIENCE_SECONDS, "all are stored")

        assert server.is_sound()
        assert server.counts().agree()
        assert set(server.outcomes()) == {"accepted", "duplicate", "disk_full"}


@pytest.mark.parametrize("is_killed", [False, True], ids=["runs on", "is killed"])
def test_a_disk_that_others_fill_to_the_last_byte_costs_nothing_that_was_accepted(
    tmp_path: Path, disk: Path, *, is_killed: bool
) -> None:
    with instance(tmp_path, disk / "data", **SETTINGS) as server:
        load = Load(
            server, clients=2, seed="filled", write=partial(envelope, text=secrets.token_hex(4000))
        )
        server.start(WEB, DIGEST)
        with load.running():
            until(lambda: server.counts().events > 0, PATIENCE_SECONDS, "the digest is at work")
            server.signal(DIGEST, signal.SIGSTOP)
            enough = load.answers + 1500
            until(lambda: load.answers > enough, PATIENCE_SECONDS, "there is much to be digested")
            ballast = _fill(disk)
            server.signal(DIGEST, signal.SIGCONT)
            until(lambda: server.said("database refused") > 3, PATIENCE_SECONDS, "it has no room")
            assert server.counts().agree()
            if is_killed:
                server.kill(WEB, DIGEST)
                server.start(WEB, DIGEST, is_awaited=False)
                until(lambda: server.said("database refused") > 5, PATIENCE_SECONDS, "nor now")
            assert server.is_sound()

            answers = load.answers
            ballast.unlink()
            until(lambda: load.answers > answers + 50, PATIENCE_SECONDS, "events are accepted")
        until(lambda: load.answered <= server.stored(), PATIENCE_SECONDS, "all are stored")

        assert server.is_sound()
        assert server.counts().agree()
        assert {each.status for each in load.refused} == {HTTPStatus.SERVICE_UNAVAILABLE}
        assert not server.outcomes().keys() & {"dead_letter", "malformed_event"}
        assert not [each for each in server.waiting() if not each.endswith(".journal")]


def _fill(disk: Path) -> Path:
    """Down to the last byte, as a backup that somebody put there does."""
    ballast = disk / "ballast"
    descriptor = os.open(ballast, os.O_CREAT | os.O_WRONLY)
    for piece in (1024**2, 4096, 1):
        with pytest.raises(OSError, match="No space left"):
            _write_on(descriptor, b"x" * piece)
    os.close(descriptor)
    return ballast


def _write_on(descriptor: int, piece: bytes) -> None:
    while True:
        os.write(descriptor, piece)
