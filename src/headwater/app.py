"""The composition root: settings in, a web server or a digest worker out. With `back_ends`, it alone picks back ends."""

import gc
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from types import FrameType

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from headwater.alert_side import alert_records_of, alerting_of, mail_server
from headwater.artifacts.compiler import COMPILER_BOUNDS, COMPILER_MEMORY, Compiler
from headwater.artifacts.compilers import Compilers
from headwater.artifacts.known import KnownArtifacts
from headwater.artifacts.lookup import StoredSourceMaps
from headwater.artifacts.second_stage import BACKGROUND_NICENESS, FUNCTIONS_SECONDS, SecondStage
from headwater.artifacts.surroundings import Missed, StoredSurroundings
from headwater.artifacts.workshop import EVENT_SECONDS, Patience, Workshop
from headwater.back_ends import (
    gauges_of,
    heartbeat_of,
    inside_of,
    intake_of,
    outlet_of,
    storage_records_of,
    stores_of,
)
from headwater.bounded_child.parent import Bounds
from headwater.digest.choices import KnownChoices
from headwater.digest.healing import Healer
from headwater.digest.pipeline import Pipeline
from headwater.digest.resolver import Resolver
from headwater.digest.retention import EventBounds, Retention
from headwater.digest.unmuting import Unmuting
from headwater.digest.worker import Worker
from headwater.log import configure_log
from headwater.server.api.dead_letters import DeadLettersDoor
from headwater.server.api.doctor import DoctorDoor
from headwater.server.api.events import EventsDoor
from headwater.server.api.issues import IssuesDoor
from headwater.server.api.organizations import OrganizationsDoor
from headwater.server.api.outcomes import OutcomesDoor
from headwater.server.api.release_files import ReleaseFilesDoor
from headwater.server.api.releases import ReleasesDoor
from headwater.server.api.resolve_again import ResolveAgainDoor
from headwater.server.api.root import RootDoor
from headwater.server.api.sourcemap_summary import SourcemapSummaryDoor
from headwater.server.api.unknown import UnknownPaths
from headwater.server.api.uploaded import UploadedDoor
from headwater.server.auth import TokenGuard
from headwater.server.doctor.inside import Inside
from headwater.server.errors import EXCEPTION_HANDLERS, Faults
from headwater.server.fast_path import fast_path
from headwater.server.health import Health
from headwater.server.ingest import Ingest, IngestLimits
from headwater.server.metrics import Metrics
from headwater.server.open_files import room_for_connections
from headwater.server.origin import Origins, TrustedProxies, UnreadableProxies
from headwater.server.paths import ApiPaths
from headwater.server.rate_limits import RateLimits
from headwater.server.refusals import UploadRefusals
from headwater.server.release_findings import ReleaseRecords
from headwater.server.request_ids import RequestIds
from headwater.server.upload import UploadDoor, UploadLimits
from headwater.server.user_feedback import UserFeedbackDoor
from headwater.server.web.pages import Pages
from headwater.server.web.uploads.upload_tools import UploadTools
from headwater.settings import InvalidSetting, Settings
from headwater.storage.database import Database
from headwater.storage.disk import FreeSpace
from headwater.storage.events.events import Events
from headwater.storage.events.healings import Healings
from headwater.storage.events.user_reports import UserReports
from headwater.storage.examinations import Examinations
from headwater.storage.issues.announcements import Announcements
from headwater.storage.issues.issues import Issues
from headwater.storage.people.tokens import Tokens
from headwater.storage.people.users import Users
from headwater.storage.process_counts import ProcessCounts
from headwater.storage.project_keys import ProjectKeys
from headwater.storage.projects import Projects
from headwater.storage.queue.dead_letters import DeadLetters
from headwater.storage.queue.outcomes import Outcomes
from headwater.storage.queue.queue import Intake
from headwater.storage.queue.retry import Retry
from headwater.storage.uploads.deploys import Deploys
from headwater.storage.uploads.former_files import FormerFiles
from headwater.storage.uploads.near_misses import NearMisses
from headwater.storage.uploads.refusals import Refusals
from headwater.storage.uploads.release_files import ReleaseFiles
from headwater.storage.uploads.releases import Releases
from headwater.upload_side import UploadSide, keeping_of, upload_tools_of

DRAIN_SECONDS = 20
"""How long requests under way may take to finish after SIGTERM; less than the supervisor waits."""

RARELY = (100_000, 50, 100)
"""Objects made between two looks for garbage, and how many of those until one looks further: a tenth
of the digest's time otherwise."""

KEEP_ALIVE_SECONDS = 75
"""Longer than a proxy keeps its connections (nginx: 60 s), so that it never uses a closed one."""


def web(settings: Settings) -> tuple[Starlette, Ingest]:
    """The server: every door, on one database and one storage of source maps; and the one of them
    that connections know a shorter way to."""
    database, stores, counts = Database(settings.database), stores_of(settings), ProcessCounts()
    intake = intake_of(settings, database, counts)
    outcomes = Outcomes(database)
    refusals = Refusals(database)
    uploads = UploadSide.of(settings, database, stores, counts)
    compilers = Compilers(lambda: Compiler(_compiler_bounds(settings), counts))
    ingest = _ingest(settings, database, intake, outcomes)
    feedback = UserFeedbackDoor(
        _guard(settings, database), Projects(database), UserReports(database), ingest
    )
    workshop = Workshop(uploads.making, Compiler(_compiler_bounds(settings), counts))
    tools = upload_tools_of(settings, database, uploads, compilers, workshop)
    upload, files = _upload_doors(settings, database, uploads, tools)
    heartbeat = heartbeat_of(database, stores, "web", counts)
    inside = inside_of(settings, database, stores)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        heartbeat.start()
        yield
        heartbeat.close()
        upload.close()
        tools.assemblies.close()
        compilers.close()
        workshop.close()
        intake.close()
        outcomes.close()
        refusals.close()
        database.close()

    app = Starlette(
        routes=[
            *Health(database, settings.sourcemaps, settings.lasting, settings.marked).routes(),
            *Metrics(_guard(settings, database), gauges_of(settings, database, stores)).routes(),
            *ingest.routes(),
            *feedback.routes(),
            *upload.routes(),
            *files.routes(),
            *_summary(settings, database, uploads, workshop).routes(),
            *_api(settings, database, inside, intake, outcomes),
            *_pages(settings, database, inside, intake, outcomes, refusals, tools).routes(),
        ],
        middleware=[
            Middleware(RequestIds),
            Middleware(Faults),
            Middleware(ApiPaths),
            Middleware(UploadRefusals, refusals),
        ],
        exception_handlers=EXCEPTION_HANDLERS,
        lifespan=lifespan,
    )
    return app, ingest


class Digest:
    """What the digest process consists of: a worker, and what goes on beside it."""

    def __init__(
        self, settings: Settings, bounds: Bounds | None = None, seconds: float = EVENT_SECONDS
    ) -> None:
        """`bounds` of the processes that read foreign files; `seconds` that one event has."""
        bounds = bounds or _compiler_bounds(settings)
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


def _compiler_bounds(settings: Settings) -> Bounds:
    return replace(COMPILER_BOUNDS, memory=COMPILER_MEMORY + settings.max_map_size)


def check(settings: Settings) -> None:
    """Raises InvalidSetting for what only the doors could find, before a child dies of it."""
    _trusted(settings)
    mail_server(settings)


def run(role: str, settings: Settings) -> None:
    """Be one of the two processes until SIGTERM: `web` or `digest`."""
    configure_log(settings.log_format)
    # What was imported stays. Looking through it for garbage stops everything for 50 ms each time.
    gc.freeze()
    {"web": _run_web, "digest": _run_digest}[role](settings)


def _run_web(settings: Settings) -> None:
    app, ingest = web(settings)
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http=fast_path(ingest, room_for_connections()),
        ws="none",
        access_log=False,
        server_header=False,
        # Whom to believe about X-Forwarded headers is decided in server.origin, for the host too.
        proxy_headers=False,
        log_level="warning",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )


def _run_digest(settings: Settings) -> None:
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    # Events make no cycles, but objects enough for a look every few of them.
    gc.set_threshold(*RARELY)
    Digest(settings).run(stop)


def _upload_doors(
    settings: Settings, database: Database, uploads: UploadSide, tools: UploadTools
) -> tuple[UploadDoor, ReleaseFilesDoor]:
    told = UploadLimits(settings.chunk_size, settings.max_request_size, settings.max_bundle_size)
    guard = _guard(settings, database)
    door = UploadDoor(guard, uploads.chunks, tools.assembler, _origins(settings), told)
    return door, ReleaseFilesDoor(guard, ReleaseFiles(database), tools.files, settings.max_map_size)


def _summary(
    settings: Settings, database: Database, uploads: UploadSide, workshop: Workshop
) -> SourcemapSummaryDoor:
    def view_of(project_id: int) -> tuple[StoredSourceMaps, StoredSurroundings]:
        known = KnownArtifacts(uploads.artifacts, NearMisses(database), FormerFiles(database))
        maps = StoredSourceMaps(project_id, known, uploads.blobs, uploads.opened, workshop)
        return maps, StoredSurroundings(project_id, known, Missed(timedelta()))

    return SourcemapSummaryDoor(_guard(settings, database), Projects(database), database, view_of)


def _ingest(settings: Settings, database: Database, intake: Intake, outcomes: Outcomes) -> Ingest:
    return Ingest(
        Projects(database),
        intake,
        outcomes,
        IngestLimits(settings.max_event_size, settings.max_envelope_size),
        RateLimits(settings.events_per_minute),
        FreeSpace(settings.data_dir, settings.min_free_disk),
    )


def _api(
    settings: Settings, database: Database, inside: Inside, intake: Intake, outcomes: Outcomes
) -> list[BaseRoute]:
    guard, projects = _guard(settings, database), Projects(database)
    doors = (
        RootDoor(guard),
        OrganizationsDoor(guard, projects, ProjectKeys(database), _origins(settings)),
        ReleasesDoor(guard, Releases(database), Deploys(database), projects),
        EventsDoor(guard, projects, Events(database), _origins(settings)),
        IssuesDoor(
            guard,
            projects,
            Issues(database),
            Events(database),
            Announcements(database),
            Users(database),
            _origins(settings),
        ),
        ResolveAgainDoor(guard, projects, Issues(database), Events(database), Healings(database)),
        DeadLettersDoor(guard, projects, DeadLetters(database), Retry(database, intake)),
        OutcomesDoor(guard, projects, outcomes),
        DoctorDoor(guard, inside, Examinations(database)),
        UploadedDoor(guard, projects, ReleaseRecords.of(database)),
        UnknownPaths(outcomes),  # last: it takes every path that is left
    )
    return [route for door in doors for route in door.routes()]


def _pages(
    settings: Settings,
    database: Database,
    inside: Inside,
    intake: Intake,
    outcomes: Outcomes,
    refusals: Refusals,
    tools: UploadTools,
) -> Pages:
    return Pages(
        database,
        outcomes=outcomes,
        refusals=refusals,
        retry=Retry(database, intake),
        inside=inside,
        alerts=alert_records_of(settings, database),
        storage=storage_records_of(settings, database, keeping_of(settings, database)),
        tools=tools,
        public_url=settings.public_url,
        trusted=_trusted(settings),
    )


def _guard(settings: Settings, database: Database) -> TokenGuard:
    return TokenGuard(Tokens(database), Projects(database), _trusted(settings))


def _origins(settings: Settings) -> Origins:
    return Origins(settings.public_url, _trusted(settings))


def _trusted(settings: Settings) -> TrustedProxies:
    try:
        return TrustedProxies.parse(settings.trusted_proxies)
    except UnreadableProxies as error:
        raise InvalidSetting(str(error)) from None
