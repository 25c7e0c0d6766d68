"""Decoding in a child process: what is found, and what can't hurt the server."""

import base64
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from headwater.artifacts.inspection import Inspection
from headwater.artifacts.inspector import INSPECTION_MEMORY, Inspector
from headwater.protocol.bundle import ArtifactType
from headwater.protocol.debug_id import DebugId
from tests.upload_side import DEBUG_ID, MAP, SCRIPT

MEGABYTE = 1024**2
CHILD_BOUND = 2048 * MEGABYTE
"""The child can't have more than its address space, INSPECTION_MEMORY."""


@pytest.fixture(scope="module")
def inspector() -> Iterator[Inspector]:
    """A child for all tests here that do no harm to it."""
    inspector = Inspector()
    yield inspector
    inspector.close()


@pytest.fixture
def own() -> Iterator[Inspector]:
    """A child that the test may end."""
    inspector = Inspector(memory=400 * MEGABYTE, seconds=3)
    yield inspector
    inspector.close()


def look(
    inspector: Inspector,
    folder: Path,
    content: bytes,
    kind: ArtifactType = ArtifactType.SOURCE_MAP,
    reference: str | None = None,
) -> Inspection:
    path = folder / "file"
    path.write_bytes(content)
    return inspector.inspect(path, kind, reference)


def huge_map(sources: int) -> bytes:
    """A map with this many megabytes of source text."""
    return json.dumps(
        {
            "version": 3,
            "sources": [f"{number}.js" for number in range(sources)],
            "sourcesContent": ["x = 1;\n" * (MEGABYTE // 7)] * sources,
            "names": [],
            "mappings": ",".join(["AAAA", *["IAAI"] * 1_000_000]),
        }
    ).encode()


def test_a_map_is_decoded(inspector: Inspector, tmp_path: Path) -> None:
    assert look(inspector, tmp_path, MAP) == Inspection(has_map=True)


def test_a_debug_id_inside_of_a_file_is_found(inspector: Inspector, tmp_path: Path) -> None:
    with_id = json.dumps({**json.loads(MAP), "debugId": DEBUG_ID.upper()}).encode()
    script = SCRIPT + f"//# debugId={DEBUG_ID}\n".encode()

    assert look(inspector, tmp_path, with_id).debug_id == DEBUG_ID
    found = look(inspector, tmp_path, script, ArtifactType.MINIFIED_SOURCE)
    assert found == Inspection(debug_id=DebugId(DEBUG_ID))


def test_a_map_inside_of_a_script_counts(inspector: Inspector, tmp_path: Path) -> None:
    url = "data:application/json;base64," + base64.b64encode(MAP).decode()
    script = f"x\n//# sourceMappingURL={url}\n".encode()
    kind = ArtifactType.MINIFIED_SOURCE

    assert look(inspector, tmp_path, script, kind).has_map
    assert look(inspector, tmp_path, b"x", kind, reference=url).has_map
    assert not look(inspector, tmp_path, SCRIPT, kind).has_map
    assert not look(inspector, tmp_path, b"x", kind, reference="data:,nonsense").has_map


def test_other_files_are_not_looked_into(inspector: Inspector, tmp_path: Path) -> None:
    assert look(inspector, tmp_path, b"\xff\x00", ArtifactType.SOURCE) == Inspection()


@pytest.mark.parametrize("content", [b"", b"not JSON", b"[]", b"{", b"\xff\xfe", b"[" * 1_000_000])
def test_what_is_no_map_has_a_fault(inspector: Inspector, tmp_path: Path, content: bytes) -> None:
    found = look(inspector, tmp_path, content)

    assert found.fault is not None
    assert found.fault.startswith("can't be decoded as a source map: ")
    assert not found.has_map


def test_a_file_that_is_gone_has_a_fault(inspector: Inspector, tmp_path: Path) -> None:
    found = inspector.inspect(tmp_path / "gone", ArtifactType.SOURCE_MAP, None)

    assert found.fault == "could not be read back from storage: No such file or directory"


def test_a_map_that_needs_too_much_memory_ends_nothing(own: Inspector, tmp_path: Path) -> None:
    found = look(own, tmp_path, huge_map(300))

    assert found.fault == "is over a limit: decoding it needs more memory than the server allows"
    assert look(own, tmp_path, MAP).has_map


def test_a_child_that_was_killed_is_replaced(own: Inspector, tmp_path: Path) -> None:
    assert look(own, tmp_path, MAP).has_map
    first = own.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)

    found = look(own, tmp_path, MAP)
    again = look(own, tmp_path, MAP)

    assert again.has_map
    assert found.has_map or found.fault is not None
    assert own.pid != first


def test_a_child_that_takes_too_long_is_ended(own: Inspector, tmp_path: Path) -> None:
    # A pipe that nobody writes to: reading it never ends.
    os.mkfifo(tmp_path / "endless")

    found = own.inspect(tmp_path / "endless", ArtifactType.SOURCE_MAP, None)

    assert found.fault == "is over a limit: decoding it takes more than 3 seconds"
    assert look(own, tmp_path, MAP).has_map


def test_a_map_of_a_hundred_megabytes_is_decoded_within_the_childs_memory(tmp_path: Path) -> None:
    inspector = Inspector()
    content = huge_map(100)
    assert len(content) > 100 * MEGABYTE

    found = look(inspector, tmp_path, content)
    status = Path(f"/proc/{inspector.pid}/status").read_text()
    inspector.close()

    peak = int(status.split("VmHWM:")[1].split()[0]) * 1024
    print(f"peak of the child: {peak / MEGABYTE:.0f} MB for {len(content) / MEGABYTE:.0f} MB")
    assert found.has_map
    assert peak < CHILD_BOUND == INSPECTION_MEMORY
