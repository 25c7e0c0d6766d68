"""How far behind the digest is can be asked beside it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from headwater.storage.queue.backlog import oldest_waiting
from tests.databases import sqlite_only
from tests.event_side import event_side, minified_event


def test_the_oldest_event_that_waits_is_told_until_it_is_digested(tmp_path: Path) -> None:
    before = datetime.now(UTC)
    with event_side(tmp_path) as side:
        assert oldest_waiting(side.database, tmp_path / "queue") is None
        side.digest(minified_event("a" * 32))
        assert oldest_waiting(side.database, tmp_path / "queue") is None

        side.put(minified_event("b" * 32))
        oldest = oldest_waiting(side.database, tmp_path / "queue")
        side.put(minified_event("c" * 32))

        assert oldest is not None
        assert before <= oldest <= datetime.now(UTC)
        assert oldest_waiting(side.database, tmp_path / "queue") == oldest


@sqlite_only
@pytest.mark.parametrize("damage", [b"", b"\xf1HwR\xff\xff"])
def test_a_segment_without_a_readable_record_has_none_that_waits(
    tmp_path: Path, damage: bytes
) -> None:
    with event_side(tmp_path) as side:
        (tmp_path / "queue").mkdir(exist_ok=True)
        (tmp_path / "queue" / f"{1:020d}-0123abcd.journal").write_bytes(damage)

        assert oldest_waiting(side.database, tmp_path / "queue") is None
