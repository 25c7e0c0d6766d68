"""One child that compiles, and what becomes of its work when it dies."""

import hashlib
import json
import os
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from headwater.artifacts.compiler import Compiler
from headwater.artifacts.compiler_questions import AskedBack, Compile, Stored, Written
from headwater.storage.files.compiled_files import Kind, new_name
from tests.upload_side import MAP

LONG = json.dumps({**json.loads(MAP), "sourcesContent": ["pay();\n" * 1000]}).encode()
"""A map whose text is looked for in other files."""


@pytest.fixture
def child() -> Iterator[Compiler]:
    child = Compiler()
    yield child
    child.close()


def question(folder: Path, content: bytes) -> Compile:
    sha256 = hashlib.sha256(content).hexdigest()
    path = folder / sha256
    path.write_bytes(content)
    return Compile(Kind.MAP, str(path), sha256, str(new_name(sha256, Kind.MAP)), f"{path}.made")


def nothing_known(_: AskedBack) -> Sequence[Stored]:
    return []


def test_what_a_child_died_of_that_had_done_other_things_is_asked_again(
    child: Compiler, tmp_path: Path
) -> None:
    assert isinstance(child.ask(question(tmp_path, MAP), nothing_known), Written)
    killed: list[int] = []

    def kill_once(_: AskedBack) -> Sequence[Stored]:
        if not killed and child.pid is not None:
            killed.append(child.pid)
            os.kill(child.pid, signal.SIGKILL)
        return []

    answer = child.ask(question(tmp_path, LONG), kill_once)

    assert killed
    assert isinstance(answer, Written), answer
