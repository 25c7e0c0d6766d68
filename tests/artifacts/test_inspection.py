"""Compiling in a child process: what is found, and what can't hurt the server."""

import base64
import hashlib
import json
import os
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from headwater.artifacts.compiler import COMPILER_MEMORY, Compiler, Ended
from headwater.artifacts.compiler_questions import AskedBack, Compile, Stored
from headwater.artifacts.compilers import Compilers
from headwater.artifacts.inspection import Inspection, Inspector
from headwater.artifacts.opened import OpenedMaps
from headwater.bounded_child.parent import Bounds
from headwater.protocol.bundle import ArtifactType
from headwater.protocol.debug_id import DebugId
from headwater.storage.files.compiled_files import Kind
from tests.upload_side import DEBUG_ID, MAP, SCRIPT, UploadSide

MEGABYTE = 1024**2


@pytest.fixture
def own() -> Iterator[Compiler]:
    """A child that the test may end."""
    compiler = Compiler(Bounds(400 * MEGABYTE, 3))
    yield compiler
    compiler.close()


def inspect(
    side: UploadSide,
    sha256: str,
    kind: ArtifactType = ArtifactType.SOURCE_MAP,
    compiler: Compiler | None = None,
) -> Inspection:
    opened = OpenedMaps(side.compiled_files, side.compiled)
    compilers = Compilers(lambda: compiler or side.compiler, limit=1, per_home=1)
    return Inspector(side.making, opened, compilers).inspect(None, sha256, kind)


def look(
    side: UploadSide,
    content: bytes,
    kind: ArtifactType = ArtifactType.SOURCE_MAP,
    compiler: Compiler | None = None,
) -> Inspection:
    return inspect(side, side.files.put([content])[0], kind, compiler)


def endless(side: UploadSide) -> str:
    """A stored file that is a pipe which nobody writes to: reading it never ends."""
    sha256 = hashlib.sha256(b"endless").hexdigest()
    side.files.path(sha256).parent.mkdir(parents=True)
    os.mkfifo(side.files.path(sha256))
    return sha256


def huge_map(sources: int) -> bytes:
    """A map with this many megabytes of source text."""
    return json.dumps(
        {
            "version": 3,
            "sources": [f"{number}.js" for number in range(sources)],
            "sourcesContent": [
                f"// {number}\n" + "x = 1;\n" * (MEGABYTE // 7) for number in range(sources)
            ],
            "names": [],
            "mappings": ",".join(["AAAA", *["IAAI"] * 1_000_000]),
        }
    ).encode()


def test_a_map_is_compiled(side: UploadSide) -> None:
    assert look(side, MAP) == Inspection(has_map=True)

    [name] = side.compiled.find([hashlib.sha256(MAP).hexdigest()])
    assert name.kind is Kind.MAP
    assert side.compiled_files.path(name).is_file()


def test_a_map_that_is_compiled_is_not_compiled_again(side: UploadSide, own: Compiler) -> None:
    look(side, MAP)

    assert look(side, MAP, compiler=own).has_map
    assert own.pid is None


def test_a_compiled_file_that_is_lost_is_made_again(side: UploadSide) -> None:
    look(side, MAP)
    [lost] = side.compiled.find([hashlib.sha256(MAP).hexdigest()])
    side.compiled_files.delete(lost)

    assert look(side, MAP).has_map

    [name] = side.compiled.find([hashlib.sha256(MAP).hexdigest()])
    assert name != lost
    assert side.compiled_files.path(name).is_file()


def test_a_debug_id_inside_of_a_file_is_found(side: UploadSide) -> None:
    with_id = json.dumps({**json.loads(MAP), "debugId": DEBUG_ID.upper()}).encode()
    script = SCRIPT + f"//# debugId={DEBUG_ID}\n".encode()

    assert look(side, with_id).debug_id == DEBUG_ID
    found = look(side, script, ArtifactType.MINIFIED_SOURCE)
    assert found == Inspection(debug_id=DebugId(DEBUG_ID))


def test_a_map_inside_of_a_script_counts(side: UploadSide) -> None:
    url = "data:application/json;base64," + base64.b64encode(MAP).decode()
    kind = ArtifactType.MINIFIED_SOURCE

    assert look(side, f"x\n//# sourceMappingURL={url}\n".encode(), kind).has_map
    assert not look(side, SCRIPT, kind).has_map
    assert not look(side, b"x\n//# sourceMappingURL=data:,nonsense\n", kind).has_map


def test_other_files_are_not_looked_into(side: UploadSide) -> None:
    assert look(side, b"\xff\x00", ArtifactType.SOURCE) == Inspection()


@pytest.mark.parametrize("content", [b"", b"not JSON", b"[]", b"{", b"\xff\xfe", b"[" * 1_000_000])
def test_what_is_no_map_has_a_fault(side: UploadSide, content: bytes) -> None:
    found = look(side, content)

    assert found.fault is not None
    assert found.fault.startswith("is not a source map (")
    assert not found.has_map


def test_a_file_that_is_gone_has_a_fault(side: UploadSide) -> None:
    found = inspect(side, "ab" * 32)

    assert found.fault is not None
    assert found.fault.startswith("could not be read back from storage: ")


def test_a_file_that_was_damaged_has_a_fault(side: UploadSide) -> None:
    sha256, _ = side.files.put([MAP])
    side.files.path(sha256).write_bytes(MAP.replace(b"boom", b"bomb"))

    assert inspect(side, sha256).fault == "is damaged where it is stored"


def test_halves_of_surrogate_pairs_are_mended(side: UploadSide) -> None:
    assert look(side, MAP.replace(b"boom", rb"\ud83d boom")).has_map


def test_a_map_that_needs_too_much_memory_ends_nothing(side: UploadSide) -> None:
    own = Compiler(Bounds(300 * MEGABYTE, 60))

    found = look(side, huge_map(300), compiler=own)

    own.close()
    assert found.fault == (
        "is over a limit: the process that decoded it needed more than the 300 MiB of memory"
        " that it may have"
    )
    assert look(side, MAP).has_map


def test_a_child_that_was_killed_is_replaced(side: UploadSide, own: Compiler) -> None:
    assert look(side, MAP, compiler=own).has_map
    first = own.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)

    assert look(side, MAP.replace(b"boom", b"bang"), compiler=own).has_map
    assert own.pid != first


def test_a_child_that_takes_too_long_is_ended(side: UploadSide, own: Compiler) -> None:
    found = inspect(side, endless(side), compiler=own)

    assert found.fault == "is over a limit: decoding it takes more than 3 seconds"
    assert look(side, MAP, compiler=own).has_map


def test_nothing_of_what_failed_stays(side: UploadSide, own: Compiler) -> None:
    look(side, b"nonsense")
    inspect(side, endless(side), compiler=own)

    assert [path for path in side.making.folder.rglob("*") if path.is_file()] == []


def test_a_map_of_a_hundred_megabytes_is_compiled_in_a_tenth_of_the_childs_memory(
    side: UploadSide,
) -> None:
    own = Compiler()
    content = huge_map(100)
    assert len(content) > 100 * MEGABYTE

    found = look(side, content, compiler=own)
    status = Path(f"/proc/{own.pid}/status").read_text()
    own.close()

    figures = {
        line.partition(":")[0]: int(line.split()[1]) * 1024
        for line in status.splitlines()
        if "kB" in line
    }
    print(", ".join(f"{name} {size / MEGABYTE:.0f} MB" for name, size in figures.items()))
    assert found.has_map
    assert figures["RssAnon"] < 128 * MEGABYTE
    assert figures["VmPeak"] < COMPILER_MEMORY


def test_a_child_that_is_killed_while_it_compiles_costs_that_file_only(
    side: UploadSide, own: Compiler, tmp_path: Path
) -> None:
    sha256, _ = side.files.put([huge_map(1)])
    path, target = side.files.path(sha256), tmp_path / "target"

    def known(_wanted: AskedBack) -> Sequence[Stored]:
        assert own.pid is not None
        os.kill(own.pid, signal.SIGKILL)
        return []

    found = own.ask(Compile(Kind.MAP, str(path), sha256, "key", str(target)), known)

    assert isinstance(found, Ended)
    assert found.fault.sentence.endswith("the process that decoded it was ended by SIGKILL")
    assert inspect(side, sha256, compiler=own).has_map
