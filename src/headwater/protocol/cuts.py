"""What was cut from an event, in the words of Sentry's `_meta`: beside the event, in its own shape.

`{"extra": {"cart": {"": {"len": 30000}}}}` says that `extra.cart` once had 30,000 characters, bytes
or items. SDKs write it for what they cut themselves, servers add their own.
"""

from collections.abc import Iterator
from typing import Any, Final

from headwater.protocol.event import Json

MAX_CUT_NOTES: Final = 20
"""Cuts that are named on a page; the others are counted."""

MAX_META: Final = 500
"""Places in a `_meta` that are looked at."""

_LIMIT: Final = [["!limit", "x"]]
"""Relay's remark on what a limit has removed."""

Path = tuple[str | int, ...]


def mark_cut(event: dict[str, Any], path: Path, length: int) -> None:
    """Say in the event's `_meta` that there was more at `path`."""
    meta = event.get("_meta")
    if not isinstance(meta, dict):
        meta = event["_meta"] = {}
    for step in path:
        inner = meta.get(str(step))
        if not isinstance(inner, dict):
            inner = meta[str(step)] = {}
        meta = inner
    meta[""] = {"len": length, "rem": _LIMIT}


def notes_on_cuts(meta: Json) -> list[str]:
    """A sentence for each place, as far as they are worth reading."""
    found = [
        f"{'.'.join(path) or 'the event'} was cut; it had a length of {length:,}"
        for path, length in _lengths(meta)
    ]
    more = len(found) - MAX_CUT_NOTES
    return found[:MAX_CUT_NOTES] + ([f"{more} more values were cut"] if more > 0 else [])


def _lengths(meta: Json) -> Iterator[tuple[tuple[str, ...], int]]:
    waiting: list[tuple[tuple[str, ...], Json]] = [((), meta)]
    looked_at = 0
    while waiting and looked_at < MAX_META:
        looked_at += 1
        path, value = waiting.pop()
        if not isinstance(value, dict):
            continue
        about = value.get("")
        length = about.get("len") if isinstance(about, dict) else None
        if type(length) is int:
            yield path, length
        inner = [(name, child) for name, child in value.items() if name]
        waiting += [((*path, name[:100]), child) for name, child in reversed(inner[:MAX_META])]
