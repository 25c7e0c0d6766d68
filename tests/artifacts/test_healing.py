"""Compiled files that are lost, damaged or of another version: made again, and never a wrong frame."""

import json
from pathlib import Path

import pytest

from headwater.artifacts.lookup import StoredSourceMaps
from headwater.artifacts.opened import OpenedMaps
from headwater.artifacts.workshop import Workshop
from headwater.digest.resolver import Resolver
from headwater.protocol.debug_id import DebugId
from headwater.sourcemaps.compiled.parts import VERSION
from headwater.sourcemaps.source_map import SourceMap
from headwater.storage.files.compiled_files import CompiledName
from headwater.storage.files.open_files import OpenFiles
from headwater.symbolicate.resolution import ResolvedFrame
from headwater.symbolicate.source_maps import Artifact
from headwater.symbolicate.verdicts import Verdict
from tests.folders import FolderFiles
from tests.symbolicate.world import event, frame, image
from tests.upload_side import MAP, UploadSide, bundle_of, manifest_of

FIRST = "11111111-2222-4333-8444-555555555555"
SECOND = "99999999-2222-4333-8444-555555555555"
TEXT = "".join(f"const line_{number} = 'so that the text is long';\n" for number in range(4000))
"""Several blocks of text, none of them inside of the head."""


def map_of(name: str) -> bytes:
    content = {**json.loads(MAP), "sources": [name], "sourcesContent": [TEXT]}
    # Line 0 comes from the source's line 0, line 1 from its line 2,000.
    return json.dumps({**content, "mappings": "AAAA;AAg9DA"}).encode()


def functions_map(number: int) -> bytes:
    """Of two sources: the second one is the same in each map."""
    sources = [f"const release = {number};\n" * 100, f"function pay() {{\n{TEXT}}}\n"]
    content = {**json.loads(MAP), "sources": ["a.ts", "b.ts"], "sourcesContent": sources}
    return json.dumps({**content, "mappings": "AAAA;ACg9DA"}).encode()


def upload(side: UploadSide, debug_id: str, content: bytes) -> None:
    headers = {"debug-id": debug_id}
    described = {"type": "source_map", "url": f"~/{debug_id}.js.map", "headers": headers}
    answer = side.upload(None, bundle_of({"x": content}, manifest_of({"x": described})))
    assert answer.state == "ok", answer


def resolved(
    side: UploadSide, *debug_ids: str, resolver: Resolver | None = None
) -> list[ResolvedFrame]:
    files = {f"https://shop.example/{each}.js": each for each in debug_ids}
    frames = [frame(path, colno=1, lineno=2) for path in files]
    images = tuple(image(path, each) for path, each in files.items())
    resolver = resolver or Resolver(side.maps_of)
    found = resolver.resolve(1, event(*frames, images=images))
    return list(found.stacktraces[0].frames)


def are_right(frames: list[ResolvedFrame]) -> bool:
    return all(
        each.verdict is Verdict.RESOLVED
        and each.original is not None
        and each.original.context_line == "const line_2000 = 'so that the text is long';"
        for each in frames
    )


def compiled_files(side: UploadSide) -> list[Path]:
    return sorted(side.making.folder.glob("*/??/*"), key=lambda path: path.stat().st_mtime_ns)


def test_a_lost_compiled_file_is_made_again(side: UploadSide) -> None:
    upload(side, FIRST, map_of("a.ts"))
    [path] = compiled_files(side)
    path.unlink()

    assert are_right(resolved(side, FIRST))

    [healed] = compiled_files(side)
    assert healed != path


def test_a_compiled_file_of_another_version_is_made_again(side: UploadSide) -> None:
    upload(side, FIRST, map_of("a.ts"))
    [path] = compiled_files(side)
    content = bytearray(path.read_bytes())
    trailer = content.rindex(b"HWcm")
    assert content[trailer + 4] == VERSION
    content[trailer + 4] = VERSION + 1
    path.write_bytes(content)

    assert are_right(resolved(side, FIRST))


def test_a_register_of_another_version_is_as_none(side: UploadSide) -> None:
    upload(side, FIRST, map_of("a.ts"))
    before = compiled_files(side)

    other = OpenedMaps(side.compiled_files, type(side.compiled)(side.database, VERSION + 1))

    assert other.find(CompiledName.parse(before[0].parent.name + before[0].name).sha256) == {}


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9, 0.999])
def test_a_compiled_file_that_was_cut_short_is_made_again(side: UploadSide, share: float) -> None:
    upload(side, FIRST, map_of("a.ts"))
    [path] = compiled_files(side)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])

    assert are_right(resolved(side, FIRST))


def test_a_flipped_byte_anywhere_costs_no_frame_its_right_place(side: UploadSide) -> None:
    upload(side, FIRST, map_of("a.ts"))
    [path] = compiled_files(side)
    content = path.read_bytes()
    healed = 0
    for place in range(0, len(content), len(content) // 40):
        current = compiled_files(side)[-1]
        damaged = bytearray(current.read_bytes())
        damaged[min(place, len(damaged) - 1)] ^= 0xFF
        current.write_bytes(damaged)

        assert are_right(resolved(side, FIRST)), place
        healed += compiled_files(side)[-1] != current

    assert healed > 3


def test_damage_in_the_middle_of_an_event_is_healed_within_it(side: UploadSide) -> None:
    upload(side, FIRST, map_of("a.ts"))
    maps = side.maps_of(1)
    resolver = Resolver(lambda _project: maps)
    artifact = maps.with_debug_id(DebugId(FIRST))[0]
    maps.open_map(artifact)  # its head is read and kept
    [path] = compiled_files(side)
    content = path.read_bytes()
    path.write_bytes(bytes(len(content) - 200) + content[-200:])

    assert are_right(resolved(side, FIRST, resolver=resolver))


def test_a_damaged_holder_of_texts_heals_the_maps_that_need_it(side: UploadSide) -> None:
    upload(side, FIRST, map_of("a.ts"))
    upload(side, SECOND, map_of("b.ts"))
    holder, user = compiled_files(side)
    assert user.stat().st_size < holder.stat().st_size / 4  # the text is in the first one
    holder.write_bytes(bytes(holder.stat().st_size))

    assert are_right(resolved(side, SECOND))
    assert are_right(resolved(side, FIRST))


def test_a_damaged_holder_of_functions_costs_no_frame(side: UploadSide) -> None:
    upload(side, FIRST, map_of("a.ts"))
    side.second_stage.next()
    upload(side, SECOND, map_of("a.ts") + b" ")
    side.second_stage.next()
    tables = [path for path in compiled_files(side) if path.suffix == ".functions"]
    tables[0].write_bytes(bytes(tables[0].stat().st_size))

    assert are_right(resolved(side, SECOND))
    assert are_right(resolved(side, FIRST))


def test_functions_are_named_when_everything_compiled_is_lost(side: UploadSide) -> None:
    for number, debug_id in enumerate((FIRST, SECOND)):
        upload(side, debug_id, functions_map(number))
        side.second_stage.next()
    for path in compiled_files(side):
        path.unlink()

    for debug_id in (SECOND, FIRST):
        (found,) = resolved(side, debug_id)
        assert found.original is not None
        assert (found.original.function, found.evidence.named_by) == ("pay", "original source")


def test_damage_that_the_child_finds_when_it_names_functions_is_healed(side: UploadSide) -> None:
    upload(side, FIRST, map_of("a.ts"))
    [path] = compiled_files(side)
    content = path.read_bytes()
    path.write_bytes(content[:200] + bytes(200) + content[400:])

    side.second_stage.next()

    assert are_right(resolved(side, FIRST))
    assert [each.suffix for each in compiled_files(side)] == [".map", ".map"]


def test_a_lost_holder_heals_the_maps_that_need_it(side: UploadSide) -> None:
    upload(side, FIRST, map_of("a.ts"))
    upload(side, SECOND, map_of("b.ts"))
    compiled_files(side)[0].unlink()

    assert are_right(resolved(side, SECOND, FIRST))


def test_a_file_that_can_not_be_read_just_now_is_not_given_up(side: UploadSide) -> None:
    upload(side, FIRST, map_of("a.ts"))
    upload(side, SECOND, map_of("b.ts") + b" ")
    [path] = [each for each in compiled_files(side) if each.stat().st_size < 4000]
    content = path.read_bytes()
    unreadable(path)

    first, second = resolved(side, FIRST, SECOND)
    path.unlink()
    path.write_bytes(content)

    assert are_right([first])
    assert second.verdict is Verdict.STORAGE_READ_FAILED
    assert are_right(resolved(side, FIRST, SECOND))
    assert path in compiled_files(side)
    assert len(compiled_files(side)) == 2


def test_a_file_that_can_not_be_read_any_more_in_the_middle_of_an_event_costs_only_its_frames(
    side: UploadSide,
) -> None:
    upload(side, FIRST, map_of("a.ts"))
    upload(side, SECOND, json.dumps({**json.loads(MAP), "mappings": ";AAAA"}).encode())
    path = compiled_files(side)[0]
    files = FolderFiles(side.making.folder, VERSION, OpenFiles(limit=0))
    workshop = Workshop(side.making, side.compiler)
    opened = OpenedMaps(files, side.compiled)
    maps = StoredSourceMaps(1, side.artifacts, side.files, opened, workshop)
    maps.open_map(maps.with_debug_id(DebugId(FIRST))[0])  # its head is read and kept
    unreadable(path)

    first, second = resolved(side, FIRST, SECOND, resolver=Resolver(lambda _project: maps))

    assert first.verdict is Verdict.STORAGE_READ_FAILED
    assert second.verdict is Verdict.RESOLVED
    assert path.is_symlink()


class FaultyDisk(StoredSourceMaps):
    """Whatever is written of one map is damaged in the middle, each time."""

    def __init__(self, side: UploadSide) -> None:
        workshop = Workshop(side.making, side.compiler)
        opened = OpenedMaps(side.compiled_files, side.compiled)
        super().__init__(1, side.artifacts, side.files, opened, workshop)
        self._side = side

    def open_map(self, artifact: Artifact, script: Artifact | None = None) -> SourceMap:
        found = super().open_map(artifact, script)
        if artifact.debug_id == FIRST:
            for path in compiled_files(self._side):
                if path.name.startswith(artifact.key[2:]):
                    content = path.read_bytes()
                    path.write_bytes(bytes(len(content) - 200) + content[-200:])
        return found


def test_a_map_that_is_damaged_again_and_again_costs_only_its_own_frames(side: UploadSide) -> None:
    upload(side, FIRST, map_of("a.ts"))
    upload(side, SECOND, json.dumps({**json.loads(MAP), "mappings": ";AAAA"}).encode())
    maps = FaultyDisk(side)

    first, second = resolved(side, FIRST, SECOND, resolver=Resolver(lambda _project: maps))

    assert first.verdict is Verdict.STORAGE_READ_FAILED
    assert second.verdict is Verdict.RESOLVED


def unreadable(path: Path) -> None:
    """Opening it fails, though there is something: a link to itself."""
    path.unlink()
    path.symlink_to(path)


def test_a_map_whose_original_is_lost_too_costs_only_its_own_frames(side: UploadSide) -> None:
    upload(side, FIRST, map_of("a.ts"))
    upload(side, SECOND, MAP)
    compiled_files(side)[0].unlink()
    [lost] = side.maps_of(1).with_debug_id(DebugId(FIRST))
    side.files.delete(lost.key)

    first, second = resolved(side, FIRST, SECOND)

    assert first.verdict is Verdict.STORAGE_READ_FAILED
    assert second.verdict is Verdict.POSITION_OUT_OF_RANGE  # its map has one line
