"""What becomes of a stored event when it is resolved again: better, or nothing."""

from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from headwater.digest.alike import alike
from headwater.digest.as_stored import event_hashes, sighting_of
from headwater.digest.digested import Digested
from headwater.digest.pipeline import Pipeline
from headwater.digest.sighted import frame_counts
from headwater.digest.tags import tags_of
from headwater.digest.wanting import wants
from headwater.protocol.event import Event
from headwater.protocol.event_json import parse_event
from headwater.sourcemaps.compiled.cache import Cache
from headwater.storage.events.events import resolution_digest
from headwater.storage.events.revisions import Draft, Revision, Revisions
from headwater.storage.issues.hashes import EventHashes
from headwater.storage.issues.sighting import Sighting
from headwater.storage.uploads.wants import Wanted
from headwater.symbolicate.resolution import Resolution, bundles_used, read_resolution

FORMER_BYTES: Final = 1024**2
"""Memory of the counts of resolutions that the latest events had before: most of them share theirs."""

_COUNTS: Final = 300
"""Bytes of one resolution's."""


class Outcome(Struct, frozen=True):
    """What an event's resolution tells, and that of any event that is alike.

    `sighting`: of one of them. `counts`: how many frames more are resolved, and failed.
    `bundles`: what resolves it now.
    """

    sighting: Sighting
    hashes: EventHashes
    resolution: bytes
    digest: bytes
    wants: frozenset[Wanted]
    seen: int
    counts: tuple[int, int]
    bundles: frozenset[int]


class Revised(Struct, frozen=True):
    """A stored event that came out better."""

    draft: Draft
    outcome: Outcome

    @property
    def sighting(self) -> Sighting:
        """What it tells about its issue."""
        draft = self.draft
        return replace(
            self.outcome.sighting,
            event_id=draft.event_id,
            timestamp=draft.timestamp,
            release=draft.release,
        )

    @property
    def revision(self) -> Revision:
        """What is stored of it."""
        outcome = self.outcome
        return Revision(
            self.draft,
            outcome.sighting.title,
            outcome.hashes.provisional,
            outcome.hashes.final,
            outcome.resolution,
            outcome.digest,
        )


class Revise:
    """Resolves stored events again; writes nothing."""

    def __init__(self, pipeline: Pipeline, revisions: Revisions) -> None:
        self._pipeline = pipeline
        self._revisions = revisions
        self._former = Cache(FORMER_BYTES)
        self._alike: dict[bytes, Outcome | None] = {}

    def refresh(self) -> None:
        """Whatever was uploaded before this counts from now on. Raises DatabaseError."""
        self._pipeline.refresh()
        self._alike.clear()

    def revised(self, draft: Draft) -> Revised | None:
        """None if nothing came out better: what was resolved once stays so, though its map be gone.

        Raises ResolverUnavailable, ProjectGone, DatabaseError.
        """
        payload = self._revisions.payload_of(draft)
        key = alike(payload, str(draft.project_id).encode(), draft.resolution_digest or b"")
        if key is not None and key in self._alike:
            outcome = self._alike[key]
        else:
            outcome = self._outcome(draft, payload)
            if key is not None:
                self._alike[key] = outcome
        return None if outcome is None else Revised(draft, outcome)

    def tags(self, draft: Draft) -> Sequence[tuple[str, str]]:
        """What an event is counted by at its issue."""
        return tuple(tags_of(event_of(draft, self._revisions.payload_of(draft))))

    def _outcome(self, draft: Draft, payload: bytes) -> Outcome | None:
        found = self._pipeline.again(draft.project_id, event_of(draft, payload), payload)
        text = msgspec.json.encode(found.resolution)
        digest = resolution_digest(text)
        if digest == draft.resolution_digest:
            return None
        before, after = self._counts_before(draft), frame_counts(found.resolution)
        if _resolved(found.resolution) < before[0]:
            return None
        return Outcome(
            sighting=sighting_of(found),
            hashes=event_hashes(found.hashes),
            resolution=text,
            digest=digest,
            wants=frozenset(wants(draft.project_id, found.event, found.resolution, digest)),
            seen=found.seen,
            counts=(after[0] - before[1], after[1] - before[2]),
            bundles=bundles_used(found.resolution),
        )

    def told(self, connection: Connection, draft: Draft) -> Digested:
        """What a stored event tells as it is. Raises ProjectGone, DatabaseError."""
        payload = self._revisions.payload_of(draft)
        resolution = read_resolution(self._revisions.resolution_of(draft, connection))
        event = event_of(draft, payload)
        return self._pipeline.told(draft.project_id, event, payload, resolution)

    def _counts_before(self, draft: Draft) -> tuple[int, int, int]:
        """Frames that were resolved; and of the user's own, how many were, and how many failed."""
        if draft.resolution_digest is None:  # its own, of before resolutions were shared
            return _counts(self._revisions.resolution_of(draft))
        known: tuple[int, int, int] | None = self._former.get(draft.resolution_digest)
        if known is None:
            known = _counts(self._revisions.resolution_of(draft))
            self._former.put(draft.resolution_digest, known, _COUNTS)
        return known


def _counts(text: bytes) -> tuple[int, int, int]:
    resolution = read_resolution(text)
    return _resolved(resolution), *frame_counts(resolution)


def event_of(draft: Draft, payload: bytes) -> Event:
    """As it was read when it came: by a clock that was set right with what its envelope said."""
    event = parse_event(payload, draft.received_at, event_id=draft.event_id)
    return replace(event, timestamp=draft.timestamp)


def _resolved(resolution: Resolution) -> int:
    return sum(
        frame.verdict.is_resolved for each in resolution.stacktraces for frame in each.frames
    )
