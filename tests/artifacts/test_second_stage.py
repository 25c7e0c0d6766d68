"""Functions are named in the background, and on demand for events that come before."""

import hashlib
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from headwater.artifacts.compiler import Compiler
from headwater.artifacts.compiler_questions import Fault
from headwater.artifacts.making import TRIES_SECONDS
from headwater.artifacts.second_stage import SecondStage
from headwater.bounded_child.parent import Bounds
from headwater.protocol.debug_id import DebugId
from headwater.sourcemaps.compiled.parts import CompiledFileDamaged
from headwater.storage.files.compiled import LEASE, MAX_ATTEMPTS
from headwater.storage.files.compiled_files import CompiledName, Kind
from headwater.storage.files.folder import Folder
from headwater.storage.files.originals import Originals
from headwater.storage.files.packs import Packs
from headwater.storage.files.unreachable import StorageUnreachable
from headwater.symbolicate.stacktrace import symbolicate
from tests.folders import mark
from tests.symbolicate.world import FILE, ID, SCRIPT, event, frame, map_of
from tests.upload_side import NOW, UploadSide, bundle_of, manifest_of

CRASHING = "<T>(" * 105_000
"""Read as JavaScript and then as Flow: the native parser overflowed its stack once."""


def upload(
    side: UploadSide, source_map: str, script: str | None = None, home: int | None = None
) -> None:
    headers = {"debug-id": ID}
    files = {"m": source_map.encode()}
    described = {"m": {"type": "source_map", "url": "~/app.js.map", "headers": headers}}
    if script is not None:
        files["s"] = script.encode()
        described["s"] = {"type": "minified_source", "url": "~/app.js", "headers": headers}
    answer = side.upload(home, bundle_of(files, manifest_of(described)))
    assert answer.state == "ok", answer


def named(side: UploadSide, seconds: float = 20, project: int = 1) -> tuple[str | None, str | None]:
    """The name of the function that threw, and what gave it."""
    found = symbolicate(event(frame(FILE)), side.maps_of(project, seconds)).stacktraces[0].frames[0]
    assert found.original is not None
    return found.original.function, found.evidence.named_by


def stored(side: UploadSide, project: int = 1) -> list[CompiledName]:
    claimed = side.maps_of(project).with_debug_id(DebugId(ID))
    [artifact] = [each for each in claimed if each.url.endswith(".map")]
    return [name for name in side.compiled.find([artifact.key]) if name.kind is Kind.FUNCTIONS]


def test_functions_are_named_on_demand_before_the_background_came(side: UploadSide) -> None:
    upload(side, map_of())

    assert named(side) == ("pay", "original source")
    assert stored(side) == []


def test_functions_that_the_background_named_need_no_child(side: UploadSide) -> None:
    upload(side, map_of())

    assert side.second_stage.next()

    assert len(stored(side)) == 1
    assert named(side, seconds=0) == ("pay", "original source")
    assert not side.second_stage.next()


def test_an_event_without_time_has_its_frames_and_no_names(side: UploadSide) -> None:
    upload(side, map_of())

    assert named(side, seconds=0)[1] != "original source"


def test_a_map_without_texts_is_named_by_its_minified_file(side: UploadSide) -> None:
    upload(side, map_of(contents=[]), SCRIPT)
    before = named(side)

    while side.second_stage.next():
        pass

    assert before == ("pay", "minified scope")
    assert named(side, seconds=0) == before


def test_projects_with_the_same_map_are_named_by_their_own_minified_files(
    side: UploadSide,
) -> None:
    other = "/* another build       */throw new Error('nothing to pay');function t(e){};\n"
    web, shop = (side.project(name).id for name in ("Web", "Shop"))
    source_map = map_of(contents=[])
    upload(side, source_map, SCRIPT, web)
    upload(side, source_map, other, shop)
    before = [named(side, project=each) for each in (web, shop)]

    while side.second_stage.next():
        pass

    assert len(stored(side, web)) == 1
    assert before[0] == ("pay", "minified scope")
    assert before[1] != before[0]
    assert [named(side, project=each) for each in (web, shop)] == before


def test_a_map_found_without_its_minified_file_is_not_named_by_anothers(side: UploadSide) -> None:
    web, shop = (side.project(name).id for name in ("Web", "Shop"))
    upload(side, map_of(contents=[]), SCRIPT, web)
    upload(side, map_of(contents=[]), None, shop)

    while side.second_stage.next():
        pass

    assert named(side, project=web) == ("pay", "minified scope")
    assert named(side, project=shop)[1] != "minified scope"


def at(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


def test_storage_that_is_away_again_and_again_costs_a_map_none_of_its_tries(
    side: UploadSide, compiler: Compiler, tmp_path: Path
) -> None:
    upload(side, map_of())
    began = datetime.now(UTC)
    away = Folder(tmp_path / "away", marked=tmp_path / "away")
    originals = Originals(away, Packs(side.database), side.pack_files)

    for turn in range(MAX_ATTEMPTS + 1):
        making = replace(side.making, originals=originals)
        with pytest.raises(StorageUnreachable):
            SecondStage(making, compiler, at(began + turn * LEASE)).next()

    assert SecondStage(side.making, compiler, at(began + (MAX_ATTEMPTS + 1) * LEASE)).next()
    assert len(stored(side)) == 1


def test_a_damaged_table_of_functions_is_made_again(side: UploadSide) -> None:
    upload(side, map_of())
    side.second_stage.next()
    [damaged] = stored(side)
    path = side.compiled_files.path(damaged)
    path.write_bytes(bytes(path.stat().st_size))
    maps = side.maps_of(1)

    with pytest.raises(CompiledFileDamaged) as found:
        symbolicate(event(frame(FILE)), maps)
    maps.heal(found.value)

    assert named(side) == ("pay", "original source")
    assert side.second_stage.next()
    assert stored(side) != [damaged]
    assert named(side, seconds=0) == ("pay", "original source")


def test_a_source_that_the_child_dies_of_is_left_out(side: UploadSide) -> None:
    content = json.loads(map_of())
    content["sources"].append("../../src/poison.ts")
    content["sourcesContent"].append("const x = [" + "[" * 5_000_000)
    upload(side, json.dumps(content))
    own = Compiler(Bounds(220 * 1024**2, 60))

    assert SecondStage(side.making, own).next()
    own.close()

    assert len(stored(side)) == 1
    assert named(side, seconds=0) == ("pay", "original source")


def test_no_number_of_tries_takes_longer_than_others_wait(side: UploadSide) -> None:
    upload(side, map_of())
    claimed = side.compiled.claim(NOW + timedelta(days=365))
    assert claimed is not None

    found = side.making.second_stage(side.compiler, claimed, NOW, seconds=0)

    assert isinstance(found, Fault)
    assert "more than 0 seconds" in found.sentence
    assert LEASE.total_seconds() > TRIES_SECONDS


def test_two_processes_that_name_the_same_functions_do_no_harm(side: UploadSide) -> None:
    upload(side, map_of())
    claimed = side.compiled.claim(NOW + timedelta(days=365))
    assert claimed is not None
    first = side.making.second_stage(side.compiler, claimed, NOW)

    second = side.making.second_stage(side.compiler, claimed, NOW)

    assert [first] == [second] == stored(side)
    assert [path.name for path in side.making.folder.rglob("*.functions")] == [str(first)[2:]]


def test_a_worker_that_was_killed_leaves_the_map_to_the_next(
    side: UploadSide, tmp_path: Path
) -> None:
    upload(side, map_of())
    mark(tmp_path)
    program = tmp_path / "a_worker.py"
    program.write_text(
        "import os, sys\n"
        "from headwater.digest_side import Digest\n"
        "from headwater.settings import Settings\n"
        "from pathlib import Path\n"
        "folder = Path(sys.argv[1])\n"
        "settings = Settings(\n"
        "    data_dir=folder, sourcemap_storage_path=folder, database_url=sys.argv[2]\n"
        ")\n"
        "digest = Digest(settings)\n"
        "making = digest.uploads.making\n"
        "object.__setattr__(making.files, 'adopt', lambda *_: os.kill(os.getpid(), 9))\n"
        "digest.second_stage.next()\n"
    )

    ended = subprocess.run(
        [sys.executable, str(program), str(tmp_path), side.database.url], check=False
    )

    later = SecondStage(side.making, side.compiler, lambda: NOW + timedelta(days=365) + LEASE)
    assert ended.returncode == -signal.SIGKILL
    assert stored(side) == []
    assert later.next()
    assert named(side, seconds=0) == ("pay", "original source")


def test_the_next_release_stores_only_what_is_new(side: UploadSide) -> None:
    texts: list[str | None] = [
        f"export function f{number}() {{ return '{hashlib.shake_128(bytes([number])).hexdigest(4000)}'; }}\n"
        for number in range(50)
    ]
    first = json.loads(map_of(contents=texts, sources=[f"{n}.ts" for n in range(50)]))
    second = {**first, "sourcesContent": [f"{texts[0]}" + "// changed\n", *texts[1:]]}
    sizes = []
    for content in (first, second):
        side.upload(None, single(json.dumps(content)))
        while side.second_stage.next():
            pass
        sizes.append(sum(p.stat().st_size for p in side.making.folder.rglob("*.*")))

    assert sizes[1] - sizes[0] < sizes[0] / 4


def single(source_map: str) -> bytes:
    described = {"type": "source_map", "url": "~/app.js.map", "headers": {"debug-id": ID}}
    return bundle_of({"m": source_map.encode()}, manifest_of({"m": described}))
