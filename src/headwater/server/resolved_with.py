"""Which stored events were resolved with an upload, as far as that can be said at once."""

import re
from collections import Counter
from collections.abc import Collection
from typing import Final

import msgspec
from msgspec import Struct

from headwater.storage.events.newest_resolutions import NewestResolutions
from headwater.symbolicate.resolution import bundles_used, read_resolution

MAX_ISSUES: Final = 10
"""Issues that are named, those with most of the events."""

_BUNDLE: Final = re.compile(rb'"bundle":(\d+)')
"""Of evidence, as msgspec writes it: within a string, its quotes would be escaped."""


class ResolvedWith(Struct, frozen=True):
    """Of the newest events: `events` out of `looked_at`. `issues`: numbers, those with most first."""

    events: int
    looked_at: int
    issues: tuple[int, ...]
    all_issues: int


def resolved_with(
    newest: NewestResolutions, project_id: int | None, bundles: Collection[int]
) -> ResolvedWith:
    """Events of a project, or of all, with a frame that one of the bundles resolved."""
    found: Counter[int] = Counter()
    looked_at = 0
    for text, issues in newest.read(project_id):
        looked_at += sum(issues.values())
        if _names(text, bundles) and _used(text, bundles):
            found.update(issues)
    first = tuple(issue for issue, _ in found.most_common(MAX_ISSUES))
    return ResolvedWith(found.total(), looked_at, first, len(found))


def _names(text: bytes, bundles: Collection[int]) -> bool:
    return any(int(each) in bundles for each in set(_BUNDLE.findall(text)))


def _used(text: bytes, bundles: Collection[int]) -> bool:
    """Near misses name bundles too: only what a frame was resolved with counts."""
    try:
        return not bundles_used(read_resolution(text)).isdisjoint(bundles)
    except msgspec.MsgspecError:
        return False
