"""How long symbolication takes for a whole event of 50 frames: everything between an event as it was
parsed and its resolution, with verdicts, function names, context and awaits.

`python -m bench.event [id …]`. The states are those of `lookup.py`; finding out which files there are
is left out, and so is the database.
"""

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache

from bench.corpus.asked import FRAMES, Place, asked_of
from bench.corpus.shelf import Item, NoCorpus, items
from bench.measuring.compiled import Opened, compiled
from bench.measuring.figures import MB
from bench.measuring.states import evicted, newly_opened, settled, warm
from headwater.protocol.bundle import ArtifactType
from headwater.protocol.debug_id import DebugId, parse_debug_id
from headwater.protocol.event import Event
from headwater.protocol.event_json import parse_event
from headwater.sourcemaps.source_map import Script, SourceMap
from headwater.symbolicate.source_maps import Artifact, ArtifactUnreadable
from headwater.symbolicate.stacktrace import symbolicate

MAPS = ("axios", "react-esbuild", "antd-webpack", "office-esbuild", "everything-esbuild")
DEBUG_ID = "8c0b638c-7772-4580-a988-5410e42f0437"
URL = "https://example.com/static/app.js"
SCRIPT = Artifact(
    "script", ArtifactType.MINIFIED_SOURCE, "~/static/app.js", parse_debug_id(DEBUG_ID), None, 1
)
MAP = Artifact(
    "map", ArtifactType.SOURCE_MAP, "~/static/app.js.map", parse_debug_id(DEBUG_ID), None, 1
)


class OneUpload:
    """All that was uploaded is one minified file with its map."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened

    def with_debug_id(self, debug_id: DebugId) -> Sequence[Artifact]:
        return (SCRIPT, MAP) if debug_id == MAP.debug_id else ()

    def at_urls(self, _urls: Sequence[str], _release: str, _dist: str | None) -> Sequence[Artifact]:
        return ()

    def in_bundle(self, _bundle: int, urls: Sequence[str]) -> Sequence[Artifact]:
        return [each for each in (SCRIPT, MAP) if each.url in urls]

    def has_release(self, _release: str, _dist: str | None) -> bool:
        return False

    def open_map(self, _artifact: Artifact, _script: Artifact | None = None) -> SourceMap:
        return self._opened.map

    def open_inline_map(self, artifact: Artifact) -> SourceMap:
        raise ArtifactUnreadable(artifact.key)

    def open_script(self, _artifact: Artifact) -> Script:
        return self._opened.script

    def read_text(self, artifact: Artifact) -> str:
        raise ArtifactUnreadable(artifact.key)


@cache
def event_at(places: tuple[Place, ...]) -> Event:
    """An error whose stack trace has a frame at each place."""
    frames = [
        {"abs_path": URL, "filename": URL, "function": "e", "lineno": line + 1, "colno": column + 1}
        for line, column in places
    ]
    value = {"type": "Error", "value": "no", "stacktrace": {"frames": frames}}
    image = {"type": "sourcemap", "code_file": URL, "debug_id": DEBUG_ID}
    event = {
        "platform": "javascript",
        "exception": {"values": [value]},
        "debug_meta": {"images": [image]},
    }
    return parse_event(json.dumps(event).encode(), datetime.now(UTC))


def resolve(opened: Opened, places: Sequence[Place]) -> object:
    return symbolicate(event_at(tuple(places)), OneUpload(opened))


def measure(item: Item) -> None:
    """Print a map's line."""
    paths, events = compiled(item), asked_of(item).events
    for event in events:
        event_at(tuple(event))
    settled()
    _, again = warm(paths, events, resolve)
    new = newly_opened(paths, events, resolve)
    cold, fetched = evicted(paths, events, resolve)
    print(
        f"{item.id:20} {item.map_bytes / MB:7.2f} |{again} |{new} |{cold} {fetched / 1e3:6,.0f}",
        flush=True,
    )


def main() -> None:
    """Print a line per map."""
    wanted = sys.argv[1:] or MAPS
    four = "p50      p95      p99      cpu"
    print(f"ms per symbolicated event of {FRAMES} frames")
    print(
        f"{'map':20} {'MB':>7} |    warm {four[4:]} |  opened {four[4:]} | evicted {four[4:]} {'KB':>6}"
    )
    for item in items():
        if item.id in wanted:
            measure(item)


if __name__ == "__main__":
    try:
        main()
    except NoCorpus as missing:
        print(missing)
