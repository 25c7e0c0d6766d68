"""What was freed is the system's again."""

import os
import platform
from pathlib import Path

import pytest

from headwater.storage import freed_memory
from headwater.storage.freed_memory import WORTH_GIVING, FreedMemory

PIECE = 16 * 1024
PIECES = 4_000


@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc",
    reason="another allocator gives back what it likes",
)
def test_memory_that_lies_between_what_is_used_is_given_back() -> None:
    pieces = [bytearray(PIECE) for _ in range(PIECES)]
    kept = pieces[::50]
    del pieces
    before = resident()

    FreedMemory().give_back()

    assert before - resident() > PIECE * PIECES / 2
    assert len(kept) == PIECES / 50


def test_nobody_is_stopped_for_what_is_not_worth_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    trimmed: list[int] = []
    statm = tmp_path / "statm"
    monkeypatch.setattr(freed_memory, "_trim", trimmed.append)
    monkeypatch.setattr(freed_memory, "_STATM", statm)
    worth = WORTH_GIVING // os.sysconf("SC_PAGE_SIZE")
    memory = FreedMemory()

    for pages, times in ((2 * worth, 1), (3 * worth, 1), (3 * worth + 1, 2), (2 * worth, 2)):
        statm.write_text(f"{9 * worth} {pages} 0 0 0 0 0")
        memory.give_back()

        assert len(trimmed) == times


def test_where_the_system_does_not_say_how_much_there_is_nothing_happens(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    trimmed: list[int] = []
    monkeypatch.setattr(freed_memory, "_trim", trimmed.append)
    monkeypatch.setattr(freed_memory, "_STATM", tmp_path / "away")

    FreedMemory().give_back()

    assert not trimmed


def resident() -> int:
    """Bytes."""
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
