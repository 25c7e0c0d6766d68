"""Hashes, title and culprit of the latest different errors: one that comes again is told once."""

import hashlib
from typing import Final
from weakref import ref

import msgspec
from msgspec import Struct

from headwater.digest.remembered import digest_of
from headwater.grouping.fingerprint import Hashes, hashes
from headwater.grouping.title import culprit, title
from headwater.grouping.versions import CURRENT, version_named
from headwater.protocol.event import Event
from headwater.sourcemaps.compiled.cache import Cache
from headwater.storage.projects import Choices
from headwater.symbolicate.resolution import Resolution

KEPT_BYTES: Final = 4 * 1024**2
"""Memory of what was told: of some 4,000 different errors. It does not hold on to their resolutions."""

_ITSELF: Final = 1_000
"""Bytes that one takes: its key, two or three hashes, a title, a culprit."""


class Told(Struct, frozen=True):
    """What an event and its resolution tell."""

    hashes: Hashes
    title: str
    culprit: str


def told(event: Event, resolution: Resolution, choices: Choices) -> Told:
    """By the versions of grouping that its project has chosen."""
    return Told(
        hashes(
            event,
            resolution,
            version_named(choices.grouping) or CURRENT,
            version_named(choices.earlier_grouping),
        ),
        title(event, resolution),
        culprit(event, resolution),
    )


class TellingOnce:
    """Of one thread."""

    def __init__(self) -> None:
        self._known = Cache(KEPT_BYTES)

    def of(self, project_id: int, event: Event, resolution: Resolution, choices: Choices) -> Told:
        """The same as `told`. Quickly, where an event that says the same was told lately, and its
        resolution was the very same object."""
        key = id(resolution), _digest(project_id, event, choices)
        found: tuple[ref[Resolution], Told] | None = self._known.get(key)
        # Of one that is gone, another may have the identity.
        if found is None or found[0]() is not resolution:
            made = ref(resolution), told(event, resolution, choices)
            found = self._known.put(key, made, _ITSELF)
        return found[1]


def _digest(project_id: int, event: Event, choices: Choices) -> bytes:
    """Of everything that is told of, besides the resolution: 16 bytes."""
    said = (
        digest_of(project_id, event),
        choices.grouping,
        choices.earlier_grouping,
        event.message,
        event.template,
        event.logger,
        event.transaction,
        # Only a fingerprint may ask for these.
        event.fingerprint and (event.fingerprint, event.level, event.environment, event.tags),
        [
            (each.type, each.value, each.module, each.synthetic, each.stacktrace is None)
            for each in event.exceptions
        ],
        (len(event.threads), event.stacktrace is None, event.component_stack is None),
    )
    return hashlib.blake2b(msgspec.msgpack.encode(said), digest_size=16).digest()
