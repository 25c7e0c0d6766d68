"""The end of the digest: all of a batch of envelopes, or nothing, in one transaction."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from headwater.digest.announcing import Announcing
from headwater.digest.as_stored import counted_of, event_hashes, new_of, sighting_of
from headwater.digest.digested import Digested, DigestedEnvelope, Discarded, GivenUp, Ready
from headwater.digest.frame_counting import FrameCounting
from headwater.digest.normalize import Malformed
from headwater.digest.own_places import own_places
from headwater.digest.save_reports import save_reports
from headwater.digest.tags import tags_of
from headwater.digest.wanting import Wanting, wants
from headwater.digest.written import Writing, Written
from headwater.storage.alerts.counts import AlertCounts, Counted
from headwater.storage.database import Database
from headwater.storage.events.events import Events
from headwater.storage.events.user_reports import UserReports
from headwater.storage.issues.activity import Activity, Kind
from headwater.storage.issues.announcements import Reason
from headwater.storage.issues.decisions import Decisions
from headwater.storage.issues.hashes import EventHashes, HashTaken, Home, KnownHashes
from headwater.storage.issues.hours import IssueHours, hour_of
from headwater.storage.issues.issues import Issues
from headwater.storage.issues.places import IssuePlaces, Stack
from headwater.storage.issues.sighting import Sighting
from headwater.storage.issues.tag_counts import Seen, Tag, TagCounts, count_one
from headwater.storage.process_counts import Counted as Told
from headwater.storage.process_counts import ProcessCounts
from headwater.storage.projects import kept_projects
from headwater.storage.queue.dead_letters import DeadLetters
from headwater.storage.queue.outcomes import (
    DEAD_LETTER,
    ERROR,
    PROJECT_DELETED,
    OutcomeKey,
    Outcomes,
)
from headwater.storage.queue.queue import Outlet, QueuedEnvelope
from headwater.storage.uploads.wants import Wanted

MAX_RACES: Final = 5
"""Times that two workers may create the same issue, or store the same event, at once, on PostgreSQL,
before one gives up."""

FEEDBACK: Final = "feedback"
"""The category that users' reports are counted in, as SDKs call it."""

_Arrived = tuple[QueuedEnvelope, Digested]


class Save:
    """Saves what the pipeline made, and takes the envelopes off the queue with it."""

    def __init__(
        self,
        database: Database,
        outlet: Outlet,
        hold: timedelta = timedelta(0),
        counts: ProcessCounts | None = None,
    ) -> None:
        """`hold`: how long it is not told of a new issue that waits for an upload. `counts`: of what was
        saved."""
        self._counts = counts or ProcessCounts()
        self._database = database
        self._outlet = outlet
        self._events = Events(database)
        self._issues = Issues(database)
        self._decisions = Decisions(database)
        self._hours = IssueHours()
        self._tags = TagCounts(database)
        self._frames = FrameCounting()
        self._places = IssuePlaces()
        self._wanting = Wanting(database)
        self._announcing = Announcing(database, hold)
        self._activity = Activity(database)
        self._alert_counts = AlertCounts(database)
        self._outcomes = Outcomes(database)
        self._dead_letters = DeadLetters(database)
        self._user_reports = UserReports(database)
        self._writing = Writing(self._events.share)

    def save(self, ready: Sequence[Ready], now: datetime) -> Sequence[GivenUp]:
        """Events, issues, hashes, counts, dead letters, users' reports; nothing of what another worker has saved.
        The dead letters among them: none of a deleted project.

        Raises DatabaseError: nothing of the batch was saved.
        """
        for _ in range(MAX_RACES - 1):
            try:
                return self._save(ready, now)
            except (HashTaken, IntegrityError):
                continue
        return self._save(ready, now)

    def _save(self, ready: Sequence[Ready], now: datetime) -> Sequence[GivenUp]:
        try:
            return self._save_all(ready, now)
        except BaseException:
            self._tags.forget()
            self._frames.forget()
            self._places.forget()
            raise

    def _save_all(self, ready: Sequence[Ready], now: datetime) -> Sequence[GivenUp]:
        with self._database.write() as connection:
            taken = self._outlet.finish(connection, [one.queued for one in ready])
            mine = [one for one in ready if one.queued.id not in taken]
            ours = _of_kept_projects(connection, mine)
            outcomes: Counter[OutcomeKey] = Counter()
            for one in ours:
                if isinstance(one, GivenUp):
                    self._dead_letters.bury(connection, one.queued, one.error, now)
                for reason in _unkept(one):
                    outcomes[OutcomeKey.of(one.queued.project_id, ERROR, reason, now)] += 1
            arrived = [
                (one.queued, event)
                for one in ours
                if isinstance(one, DigestedEnvelope)
                for event in one.parts
                if isinstance(event, Digested)
            ]
            fresh = self._without_duplicates(connection, arrived)
            self._save_events(connection, fresh, now)
            seen = [(queued, one.event, self._writing.of(one.resolution)) for queued, one in fresh]
            self._frames.add(connection, seen, now)
            self._wanting.add(connection, self._wanted(fresh), now)
            for reason, count_of in (("accepted", fresh), ("duplicate", _rest(arrived, fresh))):
                for queued, _ in count_of:
                    outcomes[OutcomeKey.of(queued.project_id, ERROR, reason, now)] += 1
            for queued, reason in save_reports(connection, self._user_reports, ours):
                outcomes[OutcomeKey.of(queued.project_id, FEEDBACK, reason, now)] += 1
            self._outcomes.add_all(connection, outcomes)
        self._counts.add_all(_counted(outcomes, [facts for _, _, facts in seen]))
        return [one for one in ours if isinstance(one, GivenUp)]

    def _without_duplicates(
        self, connection: Connection, arrived: Sequence[_Arrived]
    ) -> list[_Arrived]:
        ids: defaultdict[int, list[str]] = defaultdict(list)
        for queued, one in arrived:
            ids[queued.project_id].append(one.event.event_id)
        seen = {
            (project_id, event_id)
            for project_id, wanted in ids.items()
            for event_id in self._events.known(connection, project_id, wanted)
        }
        fresh = []
        for queued, one in arrived:
            key = (queued.project_id, one.event.event_id)
            if key not in seen:
                seen.add(key)
                fresh.append((queued, one))
        return fresh

    def _save_events(
        self, connection: Connection, fresh: Sequence[_Arrived], now: datetime
    ) -> None:
        sightings: defaultdict[int, list[Sighting]] = defaultdict(list)
        hours: Counter[tuple[int, datetime]] = Counter()
        tags: dict[Tag, Seen] = {}
        rows, new, told, counted = [], list[int](), dict[int, Digested](), list[Counted]()
        hashes = [event_hashes(one.hashes) for _, one in fresh]
        known = _known(connection, fresh, hashes)
        for (queued, one), of_event in zip(fresh, hashes, strict=True):
            home = known.find(queued.project_id, of_event)
            if home is None:
                home = Home(self._issues.create(connection, queued.project_id, sighting_of(one)))
                new.append(home.issue_id)
            issue_id = home.issue_id
            if one.hashes.is_final or issue_id not in told:
                told[issue_id] = one
            known.attach(queued.project_id, home, of_event)
            sightings[issue_id].append(sighting_of(one, queued.received_at))
            rows.append(new_of(queued, one, home, self._writing.of(one.resolution).stored))
            hours[issue_id, hour_of(one.event.timestamp)] += 1
            counted.append(counted_of(queued, one, issue_id))
            for name, value in tags_of(one.event):
                count_one(tags, Tag(issue_id, name, value), one.event.timestamp)
        # The issues first, which are locked by that, in order: as where events move and where persons
        # merge, so that none of these waits for the other in a ring.
        changed = self._issues.saw(connection, sightings)
        known.flush()
        self._events.add_all(connection, rows)
        self._hours.add(connection, hours)
        self._tags.add(connection, tags)
        self._add_places(connection, fresh, [row.issue_id for row in rows], new)
        unmuted = [*changed.unmuted, *self._decisions.end_mutes_by_users(connection, sightings)]
        reasons = {Reason.NEW: new, Reason.REGRESSION: list(changed.back), Reason.UNMUTED: unmuted}
        self._tell(connection, told, reasons, now)
        self._note_returns(connection, changed.back, now)
        self._alert_counts.add(connection, counted, now)

    def _add_places(
        self,
        connection: Connection,
        fresh: Sequence[_Arrived],
        issue_ids: Sequence[int],
        made: Sequence[int],
    ) -> None:
        stacks = {
            Stack(queued.project_id, issue_id, self._writing.of(one.resolution).digest): partial(
                own_places, one.resolution
            )
            for (queued, one), issue_id in zip(fresh, issue_ids, strict=True)
        }
        self._places.add(connection, stacks, made)

    def _tell(
        self,
        connection: Connection,
        told: Mapping[int, Digested],
        reasons: Mapping[Reason, Sequence[int]],
        now: datetime,
    ) -> None:
        self._announcing.add(connection, told, reasons, now)
        self._activity.add(connection, reasons[Reason.UNMUTED], Kind.UNMUTED, now)

    def _note_returns(self, connection: Connection, back: Mapping[int, str], now: datetime) -> None:
        """Of issues, each with the release that it came back in."""
        for release in sorted(set(back.values())):
            these = [issue_id for issue_id, its in back.items() if its == release]
            self._activity.add(connection, these, Kind.CAME_BACK, now, said=release)

    def _wanted(self, fresh: Sequence[_Arrived]) -> dict[Wanted, int]:
        """What a later upload may bring to them."""
        return {
            each: one.seen
            for queued, one in fresh
            if (written := self._writing.of(one.resolution)).may_want
            for each in wants(queued.project_id, one.event, one.resolution, written.digest)
        }


def _of_kept_projects(connection: Connection, ready: Sequence[Ready]) -> list[Ready]:
    """Discarded are those of projects that somebody deleted while they were digested."""
    kept = kept_projects(connection, {one.queued.project_id for one in ready})
    return [one if one.queued.project_id in kept else Discarded(one.queued) for one in ready]


def _known(
    connection: Connection, fresh: Sequence[_Arrived], hashes: Sequence[EventHashes]
) -> KnownHashes:
    wanted: defaultdict[int, list[EventHashes]] = defaultdict(list)
    for (queued, _), of_event in zip(fresh, hashes, strict=True):
        wanted[queued.project_id].append(of_event)
    return KnownHashes(connection, wanted)


def _unkept(one: Ready) -> Iterator[str]:
    """What is counted for what is not an event in the end."""
    if isinstance(one, GivenUp):
        yield DEAD_LETTER
    elif isinstance(one, Discarded):
        yield PROJECT_DELETED
    else:
        yield from ("malformed_event" for part in one.parts if isinstance(part, Malformed))


def _counted(
    outcomes: Mapping[OutcomeKey, int], written: Sequence[Written]
) -> Mapping[Told, float]:
    """What a batch came to, as the process counts it."""
    counted: Counter[Told] = Counter()
    for key, count in outcomes.items():
        counted["outcomes", key.category, key.reason] += count
    for each in written:
        for verdict, count in each.verdicts.items():
            counted["frames", verdict] += count
    return counted


def _rest(all_: Sequence[_Arrived], some: Sequence[_Arrived]) -> list[_Arrived]:
    ours = {id(one) for _, one in some}
    return [(queued, one) for queued, one in all_ if id(one) not in ours]
