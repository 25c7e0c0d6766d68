"""Machines that share one storage, a bucket or a folder: what one stores another has at once."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from headwater.artifacts.compiler import Compiler
from headwater.artifacts.compilers import Compilers
from headwater.artifacts.lookup import StoredSourceMaps
from headwater.artifacts.workshop import Workshop
from headwater.digest.resolver import Resolver
from headwater.protocol.chunks import AssembleRequest, AssembleState
from headwater.server_side import upload_tools_of
from headwater.settings import Settings
from headwater.sourcemaps.compiled.parts import VERSION
from headwater.storage.database import Database
from headwater.storage.files.bucket_connection import RETRIES, Bounds
from headwater.storage.files.bucket_stores import bucket_stores
from headwater.storage.files.compiled import Compiled
from headwater.storage.files.stores import Stores, folder_stores
from headwater.symbolicate.resolution import ResolvedFrame
from headwater.symbolicate.verdicts import Verdict
from headwater.upload_side import UploadSide
from tests.databases import database_in
from tests.faulty_proxy import Fault
from tests.folders import mark
from tests.s3_server import Remote
from tests.symbolicate.world import event, frame, image
from tests.upload_side import MAP, bundle_of, cut, manifest_of, sha1_of

SECONDS = 60
FIRST = "11111111-2222-4333-8444-555555555555"
SECOND = "99999999-2222-4333-8444-555555555555"
TEXT = "".join(f"const line_{number} = 'so that the text is long';\n" for number in range(4000))


class Machine:
    """A process somewhere: it has nothing in common with others but database and storage."""

    def __init__(self, database: Database, stores: Stores, compiler: Compiler) -> None:
        self.uploads = UploadSide.of(Settings(), database, stores)
        self._workshop = Workshop(self.uploads.making, compiler)
        compilers = Compilers(lambda: compiler, limit=1, per_home=1)
        tools = upload_tools_of(Settings(), database, self.uploads, compilers, self._workshop)
        self._assembler = tools.assembler
        self.copies = stores.compiled.folder

    def send(self, bundle: bytes) -> None:
        """A build's chunks."""
        sizes = {}
        for chunk in cut(bundle):
            with self.uploads.chunks.writer() as writer:
                writer.write(chunk)
                writer.finish(sha1_of(chunk))
            sizes[sha1_of(chunk)] = len(chunk)
        self.uploads.chunks.keep(None, sizes, datetime.now(UTC))

    def assemble(self, bundle: bytes) -> AssembleState:
        """What became of them."""
        chunks = tuple(map(sha1_of, cut(bundle)))
        request = AssembleRequest(sha1_of(bundle), chunks)
        return self._assembler.assemble(None, None, request, datetime.now(UTC)).state

    def resolve(self, debug_id: str, line: int = 2) -> ResolvedFrame:
        """The frame of an event that comes to this machine."""
        uploads = self.uploads
        resolver = Resolver(
            lambda project_id: StoredSourceMaps(
                project_id, uploads.artifacts, uploads.blobs, uploads.opened, self._workshop
            )
        )
        path = f"https://shop.example/{debug_id}.js"
        thrown = event(frame(path, colno=1, lineno=line), images=(image(path, debug_id),))
        (found,) = resolver.resolve(1, thrown).stacktraces[0].frames
        return found


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = database_in(tmp_path)
    yield database
    database.close()


@pytest.fixture
def remote_machine(
    database: Database, remote: Remote, compiler: Compiler, tmp_path: Path
) -> Callable[[str], Machine]:
    """A machine that works on the bucket; the same name, the same disk."""

    def made(name: str) -> Machine:
        stores = bucket_stores(remote.url, tmp_path / name, 10**8, Bounds(1, 2, 1))
        return Machine(database, stores, compiler)

    return made


@pytest.fixture(params=["bucket", "folder"])
def machine(
    request: pytest.FixtureRequest, database: Database, compiler: Compiler, tmp_path: Path
) -> Callable[[str], Machine]:
    if request.param == "bucket":
        made: Callable[[str], Machine] = request.getfixturevalue("remote_machine")
        return made
    shared = tmp_path / "shared"
    shared.mkdir()
    mark(shared)
    return lambda _name: Machine(database, folder_stores(shared), compiler)


def build(debug_id: str, first: str = "a") -> bytes:
    """A map of two sources: the second one is the same in each."""
    sources = [f"const release = {first!r};\n" * 100, f"function pay() {{\n{TEXT}}}\n"]
    content = {**json.loads(MAP), "sources": ["a.ts", "b.ts"], "sourcesContent": sources}
    described = {
        "type": "source_map",
        "url": f"~/{debug_id}.js.map",
        "headers": {"debug-id": debug_id},
    }
    source_map = json.dumps({**content, "mappings": "AAAA;ACg9DA"}).encode()
    return bundle_of({"x": source_map}, manifest_of({"x": described}))


def build_without_texts(debug_id: str) -> bytes:
    """A map that has no source texts, and its minified file."""
    headers = {"debug-id": debug_id}
    source_map = json.dumps({**json.loads(MAP), "sourcesContent": [None]}).encode()
    described = {
        "m": {"type": "source_map", "url": f"~/{debug_id}.js.map", "headers": headers},
        "s": {"type": "minified_source", "url": f"~/{debug_id}.js", "headers": headers},
    }
    script = b"function t(){throw new Error('boom')}\n" * 2
    return bundle_of({"m": source_map, "s": script}, manifest_of(described))


def is_right(found: ResolvedFrame) -> bool:
    return (
        found.verdict is Verdict.RESOLVED
        and found.original is not None
        and found.original.context_line == "const line_1999 = 'so that the text is long';"
        and found.original.function == "pay"
    )


def test_chunks_go_to_one_are_assembled_by_another_and_resolve_on_a_third(
    machine: Callable[[str], Machine],
) -> None:
    one, other, third = machine("one"), machine("other"), machine("third")
    assert third.resolve(FIRST).verdict is Verdict.DEBUG_ID_NOT_UPLOADED

    one.send(build(FIRST))
    assert other.assemble(build(FIRST)) is AssembleState.OK

    assert is_right(third.resolve(FIRST))
    assert one.assemble(build(FIRST)) is AssembleState.OK


def test_two_that_assemble_the_same_at_once_both_succeed(
    machine: Callable[[str], Machine],
) -> None:
    one, other = machine("one"), machine("other")
    one.send(build(FIRST))
    other.send(build(FIRST))

    both_are_there = threading.Barrier(2)

    def assemble(each: Machine) -> AssembleState:
        both_are_there.wait(SECONDS)
        return each.assemble(build(FIRST))

    with ThreadPoolExecutor(2) as pool:
        states = list(pool.map(assemble, (one, other)))

    assert states == [AssembleState.OK, AssembleState.OK]
    assert is_right(one.resolve(FIRST))
    assert is_right(other.resolve(FIRST))


def test_packed_files_are_read_by_every_machine(machine: Callable[[str], Machine]) -> None:
    one, other = machine("one"), machine("other")
    one.send(build(FIRST))
    one.assemble(build(FIRST))
    later = datetime.now(UTC).replace(year=datetime.now(UTC).year + 1)
    (sha256,) = one.uploads.blobs.older_than(later)

    assert one.uploads.tidy.settling.settle(later) == 1

    assert other.uploads.blobs.is_intact(sha256)
    with other.uploads.blobs.as_file(sha256) as path:
        assert TEXT.splitlines()[7] in path.read_text()


def test_the_compiler_has_brought_what_another_map_holds_for_it(
    remote_machine: Callable[[str], Machine],
) -> None:
    one = remote_machine("one")
    for debug_id, first in ((FIRST, "a"), (SECOND, "b")):
        one.send(build(debug_id, first))
        one.assemble(build(debug_id, first))
    other = remote_machine("other")

    # Functions are named on demand, of a text that the first map has and that is not here yet.
    assert is_right(other.resolve(SECOND))


def test_a_damaged_copy_costs_no_frame_and_no_file(
    remote_machine: Callable[[str], Machine], database: Database
) -> None:
    one = remote_machine("one")
    one.send(build(FIRST))
    one.assemble(build(FIRST))
    known = dict(Compiled(database, VERSION).sizes())
    (copy,) = (path for path in one.copies.rglob("*.map"))
    content = bytearray(copy.read_bytes())
    content[::7] = bytes(255 - byte for byte in content[::7])
    copy.write_bytes(content)

    again = remote_machine("one")

    assert is_right(again.resolve(FIRST))
    assert dict(Compiled(database, VERSION).sizes()) == known


def test_what_is_damaged_in_the_bucket_is_made_again(
    remote_machine: Callable[[str], Machine], remote: Remote, database: Database
) -> None:
    one = remote_machine("one")
    one.send(build(FIRST))
    one.assemble(build(FIRST))
    (key,) = (key for key in remote.listed() if "/compiled/" in key)
    remote.put(key, b"damaged")
    known = set(Compiled(database, VERSION).sizes())

    assert is_right(remote_machine("other").resolve(FIRST))

    assert known.isdisjoint(Compiled(database, VERSION).sizes())


def test_a_lost_upload_is_asked_for_and_healed_by_the_same_build(
    remote_machine: Callable[[str], Machine], remote: Remote
) -> None:
    one = remote_machine("one")
    one.send(build(FIRST))
    one.assemble(build(FIRST))
    for key in remote.listed():
        remote.delete(key)
    shutil.rmtree(one.copies)
    assert remote_machine("one").resolve(FIRST).verdict is Verdict.STORAGE_READ_FAILED

    assert one.assemble(build(FIRST)) is AssembleState.NOT_FOUND
    one.send(build(FIRST))
    assert one.assemble(build(FIRST)) is AssembleState.OK

    assert is_right(remote_machine("other").resolve(FIRST))


def test_a_folder_that_is_taken_away_and_comes_back_has_lost_nothing(
    database: Database, compiler: Compiler, tmp_path: Path
) -> None:
    shared, aside = tmp_path / "shared", tmp_path / "aside"
    shared.mkdir()
    mark(shared)
    one = Machine(database, folder_stores(shared), compiler)
    one.send(build(FIRST))
    one.assemble(build(FIRST))
    known = dict(Compiled(database, VERSION).sizes())

    shared.rename(aside)
    shared.mkdir()  # as a mount point is, without its volume
    other = Machine(database, folder_stores(shared), compiler)
    found = other.resolve(FIRST)
    with pytest.raises(OSError, match="is its volume mounted"):
        other.send(build(SECOND))

    assert found.verdict is Verdict.STORAGE_READ_FAILED
    assert "is its volume mounted" in str(found.evidence.detail)
    assert list(shared.iterdir()) == []
    shared.rmdir()
    aside.rename(shared)
    assert is_right(other.resolve(FIRST))
    assert dict(Compiled(database, VERSION).sizes()) == known


def test_while_the_bucket_is_away_what_is_near_resolves_all_the_same(
    remote_machine: Callable[[str], Machine], remote: Remote
) -> None:
    one, other = remote_machine("one"), remote_machine("other")
    one.send(build(FIRST))
    one.assemble(build(FIRST))

    remote.proxy.fault = Fault.ERROR

    assert is_right(one.resolve(FIRST))
    found = other.resolve(FIRST)
    assert found.verdict is Verdict.STORAGE_READ_FAILED
    assert "500 Internal Server Error" in str(found.evidence.detail)


def test_a_map_that_is_near_resolves_though_functions_can_t_be_named_for_want_of_the_bucket(
    remote_machine: Callable[[str], Machine], remote: Remote
) -> None:
    one = remote_machine("one")
    one.send(build_without_texts(FIRST))
    assert one.assemble(build_without_texts(FIRST)) is AssembleState.OK

    remote.proxy.fault = Fault.GONE

    assert one.resolve(FIRST, line=1).verdict is Verdict.NO_SOURCE_CONTENT


def test_while_the_bucket_is_silent_few_requests_wait_for_it(
    remote_machine: Callable[[str], Machine], remote: Remote
) -> None:
    one = remote_machine("one")
    for debug_id in (FIRST, SECOND):
        one.send(build(debug_id))
        one.assemble(build(debug_id))
    other = remote_machine("other")
    remote.proxy.fault = Fault.SILENT
    asked = remote.proxy.requests

    for debug_id in (FIRST, SECOND, FIRST):
        assert other.resolve(debug_id).verdict is Verdict.STORAGE_READ_FAILED

    # One, and what the library asks again when that takes too long.
    assert remote.proxy.requests - asked <= 1 + RETRIES
