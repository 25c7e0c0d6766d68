"""Several children that decode: shared out among homes, and started when needed."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from headwater.artifacts.inspection import Inspection
from headwater.artifacts.inspector import Inspector
from headwater.artifacts.inspectors import Inspectors
from headwater.protocol.bundle import ArtifactType
from headwater.storage.home import Home
from tests.upload_side import MAP


class Children:
    """Inspectors, and the children that they were made of."""

    def __init__(self, limit: int, per_home: int) -> None:
        self.made: list[Inspector] = []
        self.inspectors = Inspectors(self._make, limit, per_home)

    def look(self, home: Home, path: Path) -> Inspection:
        return self.inspectors.inspect(home, path, ArtifactType.SOURCE_MAP, None)

    def _make(self) -> Inspector:
        self.made.append(Inspector())
        return self.made[-1]


@pytest.fixture
def children() -> Iterator[Children]:
    children = Children(limit=3, per_home=2)
    yield children
    children.inspectors.close()


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good"
    path.write_bytes(MAP)
    return path


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    """A file that is read until somebody has written it."""
    os.mkfifo(tmp_path / "slow")
    return tmp_path / "slow"


def test_one_file_after_the_other_needs_one_child(children: Children, good: Path) -> None:
    assert children.look(1, good).has_map
    assert children.look(2, good).has_map

    assert len(children.made) == 1


def test_one_homes_slow_files_do_not_keep_another_waiting(
    children: Children, good: Path, slow: Path
) -> None:
    with ThreadPoolExecutor(4) as threads:
        waiting = [threads.submit(children.look, 1, slow) for _ in range(4)]

        assert children.look(2, good).has_map
        assert not any(run.done() for run in waiting)

        while not all(run.done() for run in waiting):
            with suppress(OSError):  # nobody has opened it for reading yet, or any more
                os.close(os.open(slow, os.O_WRONLY | os.O_NONBLOCK))
    assert len(children.made) <= 3


def test_a_child_is_given_back_when_its_file_is_bad(children: Children, tmp_path: Path) -> None:
    for _ in range(4):
        assert children.look(1, tmp_path / "gone").fault is not None

    assert len(children.made) == 1


def test_the_children_are_ended(children: Children, good: Path) -> None:
    children.look(1, good)

    children.inspectors.close()

    assert [child.pid for child in children.made] == [None]
