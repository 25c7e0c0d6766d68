"""Several children that compile: shared out among homes, and started when needed."""

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from headwater.artifacts.compiler import Compiler
from headwater.artifacts.compilers import Compilers
from headwater.artifacts.inspection import Inspection, Inspector
from headwater.artifacts.opened import OpenedMaps
from headwater.protocol.bundle import ArtifactType
from headwater.storage.uploads.home import Home
from tests.upload_side import MAP, UploadSide


class Children:
    """Compilers, and the children that they were made of."""

    def __init__(self, side: UploadSide) -> None:
        self.made: list[Compiler] = []
        self.compilers = Compilers(self._make, limit=3, per_home=2)
        opened = OpenedMaps(side.compiled_files, side.compiled)
        self._inspector = Inspector(side.making, opened, self.compilers)

    def look(self, home: Home, sha256: str) -> Inspection:
        return self._inspector.inspect(home, sha256, ArtifactType.SOURCE_MAP)

    def _make(self) -> Compiler:
        self.made.append(Compiler())
        return self.made[-1]


@pytest.fixture
def children(side: UploadSide) -> Iterator[Children]:
    children = Children(side)
    yield children
    children.compilers.close()


@pytest.fixture
def good(side: UploadSide) -> list[str]:
    """Stored maps."""
    return [side.files.put([MAP, b" " * number])[0] for number in range(2)]


@pytest.fixture
def slow(side: UploadSide) -> Path:
    """A file that is read until somebody has written it."""
    path = side.files.path(hashlib.sha256(b"slow").hexdigest())
    path.parent.mkdir(parents=True)
    os.mkfifo(path)
    return path


def test_one_file_after_the_other_needs_one_child(children: Children, good: list[str]) -> None:
    assert children.look(1, good[0]).has_map
    assert children.look(2, good[1]).has_map

    assert len(children.made) == 1


def test_one_homes_slow_files_do_not_keep_another_waiting(
    children: Children, good: list[str], slow: Path
) -> None:
    sha256 = slow.parent.name + slow.name
    with ThreadPoolExecutor(4) as threads:
        waiting = [threads.submit(children.look, 1, sha256) for _ in range(4)]

        assert children.look(2, good[0]).has_map
        assert not any(run.done() for run in waiting)

        while not all(run.done() for run in waiting):
            with suppress(OSError):  # nobody has opened it for reading yet, or any more
                os.close(os.open(slow, os.O_WRONLY | os.O_NONBLOCK))
    assert len(children.made) <= 3


def test_a_child_is_given_back_when_its_file_is_bad(side: UploadSide, children: Children) -> None:
    for number in range(4):
        bad, _ = side.files.put([b"nonsense", bytes(number)])
        assert children.look(1, bad).fault is not None

    assert len(children.made) == 1


def test_the_children_are_ended(children: Children, good: list[str]) -> None:
    children.look(1, good[0])

    children.compilers.close()

    assert [child.pid for child in children.made] == [None]
