"""A small build and events that happened in it, in few words."""

import json
from datetime import UTC, datetime
from typing import Any

from headwater.protocol.debug_id import DebugId
from headwater.protocol.event import DebugImage, Event, ExceptionValue, Frame, Stacktrace
from headwater.symbolicate.resolution import ResolvedFrame
from headwater.symbolicate.source_maps import SourceMaps
from headwater.symbolicate.stacktrace import symbolicate
from tests.sourcemaps.encode import Segment, encode_mappings

ID = "85314830-023f-4cf1-a267-535f4e37bb17"
OTHER_ID = "11111111-2222-4333-8444-555555555555"
FILE = "https://shop.example/static/js/app.js"
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
SOURCE = """import { total } from './total';

export function pay(cart) {
  if (total(cart) < 0) {
    throw new Error('nothing to pay');
  }
}
"""
SCRIPT = "function t(e){if(n(e)<0)throw new Error('nothing to pay')}t(1);\n"
THROWN_COLUMN = SCRIPT.index("throw") + 1
"""Of the `throw`, from 1, as an SDK reports it."""


def map_of(
    lines: list[list[Segment]] | None = None,
    sources: list[str | None] | None = None,
    contents: list[str | None] | None = None,
    **more: Any,
) -> str:
    """A source map; by default of SCRIPT: `throw` comes from line 5 of SOURCE."""
    thrown = SCRIPT.index("throw")
    given = lines or [[(0, 0, 2, 7), (9, 0, 2, 16, 0), (thrown, 0, 4, 4), (59, 0, 6, 1)]]
    content = {
        "version": 3,
        "sources": sources or ["../../src/pay.ts"],
        "sourcesContent": [SOURCE] if contents is None else contents,
        "names": ["pay"],
        "mappings": encode_mappings(given),
    }
    return json.dumps({**content, **more})


def frame(path: str | None = FILE, **changes: Any) -> Frame:
    """A frame at the `throw`."""
    fields = {"abs_path": path, "filename": path, "lineno": 1, "colno": THROWN_COLUMN}
    return Frame(**{**fields, "function": "t", "in_app": True, **changes})


def event(*frames: Frame, **changes: Any) -> Event:
    """An event of one exception; by default its images name FILE as ID."""
    trace = Stacktrace(("exception", "values", 0, "stacktrace"), frames)
    fields: dict[str, Any] = {"images": (image(),), "exceptions": (ExceptionValue("E", "e", stacktrace=trace),)}  # fmt: skip
    return Event("0" * 32, changes.pop("platform", "javascript"), NOON, **{**fields, **changes})


def image(code_file: str = FILE, debug_id: str = ID) -> DebugImage:
    """A debug image."""
    return DebugImage(code_file, DebugId(debug_id))


def resolved(maps: SourceMaps, *frames: Frame, **changes: Any) -> ResolvedFrame:
    """What becomes of the last frame."""
    return symbolicate(event(*frames, **changes), maps).stacktraces[-1].frames[-1]
