"""Errors of a minified file, as envelopes."""

import json
from typing import Final

from tests.upload_side import DEBUG_ID

MINIFIED: Final = "http://h/app.js"
ORIGINAL: Final = "src/app.ts"
"""What the frame's file becomes where the maps of `upload_side.pair` are found."""


def thrown(event_id: str, debug_id: str = DEBUG_ID) -> bytes:
    """One of seven kinds, with one frame."""
    frame = {"filename": MINIFIED, "function": "t", "lineno": 1, "colno": 1}
    error = {"type": f"Error{int(event_id, 16) % 7}", "value": "no"}
    event = {
        "event_id": event_id,
        "platform": "javascript",
        "exception": {"values": [{**error, "stacktrace": {"frames": [frame]}}]},
        "debug_meta": {
            "images": [{"type": "sourcemap", "code_file": MINIFIED, "debug_id": debug_id}]
        },
    }
    parts = ({"event_id": event_id}, {"type": "event"}, event)
    return b"\n".join(json.dumps(part).encode() for part in parts)
