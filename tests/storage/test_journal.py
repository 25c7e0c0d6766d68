"""The queue of an instance on SQLite: nothing that was acknowledged is lost, nothing comes twice."""

import fcntl
import os
import subprocess
import sys
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.storage.database import Database
from headwater.storage.queue import waiting_room
from headwater.storage.queue.journal import segment as segment_module
from headwater.storage.queue.journal import segments
from headwater.storage.queue.journal.reader import JournalReader
from headwater.storage.queue.journal.records import MARK, read, written
from headwater.storage.queue.journal.writer import JournalWriter
from headwater.storage.queue.queue import (
    MAX_CLAIM,
    QueuedEnvelope,
    QueueFull,
    QueueUnavailable,
    submit,
)
from tests.databases import sqlite_only

pytestmark = sqlite_only

NOON = datetime(2026, 11, 1, 12, 0, 0, 123456, tzinfo=UTC)
ID = "9a00dac2cd571ff910f2694180a6fdc4"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "queue"


def _fill(writer: JournalWriter, *envelopes: bytes) -> None:
    for done in [submit(writer, 1, envelope, NOON) for envelope in envelopes]:
        done.result(timeout=30)


def _written(folder: Path, *envelopes: bytes) -> None:
    """By a process that has ended since."""
    writer = JournalWriter(folder)
    _fill(writer, *envelopes)
    writer.close()


def _reader(folder: Path, database: Database) -> JournalReader:
    """As a worker has it that was just started."""
    reader = JournalReader(folder, database)
    reader.start_over()
    return reader


def _finish(database: Database, reader: JournalReader, claimed: list[QueuedEnvelope]) -> None:
    with database.write() as connection:
        reader.finish(connection, claimed)


def _all(database: Database, reader: JournalReader) -> list[bytes]:
    """Every envelope that is left, each finished."""
    found: list[bytes] = []
    while claimed := list(reader.claim(100, NOON)):
        _finish(database, reader, claimed)
        found += [one.envelope for one in claimed]
    return found


def test_everything_that_was_put_comes_out_as_it_was(folder: Path, database: Database) -> None:
    writer = JournalWriter(folder)
    submit(writer, 7, b"hello", NOON, ID, "gzip").result(timeout=30)

    (claimed,) = _reader(folder, database).claim(10, NOON)

    assert (claimed.project_id, claimed.envelope, claimed.received_at) == (7, b"hello", NOON)
    assert (claimed.event_id, claimed.encoding, claimed.attempts) == (ID, "gzip", 1)
    writer.close()


def test_what_is_finished_does_not_come_again_and_what_is_not_does(
    folder: Path, database: Database
) -> None:
    _written(folder, b"a", b"b", b"c")
    first = _reader(folder, database)
    claimed = list(first.claim(2, NOON))
    _finish(database, first, claimed[:1])
    first.close()

    assert _all(database, _reader(folder, database)) == [b"b", b"c"]


def test_a_finish_that_is_undone_has_finished_nothing(folder: Path, database: Database) -> None:
    _written(folder, b"a")
    reader = _reader(folder, database)
    claimed = list(reader.claim(10, NOON))

    with pytest.raises(ZeroDivisionError):
        _finish_and_undo(database, reader, claimed)
    reader.give_back(claimed, were_tried=True)

    assert _all(database, reader) == [b"a"]


def _finish_and_undo(
    database: Database, reader: JournalReader, claimed: list[QueuedEnvelope]
) -> None:
    with database.write() as connection:
        reader.finish(connection, claimed)
        raise ZeroDivisionError


def test_a_reader_follows_its_living_writer(folder: Path, database: Database) -> None:
    writer, reader = JournalWriter(folder), _reader(folder, database)
    for envelope in (b"a", b"b", b"c"):
        _fill(writer, envelope)
        assert _all(database, reader) == [envelope]
        assert reader.claim(10, NOON) == ()
    writer.close()


def test_segments_are_deleted_when_they_are_read_and_their_writer_is_gone(
    folder: Path, database: Database
) -> None:
    writer, reader = JournalWriter(folder), _reader(folder, database)
    _fill(writer, b"a")
    assert _all(database, reader) == [b"a"]
    assert len(segments.names(folder)) == 1

    writer.close()
    assert reader.claim(10, NOON) == ()

    assert segments.names(folder) == []


def test_a_full_segment_is_followed_by_another(
    folder: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "SEGMENT_BYTES", 4096)
    envelopes = [bytes([65 + number]) * 1000 for number in range(20)]
    writer = JournalWriter(folder)
    for envelope in envelopes:
        _fill(writer, envelope)
    writer.close()
    assert len(segments.names(folder)) > 3

    assert _all(database, _reader(folder, database)) == envelopes


def test_an_envelope_larger_than_a_segment_and_a_window_fits(
    folder: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "SEGMENT_BYTES", 4096)
    monkeypatch.setattr(segment_module, "WINDOW", 1000)
    envelopes = [b"a" * 10, b"b" * 5000, b"c" * 900, b"d" * 2000]
    _written(folder, *envelopes)

    assert _all(database, _reader(folder, database)) == envelopes


def test_a_segment_that_is_found_before_its_writer_has_locked_it_loses_nothing(
    folder: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = _reader(folder, database)
    locked = fcntl.flock
    finds = iter([None])

    def flock(descriptor: int, operation: int) -> None:
        for _ in finds:  # once, and what it does itself is not meant
            reader.claim(10, NOON)
        locked(descriptor, operation)

    monkeypatch.setattr("headwater.storage.queue.journal.segments.fcntl.flock", flock)
    _written(folder, b"a")

    assert _all(database, _reader(folder, database)) == [b"a"]


def test_several_writers_put_into_one_queue(folder: Path, database: Database) -> None:
    one, other = JournalWriter(folder), JournalWriter(folder)
    _fill(one, b"a")
    _fill(other, b"b")
    reader = _reader(folder, database)

    assert sorted(_all(database, reader)) == [b"a", b"b"]
    _fill(one, b"c")
    assert _all(database, reader) == [b"c"]
    one.close()
    other.close()


@given(cut=st.integers(0, 200), envelopes=st.lists(st.binary(max_size=60), max_size=5))
def test_a_torn_end_loses_what_was_not_written_whole_and_nothing_before(
    tmp_path_factory: pytest.TempPathFactory, cut: int, envelopes: list[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("queue")
    name, descriptor = segments.make(folder, 4096)
    records = [written(1, each, NOON, "", "", segments.salt_of(name)) for each in envelopes]
    whole = b"".join(records)
    kept = max(0, len(whole) - cut)
    os.pwrite(descriptor, whole[:kept], 0)
    os.close(descriptor)

    segment = segment_module.Segment(folder, name, 0)
    found = [record.body for record in segment.records(100)]

    # What is not written is zeros, which may be what it would have been.
    there = whole[:kept].ljust(len(whole), b"\0")
    ends = [sum(map(len, records[: index + 1])) for index in range(len(records))]
    intact = [there[:end] == whole[:end] for end in ends]
    assert found == [each for each, is_whole in zip(envelopes, intact, strict=True) if is_whole]
    segment.close()


def test_a_damaged_place_is_stepped_over_and_the_segment_put_aside(
    folder: Path, database: Database
) -> None:
    _written(folder, b"a" * 100, b"b" * 100, b"c" * 100)
    (name,) = segments.names(folder)
    path = folder / name
    damaged = path.read_bytes().replace(b"b" * 100, b"b" * 99 + b"x")
    path.write_bytes(damaged)
    reader = _reader(folder, database)

    found: list[bytes] = []
    for _ in range(4):
        found += _all(database, reader)

    assert found == [b"a" * 100, b"c" * 100]
    assert segments.names(folder) == []
    assert path.with_suffix(".damaged").read_bytes() == damaged


def test_a_record_that_is_written_to_its_end_while_it_is_given_up_is_not_lost(
    folder: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, descriptor = segments.make(folder, 4096)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    first, second = (
        written(1, each, NOON, "", "", segments.salt_of(name)) for each in (b"a", b"b")
    )
    os.pwrite(descriptor, first[:20], 0)
    look = segment_module.Segment._next_readable  # noqa: SLF001 # the moment before it

    def next_readable(segment: segment_module.Segment) -> int | None:
        os.pwrite(descriptor, first + second, 0)
        return look(segment)

    monkeypatch.setattr(segment_module, "SETTLE_SECONDS", 0)
    monkeypatch.setattr(segment_module.Segment, "_next_readable", next_readable)
    reader = _reader(folder, database)

    found = [one for _ in range(3) for one in _all(database, reader)]

    assert found == [b"a", b"b"]
    os.close(descriptor)


def test_a_segment_that_can_not_be_deleted_is_not_read_again(
    folder: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    _written(folder, b"a")
    reader = _reader(folder, database)
    _finish(database, reader, list(reader.claim(10, NOON)))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", _refuse)
        with pytest.raises(PermissionError):
            reader.claim(10, NOON)

    assert _all(database, reader) == []
    assert segments.names(folder) == []


def _refuse(_path: Path, **_named: bool) -> None:
    raise PermissionError(1, "Operation not permitted")


def test_bytes_that_a_client_makes_look_like_a_record_are_none(
    folder: Path, database: Database
) -> None:
    forged = written(2, b"from nobody", NOON, "", "", salt=0)
    assert read(forged, 0, 0, 0) is not None
    _written(folder, b"a" * 10, b"b" + forged + MARK * 20, b"c" * 10)
    (name,) = segments.names(folder)
    content = (folder / name).read_bytes()
    # The record that holds the forged one is damaged, so that what is behind its head is looked at.
    (folder / name).write_bytes(content.replace(b"b" + forged, b"x" + forged))
    reader = _reader(folder, database)

    found = [one for _ in range(4) for one in _all(database, reader)]

    assert found == [b"a" * 10, b"c" * 10]


def test_an_envelope_that_a_worker_died_of_comes_alone_the_next_time(
    folder: Path, database: Database
) -> None:
    _written(folder, b"a", b"b", b"c")
    _reader(folder, database).claim(10, NOON)  # and is killed

    second = _reader(folder, database)
    (alone,) = second.claim(10, NOON)
    third = _reader(folder, database)
    (again,) = third.claim(10, NOON)

    assert (alone.envelope, alone.attempts) == (b"a", 1)
    assert (again.envelope, again.attempts) == (b"a", 2)
    _finish(database, third, [again])
    assert [(one.envelope, one.attempts) for one in third.claim(10, NOON)] == [(b"b", 1)]


def test_after_a_clean_end_nobody_is_suspected(folder: Path, database: Database) -> None:
    _written(folder, b"a", b"b", b"c")
    first = _reader(folder, database)
    first.give_back(list(first.claim(10, NOON)), were_tried=False)
    first.close()

    assert len(_reader(folder, database).claim(10, NOON)) == 3


def test_an_attempt_that_was_none_is_not_counted(folder: Path, database: Database) -> None:
    _written(folder, b"a")
    _reader(folder, database).claim(10, NOON)

    for _ in range(3):
        reader = _reader(folder, database)
        reader.give_back(list(reader.claim(10, NOON)), were_tried=False)

    assert [one.attempts for one in _reader(folder, database).claim(10, NOON)] == [1]


def test_a_claim_is_bounded(
    folder: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segment_module, "MAX_BATCH_BYTES", 250)
    _written(folder, *[b"a" * 100] * 3, b"b" * 400, *[b""] * (MAX_CLAIM + 1))
    reader = _reader(folder, database)

    sizes = [len(reader.claim(10_000, NOON)) for _ in range(4)]

    assert sizes == [2, 1, 1, MAX_CLAIM]


def test_more_on_disk_than_the_limit_is_refused_and_room_comes_back(
    folder: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "SEGMENT_BYTES", 4096)
    writer = JournalWriter(folder, max_bytes=10_000)
    waiting = [submit(writer, 1, b"a" * 1000, NOON) for _ in range(30)]
    outcomes = [_outcome(done) for done in waiting]
    assert "HEADWATER_MAX_QUEUE" in next(each for each in outcomes if each)
    reader = _reader(folder, database)

    assert len(_all(database, reader)) == outcomes.count("")
    assert reader.claim(1, NOON) == ()
    _fill(writer, b"b")

    assert _all(database, reader) == [b"b"]
    writer.close()


def test_a_limit_below_the_usual_length_of_a_segment_still_lets_envelopes_in(
    folder: Path, database: Database
) -> None:
    writer = JournalWriter(folder, max_bytes=100_000)
    outcomes = [_outcome(submit(writer, 1, b"a" * 1000, NOON)) for _ in range(200)]

    assert 50 < outcomes.count("") < 100
    assert segments.total_bytes(folder) <= 100_000
    assert len(_all(database, _reader(folder, database))) == outcomes.count("")
    writer.close()


def _outcome(done: Future[None]) -> str:
    try:
        done.result(timeout=30)
    except QueueUnavailable as error:
        return str(error)
    return ""


def test_a_disk_that_fails_is_said_and_what_comes_after_is_kept(
    folder: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = JournalWriter(folder)
    _fill(writer, b"a")
    with monkeypatch.context() as patched:
        patched.setattr(segments, "sync", _fail)
        assert "the disk did not take it" in _outcome(submit(writer, 1, b"b", NOON))

    _fill(writer, b"c")

    found = _all(database, _reader(folder, database))
    # What was not acknowledged may be there or not; what was, is.
    assert [each for each in found if each != b"b"] == [b"a", b"c"]
    writer.close()


def _fail(_descriptor: int) -> None:
    raise OSError(5, "Input/output error")


def test_too_many_waiting_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting_room, "MAX_WAITING", 0)
    with pytest.raises(QueueFull, match="0 envelopes are waiting"):
        submit(JournalWriter(folder), 1, b"a", NOON)


def test_closing_writes_what_waits_and_takes_no_more(folder: Path, database: Database) -> None:
    writer = JournalWriter(folder)
    waiting = [submit(writer, 1, b"a", NOON) for _ in range(20)]

    writer.close()

    assert [_outcome(done) for done in waiting] == [""] * 20
    assert len(_all(database, _reader(folder, database))) == 20
    with pytest.raises(QueueFull, match="shutting down"):
        submit(writer, 1, b"a", NOON)


_KILLED = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from headwater.storage.queue.journal.writer import JournalWriter
from headwater.storage.queue.queue import submit

writer = JournalWriter(Path(sys.argv[1]), is_durable=sys.argv[2] == "full")
for number in range(300):
    submit(writer, 1, b"%d" % number, datetime.now(UTC)).result(30)
print("300", flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize("durability", ["full", "relaxed"])
def test_what_a_killed_process_acknowledged_is_there(
    folder: Path, database: Database, durability: str
) -> None:
    command = [sys.executable, "-c", _KILLED, str(folder), durability]
    done = subprocess.run(command, check=False, capture_output=True, timeout=60)
    assert done.stdout == b"300\n"

    found = _all(database, _reader(folder, database))

    assert found == [b"%d" % number for number in range(300)]


def test_a_clock_that_was_set_back_does_not_turn_the_order_around(
    folder: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([5_000, 3_000, 1_000])
    monkeypatch.setattr(
        "headwater.storage.queue.journal.segments.time.time_ns", lambda: next(clock)
    )
    for envelope in (b"a", b"b", b"c"):
        _written(folder, envelope)

    assert _all(database, _reader(folder, database)) == [b"a", b"b", b"c"]


def test_a_writer_goes_on_after_whatever_happened_to_it(
    folder: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = JournalWriter(folder)
    with monkeypatch.context() as patched:
        patched.setattr(segments, "sync", _run_out)
        assert "MemoryError" in _outcome(submit(writer, 1, b"a", NOON))

    _fill(writer, b"b")

    assert _all(database, _reader(folder, database))[-1:] == [b"b"]
    writer.close()


def _run_out(_descriptor: int) -> None:
    raise MemoryError
