"""Frames as V8 printed them, and where the frames of a build come from."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path
from urllib.parse import unquote

import msgspec

from headwater.sourcemaps.in_memory import source_map_in_memory
from headwater.sourcemaps.source_map import SourceMap

_IN_PACKAGES = re.compile(r"(?:^|/)(node_modules/.*)$")
_QUERY = re.compile(r"\?.*$")


class Frame(msgspec.Struct, frozen=True):
    """One frame of `hooks.cjs`. `line` and `column` from 1."""

    file: str
    line: int
    column: int
    function: str | None = None
    type: str | None = None
    constructs: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the program as it was written; line and column from 0."""

    source: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Resolved:
    """A frame with its place, and the name that our own code gives it."""

    frame: Frame
    place: Place
    name: str | None


def read_frames(file: Path) -> list[Frame]:
    """The frames that a run wrote down."""
    return msgspec.json.decode(file.read_bytes(), type=list[Frame])


def source_key(path: str, root: Path) -> str:
    """One spelling for the many that bundlers have: below the scratch folder."""
    path = unquote(_QUERY.sub("", path.removeprefix("file://"))).replace("\\", "/")
    path = path.removeprefix(f"{root}/")
    packaged = _IN_PACKAGES.search(path)
    if packaged is not None:
        return packaged[1]
    at = path.find("program/")
    return path[at:] if at >= 0 else path


def truth(root: Path, folder: Path) -> dict[Place, set[Frame]]:
    """What V8 called the function at each place that had a frame in the run as written."""
    maps = {
        file.name: source_map_in_memory(file.read_bytes()) for file in (folder / "maps").glob("*")
    }
    found: dict[Place, set[Frame]] = defaultdict(set)
    for frame in read_frames(folder / "frames.json"):
        path = frame.file.removeprefix("file://")
        line, column = frame.line - 1, frame.column - 1
        source_map = maps.get(sha1(path.encode()).hexdigest())  # noqa: S324  # a file's name
        if source_map is not None:
            mapping = source_map.lookup(line, column)
            if mapping is None:
                continue
            line, column = mapping.source_line, mapping.source_column
        found[Place(source_key(path, root), line, column)].add(frame)
    return found


def resolved(root: Path, frames: Iterable[Frame]) -> list[Resolved]:
    """The frames of a build that its maps lead to a source, ordered by source."""
    maps: dict[str, SourceMap | None] = {}
    found: list[tuple[int, Frame, SourceMap, Place]] = []
    for frame in frames:
        path = frame.file.removeprefix("file://")
        if path not in maps:
            maps[path] = _map_of(Path(path))
        source_map = maps[path]
        if source_map is None:
            continue
        mapping = source_map.lookup(frame.line - 1, frame.column - 1)
        if mapping is None or mapping.source is None:
            continue
        key = source_key(source_map.source(mapping.source).name or "", root)
        place = Place(key, mapping.source_line, mapping.source_column)
        found.append((mapping.source, frame, source_map, place))
    found.sort(key=lambda each: (each[0], each[1].file))
    return _named(found)


def _named(found: Sequence[tuple[int, Frame, SourceMap, Place]]) -> list[Resolved]:
    named = []
    for source, frame, source_map, place in found:
        function = source_map.function_at(source, place.line, place.column)
        named.append(Resolved(frame, place, None if function is None else function.name))
    return named


def _map_of(file: Path) -> SourceMap | None:
    beside = file.with_name(f"{file.name}.map")
    return source_map_in_memory(beside.read_bytes()) if beside.is_file() else None
