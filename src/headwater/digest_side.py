"""What goes on in the digest process: the worker, and what goes on beside it."""

import gc
import signal
import threading
from datetime import timedelta
from types import FrameType

from msgspec.structs import replace

from headwater.alert_side import alerting_of
from headwater.artifacts.compiler import Compiler
from headwater.artifacts.known import KnownArtifacts
from headwater.artifacts.lookup import StoredSourceMaps
from headwater.artifacts.second_stage import BACKGROUND_NICENESS, FUNCTIONS_SECONDS, SecondStage
from headwater.artifacts.surroundings import Missed, StoredSurroundings
from headwater.artifacts.workshop import EVENT_SECONDS, Patience, Workshop
from headwater.back_ends import heartbeat_of, outlet_of, stores_of
from headwater.bounded_child.parent import Bounds
from headwater.digest.choices import KnownChoices
from headwater.digest.healing import Healer
from headwater.digest.pipeline import Pipeline
from headwater.digest.resolver import Resolver
from headwater.digest.retention import EventBounds, Retention
from headwater.digest.unmuting import Unmuting
from headwater.digest.worker import Worker
from headwater.settings import Settings
from headwater.storage.database import Database
from headwater.storage.disk import FreeSpace
from headwater.storage.process_counts import ProcessCounts
from headwater.storage.projects import Projects
from headwater.storage.uploads.former_files import FormerFiles
from headwater.storage.uploads.near_misses import NearMisses
from headwater.upload_side import UploadSide, compiler_bounds

RARELY = (100_000, 50, 100)
"""Objects made between two looks for garbage, and how many of those until one looks further: a tenth
of the digest's time otherwise."""


def run(settings: Settings) -> None:
    """Digest until SIGTERM."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    # Events make no cycles, but objects enough for a look every few of them.
    gc.set_threshold(*RARELY)
    Digest(settings).run(stop)


class Digest:
    """What the digest process consists of: a worker, and what goes on beside it."""

    def __init__(
        self, settings: Settings, bounds: Bounds | None = None, seconds: float = EVENT_SECONDS
    ) -> None:
        """`bounds` of the processes that read foreign files; `seconds` that one event has."""
        bounds = bounds or compiler_bounds(settings)
        self.database, stores = Database(settings.database), stores_of(settings)
        counts = ProcessCounts()
        self.uploads = UploadSide.of(settings, self.database, stores, counts)
        self.workshop = Workshop(self.uploads.making, Compiler(bounds, counts))
        background = Compiler(
            replace(bounds, seconds=FUNCTIONS_SECONDS, niceness=BACKGROUND_NICENESS), counts
        )
        self.second_stage = SecondStage(self.uploads.making, background)
        pending = timedelta(seconds=settings.pending_upload_seconds)
        self._missed = Missed(pending)
        self._seconds = seconds
        self.resolver, pipeline = self._resolving(self.workshop)
        outlet = outlet_of(settings, self.database)
        self.worker = Worker(self.database, outlet, pipeline, pending, counts)
        # With a compiler of its own, so that no event waits for one that came long ago.
        self._again = Workshop(
            self.uploads.making, Compiler(replace(bounds, niceness=BACKGROUND_NICENESS), counts)
        )
        self.healer = Healer(self.database, self._resolving(self._again)[1])
        self.retention = _retention(settings, self.database)
        self.unmuting = Unmuting(self.database)
        self.alerting = alerting_of(settings, self.database)
        self._heartbeat = heartbeat_of(self.database, stores, "digest", counts)

    def run(self, stop: threading.Event) -> None:
        """Until told to stop."""
        beside = (
            self.uploads.tidy,
            self.second_stage,
            self.retention,
            self.healer,
            self.unmuting,
        )
        for run in (*(each.run for each in beside), self.alerting.run):
            threading.Thread(target=run, args=(stop,), daemon=True).start()
        self._heartbeat.start()
        self.worker.run(stop)
        self.alerting.finish()
        self._heartbeat.close()
        self.close()

    def close(self) -> None:
        """End the processes that were started, and give back every connection."""
        self.workshop.close()
        self._again.close()
        self.database.close()

    def _resolving(self, workshop: Workshop) -> tuple[Resolver, Pipeline]:
        """What one thread resolves events with."""
        uploads = self.uploads
        near, former = NearMisses(self.database), FormerFiles(self.database)
        known = KnownArtifacts(uploads.artifacts, near, former)

        def maps_of(project_id: int) -> StoredSourceMaps:
            patience = Patience(self._seconds)
            return StoredSourceMaps(
                project_id, known, uploads.blobs, uploads.opened, workshop, patience
            )

        def around_of(project_id: int) -> StoredSurroundings:
            return StoredSurroundings(project_id, known, self._missed)

        resolver = Resolver(maps_of, known.refresh, around_of)
        choices = KnownChoices(Projects(self.database))
        return resolver, Pipeline(
            resolver.resolve, choices, resolver.refresh, lambda: known.changes
        )


def _retention(settings: Settings, database: Database) -> Retention:
    bounds = EventBounds(
        settings.max_age_days, settings.max_events_per_project, settings.max_database
    )
    return Retention(database, bounds, FreeSpace(settings.data_dir, settings.min_free_disk))
