"""The event side with uploads that come and go, and a healer, for tests of what becomes of stored events.

One bundle per build; in each, three functions throw on one minified line, so that their errors look
alike until the map is there.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from headwater.artifacts.known import KnownArtifacts
from headwater.artifacts.lookup import StoredSourceMaps
from headwater.artifacts.surroundings import Missed, StoredSurroundings
from headwater.digest.choices import KnownChoices
from headwater.digest.healing import PORTION, Healer
from headwater.digest.pipeline import Pipeline
from headwater.digest.resolver import Resolver
from headwater.digest.worker import Worker
from headwater.protocol.bundle import ArtifactType
from headwater.protocol.chunks import Sha1
from headwater.protocol.debug_id import DebugId
from headwater.protocol.event import Event
from headwater.sourcemaps.compiled.parts import CompiledFileDamaged
from headwater.sourcemaps.in_memory import source_map_in_memory
from headwater.sourcemaps.source_map import Script, SourceMap
from headwater.storage.events.events import StoredEvent
from headwater.storage.events.healings import Healings
from headwater.storage.events.resolver_versions import ResolverVersions
from headwater.storage.issues.announcements import Announcements
from headwater.storage.issues.issue import Issue
from headwater.storage.schema import events, issue_hours, issue_tags, issues, removed_events, wants
from headwater.storage.uploads.artifact import NewBundle, NewFile, ReleaseName
from headwater.storage.uploads.artifacts import Artifacts
from headwater.storage.uploads.former_files import FormerFiles, Removal
from headwater.storage.uploads.home import Home
from headwater.storage.uploads.near_misses import NearMisses
from headwater.storage.uploads.release_files import ReleaseFiles
from headwater.symbolicate.resolution import RESOLUTION_VERSION, Resolution
from headwater.symbolicate.source_maps import Artifact, ArtifactUnreadable
from tests.event_side import EventSide
from tests.sourcemaps.encode import encode_mappings

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
FUNCTIONS = ("pay", "order", "ship")
SOURCE = "".join(f"export function {name}(a) {{\n  throw a.{name};\n}}\n" for name in FUNCTIONS)
WINDOW = timedelta(minutes=2)
"""For so long an upload may be on its way."""
COLUMNS = (1, 11, 21)
"""Where each function's throw is on the minified line, from 1."""


def debug_id_of(build: str) -> str:
    """The same for the same build."""
    digest = hashlib.blake2b(build.encode(), digest_size=16).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:]}"


def map_of(build: str, source: str = SOURCE) -> bytes:
    """The map of a build: the name of its source is the same in each."""
    places = [(column - 1, 0, 3 * line + 1, 2) for line, column in enumerate(COLUMNS)]
    content = {
        "version": 3,
        "sources": ["src/cart.ts"],
        "sourcesContent": [source],
        "names": [],
        "mappings": encode_mappings([places]),
        "build": build,
    }
    return json.dumps(content).encode()


def thrown(number: int, build: str, function: str = "pay", **more: Any) -> dict[str, Any]:
    """An error of a function in a build's bundle; `number` tells events apart, and orders them."""
    file = f"https://h/assets/index-{debug_id_of(build)[:8]}.js"
    column = COLUMNS[FUNCTIONS.index(function)]
    frame = {"filename": file, "function": "t", "lineno": 1, "colno": column, "in_app": True}
    error = {"type": "Error", "value": "no money", "stacktrace": {"frames": [frame]}}
    image = {"type": "sourcemap", "code_file": file, "debug_id": debug_id_of(build)}
    moment = START + timedelta(minutes=7 * number)
    return {
        "event_id": f"{number:032x}",
        "timestamp": moment.timestamp(),
        "platform": "javascript",
        "exception": {"values": [error]},
        "debug_meta": {"images": [image]},
        "tags": {"number": f"{number}", "function": function},
        **more,
    }


@dataclass(frozen=True, slots=True)
class Told:
    """Everything that is known of an issue and does not depend on when its maps came."""

    events: frozenset[str]
    count: int
    first_seen: datetime
    last_seen: datetime
    latest: str | None
    title: str
    culprit: str
    hours: tuple[tuple[datetime, int], ...]
    tags: tuple[tuple[str, str, int], ...]


class MapsInMemory(StoredSourceMaps):
    """What is uploaded, found as ever, and read from memory instead of compiled files."""

    def __init__(self, project_id: int, known: KnownArtifacts, side: "HealingSide") -> None:
        self._project_id = project_id
        self._artifacts = known
        self._side = side
        self._has_failed = False

    @property
    def are_settled(self) -> bool:
        return not self._has_failed

    def open_map(self, artifact: Artifact, _script: Artifact | None = None) -> SourceMap:
        if self._side.is_unplugged:
            self._has_failed = True
            raise ArtifactUnreadable("the storage is gone")
        return source_map_in_memory(self._side.contents[artifact.key], None)

    def open_script(self, artifact: Artifact) -> Script:
        raise ArtifactUnreadable(f"no script is ever uploaded here: {artifact.url}")

    def heal(self, error: CompiledFileDamaged) -> None:
        raise error

    def set_aside(self, error: OSError) -> None:
        raise AssertionError from error


class HealingSide(EventSide):
    """`Shop` is project 1, `Blog` project 2."""

    def __init__(self, folder: Path, portion: int = PORTION) -> None:
        super().__init__(folder)
        self._portion = portion
        self.artifacts = Artifacts(self.database)
        self.release_files = ReleaseFiles(self.database)
        self.contents: dict[str, bytes] = {}
        self.is_unplugged = False
        self.healings = Healings(self.database)
        self.announcements = Announcements(self.database)
        # The server ran already when its projects were made.
        ResolverVersions(self.database).note_new(RESOLUTION_VERSION)
        self.seconds = 0.0
        self.missed = Missed(WINDOW, lambda: self.seconds)
        self.worker = Worker(self.database, self.outlet, self.resolving(), WINDOW)
        self.healer = self.new_healer()

    def resolving(self, afterwards: Callable[[], None] = lambda: None) -> Pipeline:
        """As each thread of the digest has one; `afterwards`: what happens when an event is resolved."""
        known = KnownArtifacts(
            self.artifacts, NearMisses(self.database), FormerFiles(self.database)
        )
        resolver = Resolver(
            lambda project: MapsInMemory(project, known, self),
            known.refresh,
            lambda project: StoredSurroundings(project, known, self.missed),
        )

        def resolve(project_id: int, event: Event) -> Resolution:
            found = resolver.resolve(project_id, event)
            afterwards()
            return found

        choices = KnownChoices(self.projects)
        return Pipeline(resolve, choices, resolver.refresh, lambda: known.changes)

    def new_healer(self) -> Healer:
        """As a process that has just started has it; what time may mend is tried at once."""
        return Healer(self.database, self.resolving(), retry=timedelta(0), portion=self._portion)

    def upload(
        self,
        build: str,
        home: Home = 1,
        release: str | None = None,
        source: str = SOURCE,
        debug_id: str | None = None,
    ) -> int:
        """The bundle of a build; it may come again."""
        content = map_of(build, source)
        key = hashlib.sha256(content).hexdigest()
        self.contents[key] = content
        claimed = debug_id or debug_id_of(build)
        file = NewFile(
            ArtifactType.SOURCE_MAP,
            f"~/assets/index-{debug_id_of(build)[:8]}.js.map",
            DebugId(claimed) if release is None else None,
            None,
            key,
            len(content),
        )
        checksum = Sha1(hashlib.sha1(content + (release or "").encode()).hexdigest())  # noqa: S324
        bundle = NewBundle(home, checksum, None, 1, None, (file,))
        named = ReleaseName(release) if release else None
        return self.artifacts.save(bundle, named, datetime.now(UTC), lambda _: True)

    def delete(self, bundle_id: int) -> None:
        """Forget an upload."""
        self.release_files.delete_bundle(bundle_id, Removal(datetime.now(UTC), "a test"))

    def forget_wants(self) -> None:
        """As of a project that has too many."""
        with self.database.write() as connection:
            connection.execute(wants.delete())

    def heal_some(self, portions: int) -> None:
        """So many portions, after a look at what has come."""
        self.healer.look(datetime.now(UTC))
        for _ in range(portions):
            self.healer.heal_once(datetime.now(UTC))

    def heal(self) -> None:
        """Until nothing is left to do."""
        while True:
            now = datetime.now(UTC)
            self.healer.look(now)
            if not self.healer.heal_once(now) and not self.healings.waiting():
                return

    def every(self, project_id: int = 1) -> Sequence[Issue]:
        """Every issue of a project that is none's tombstone."""
        return sorted(self.issues.list([project_id]).items, key=lambda issue: issue.id)

    def told(self, project_id: int = 1) -> set[Told]:
        """What issues there are."""
        return {self._told(issue) for issue in self.every(project_id)}

    def events_of(self, issue_id: int) -> frozenset[str]:
        """By the ids that clients gave them."""
        wanted = select(events.c.event_id).where(events.c.issue_id == issue_id)
        with self.database.read() as connection:
            return frozenset(connection.execute(wanted).scalars())

    def event(self, number: int, project_id: int = 1) -> StoredEvent:
        """One that must be there."""
        return self.stored(f"{number:032x}", project_id)

    def counted_wrongly(self) -> list[str]:
        """Every count that is not what is stored and was removed."""
        found = []
        with self.database.read() as connection:
            removed = dict(
                connection.execute(select(removed_events.c.issue_id, removed_events.c.count)).all()
            )
            for row in connection.execute(select(issues)).all():
                stored = len(self.events_of(row.id))
                if row.event_count - removed.get(row.id, 0) != stored:
                    found.append(f"issue {row.id}: {row.event_count} events, {stored} are stored")
                if row.merged_into is not None and (row.event_count or stored):
                    found.append(f"tombstone {row.id} has events")
        return found

    def _told(self, issue: Issue) -> Told:
        with self.database.read() as connection:
            hours = connection.execute(
                select(issue_hours.c.hour, issue_hours.c.count)
                .where(issue_hours.c.issue_id == issue.id)
                .order_by(issue_hours.c.hour)
            ).all()
            tags = connection.execute(
                select(issue_tags.c.key, issue_tags.c.value, issue_tags.c.count)
                .where(issue_tags.c.issue_id == issue.id)
                .order_by(issue_tags.c.key, issue_tags.c.value)
            ).all()
        return Told(
            events=self.events_of(issue.id),
            count=issue.event_count,
            first_seen=issue.first_seen,
            last_seen=issue.last_seen,
            latest=issue.latest_event_id,
            title=issue.title,
            culprit=issue.culprit,
            hours=tuple((hour, count) for hour, count in hours),
            tags=tuple((key, value, count) for key, value, count in tags),
        )


@contextmanager
def healing_side(folder: Path, portion: int = PORTION) -> Iterator[HealingSide]:
    """For a fixture; `portion`: events that are resolved again in one transaction."""
    side = HealingSide(folder, portion)
    try:
        yield side
    finally:
        side.close()
