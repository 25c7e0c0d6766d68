"""Where events belong that were resolved again, and everything that follows them there.

Why a moved issue is what it is: docs/decisions/0011-healing.md.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from headwater.digest.as_stored import sighting_of
from headwater.digest.own_places import own_places
from headwater.digest.revise import Revise, Revised
from headwater.digest.wanting import Wanting
from headwater.storage.database import Database
from headwater.storage.events.healings import Healings, Step
from headwater.storage.events.project_hours import NO_RELEASE, Came, HourKey, recount_hours
from headwater.storage.events.revisions import Revisions
from headwater.storage.issues.activity import Activity, Kind
from headwater.storage.issues.announcements import Announcements, Reason
from headwater.storage.issues.hashes import EventHashes, Home, KnownHashes
from headwater.storage.issues.merges import merged_at
from headwater.storage.issues.moves import IssueMoves
from headwater.storage.issues.places import IssuePlaces, Place, Stack, look_again_for_places
from headwater.storage.issues.tallies import Move
from headwater.storage.issues.tombstones import Tombstones
from headwater.storage.uploads.bundle_uses import BundleUses
from headwater.storage.uploads.needed import note_needed
from headwater.storage.uploads.sightings import Recounted, SeenRelease, recount
from headwater.storage.window import hour_number
from headwater.symbolicate.resolution import read_resolution


class Regroup:
    """One transaction for some events: all of it, or nothing."""

    def __init__(self, database: Database, revise: Revise, revisions: Revisions) -> None:
        self._database = database
        self._revise = revise
        self._revisions = revisions
        self._moves = IssueMoves(database)
        self._tombstones = Tombstones(database)
        self._wanting = Wanting(database)
        self._healings = Healings(database)
        self._announcements = Announcements(database)
        self._activity = Activity(database)
        self._uses = BundleUses()
        self._log = structlog.get_logger()

    def save(self, steps: Sequence[Step], revised: Sequence[Revised], now: datetime) -> int:
        """Store what came out better, move what belongs elsewhere, note how far it is; how many changed.

        Events that somebody else has changed meanwhile are left to them. Raises HashTaken,
        DatabaseError: nothing was stored.
        """
        try:
            with self._database.write() as connection:
                same = self._revisions.unchanged(connection, [one.draft for one in revised])
                ours = [one for one in revised if one.draft.id in same]
                if ours:
                    self._save(connection, ours, now)
                done = Counter(one.draft.id for one in ours)
                for step in steps:
                    changed = sum(done[each] for each in step.ids)
                    self._healings.advance(connection, step, changed, now)
        except BaseException:
            self._moves.forget()
            self._uses.forget()
            self._tombstones.forget()
            raise
        return len(ours)

    def _save(self, connection: Connection, ours: Sequence[Revised], now: datetime) -> None:
        homes = self._homes(connection, ours, now)
        moves = [
            Move(
                one.sighting,
                one.draft.received_at,
                self._tags(one, homes),
                one.draft.issue_id,
                homes[one.draft.id].issue_id,
            )
            for one in ours
        ]
        self._revisions.write(connection, [one.revision for one in ours], homes)
        moved = self._moves.move(connection, moves)
        self._note_places(connection, ours, homes)
        for issue_id in moved.nameless:
            self.name(connection, issue_id)
        self._announcements.add(connection, Reason.REGRESSION, dict.fromkeys(moved.back, now), now)
        self._activity.add(connection, moved.back, Kind.CAME_BACK, now)
        for origin, target in self._moves.left_empty(connection, moves).items():
            self._tombstones.leave(connection, origin, target)
            self._announcements.drop(connection, [origin])
        readable = {each.target for each in moves if each.sighting.is_settled}
        self._announcements.release(connection, sorted(readable), now)
        # From here on in the digest's order, so that neither waits for the other in a ring.
        recount(connection, _counts(ours))
        recount_hours(connection, _hours(ours))
        bundles = frozenset[int]().union(*(one.outcome.bundles for one in ours))
        self._uses.add(connection, bundles, now)
        note_needed(connection, {one.outcome.digest: one.outcome.bundles for one in ours})
        wanted = {each: one.outcome.seen for one in ours for each in one.outcome.wants}
        self._wanting.add(connection, wanted, now)

    def _note_places(
        self, connection: Connection, ours: Sequence[Revised], homes: Mapping[int, Home]
    ) -> None:
        stacks = {}
        left = set()
        for one in ours:
            draft, target = one.draft, homes[one.draft.id].issue_id
            found = partial(self._places_in, one.outcome.resolution)
            stacks[Stack(draft.project_id, target, one.outcome.digest)] = found
            if draft.issue_id != target:
                left.add(draft.issue_id)
        for issue_id in sorted(left):
            self.look_again(connection, issue_id)
        IssuePlaces().add(connection, stacks)

    def look_again(self, connection: Connection, issue_id: int) -> None:
        """Note an issue's places anew: events have left it."""
        look_again_for_places(connection, issue_id, partial(self._read_places, connection))

    def _read_places(self, connection: Connection, digests: Sequence[bytes]) -> Iterator[Place]:
        for content in self._revisions.resolutions(connection, digests):
            yield from self._places_in(content)

    def _places_in(self, content: bytes) -> Collection[Place]:
        return own_places(read_resolution(content))

    def _tags(self, one: Revised, homes: Mapping[int, Home]) -> Sequence[tuple[str, str]]:
        """Of those that move; the others' are counted where they are."""
        stays = homes[one.draft.id].issue_id == one.draft.issue_id
        return () if stays else self._revise.tags(one.draft)

    def _homes(
        self, connection: Connection, ours: Sequence[Revised], now: datetime
    ) -> Mapping[int, Home]:
        """By the event, the issue that it belongs to: where it is, unless its hash says more. What a
        person merged when it had come stays together, whatever has turned out since."""
        wanted: defaultdict[int, list[EventHashes]] = defaultdict(list)
        for one in ours:
            wanted[one.draft.project_id].append(one.outcome.hashes)
        known = KnownHashes(connection, wanted)
        known.hold(one.draft.issue_id for one in ours)
        merged = merged_at(connection, {one.draft.issue_id for one in ours})
        homes = {}
        for one in ours:
            draft, hashes = one.draft, one.outcome.hashes
            homes[draft.id] = Home(draft.issue_id, draft.merged_from)
            if not hashes.is_final:
                continue
            if draft.issue_id in merged and draft.received_at <= merged[draft.issue_id]:
                known.attach_free(draft.project_id, homes[draft.id], hashes)
                continue
            home = known.find(draft.project_id, hashes)
            home = home or Home(self._split(connection, one, now))
            known.attach(draft.project_id, home, hashes)
            homes[draft.id] = home
        known.flush()
        return homes

    def _split(self, connection: Connection, one: Revised, now: datetime) -> int:
        project_id, origin = one.draft.project_id, one.draft.issue_id
        issue_id = self._moves.split(connection, project_id, origin, one.sighting)
        self._announcements.pass_on(connection, origin, issue_id, now)
        return issue_id

    def name(self, connection: Connection, issue_id: int) -> None:
        """Call an issue by its last event: the one that it was called by has left it."""
        latest = self._revisions.latest(connection, issue_id)
        if latest is None:
            return
        try:
            told = self._revise.told(connection, latest)
        except DatabaseError:
            raise
        except Exception:  # noqa: BLE001 # an event that can't be read holds up none of the others
            self._log.exception("an issue keeps its name", issue=issue_id, event_id=latest.event_id)
            return
        self._moves.name(connection, issue_id, sighting_of(told))


def _counts(ours: Sequence[Revised]) -> dict[SeenRelease, list[Recounted]]:
    counts: defaultdict[SeenRelease, list[Recounted]] = defaultdict(list)
    for one in ours:
        if one.draft.release and any(one.outcome.counts):
            came = Recounted(one.draft.received_at, *one.outcome.counts)
            counts[one.draft.project_id, one.draft.release].append(came)
    return counts


def _hours(ours: Sequence[Revised]) -> dict[HourKey, Came]:
    counts: defaultdict[HourKey, Came] = defaultdict(Came)
    for one in ours:
        if any(one.outcome.counts):
            draft = one.draft
            release = draft.release or NO_RELEASE
            hour = hour_number(draft.received_at)
            key = HourKey(draft.project_id, hour, one.sighting.level, release)
            counts[key].add(0, *one.outcome.counts)
    return counts
