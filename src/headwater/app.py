"""The web process: settings in, a web server out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from headwater.artifacts.compiler import Compiler
from headwater.artifacts.compilers import Compilers
from headwater.artifacts.known import KnownArtifacts
from headwater.artifacts.lookup import StoredSourceMaps
from headwater.artifacts.surroundings import Missed, StoredSurroundings
from headwater.artifacts.workshop import Workshop
from headwater.back_ends import heartbeat_of, intake_of, stores_of
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
from headwater.server.errors import EXCEPTION_HANDLERS, Faults
from headwater.server.fast_path import fast_path
from headwater.server.health import Health
from headwater.server.ingest import Ingest, IngestLimits
from headwater.server.metrics import Metrics
from headwater.server.open_files import room_for_connections
from headwater.server.origin import Origins
from headwater.server.paths import ApiPaths
from headwater.server.rate_limits import RateLimits
from headwater.server.refusals import UploadRefusals
from headwater.server.release_findings import ReleaseRecords
from headwater.server.request_ids import RequestIds
from headwater.server.upload import UploadDoor, UploadLimits
from headwater.server.user_feedback import UserFeedbackDoor
from headwater.server.web.pages import Pages
from headwater.server.web.uploads.upload_tools import UploadTools
from headwater.server_side import (
    alert_records_of,
    attempts_of,
    gauges_of,
    inside_of,
    rates_of,
    storage_records_of,
    trusted_proxies,
    upload_tools_of,
)
from headwater.settings import Settings
from headwater.storage.database import Database
from headwater.storage.disk import FreeSpace
from headwater.storage.events.events import Events
from headwater.storage.events.healings import Healings
from headwater.storage.events.user_reports import UserReports
from headwater.storage.examinations import Examinations
from headwater.storage.files.stores import Stores
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
from headwater.upload_side import UploadSide, compiler_bounds, keeping_of

DRAIN_SECONDS = 20
"""How long requests under way may take to finish after SIGTERM; less than who watches waits."""

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
    compilers = Compilers(lambda: Compiler(compiler_bounds(settings), counts))
    rates = rates_of(settings, database)
    ingest = _ingest(settings, database, intake, outcomes, rates, counts)
    feedback = UserFeedbackDoor(
        _guard(settings, database), Projects(database), UserReports(database), ingest
    )
    workshop = Workshop(uploads.making, Compiler(compiler_bounds(settings), counts))
    tools = upload_tools_of(settings, database, uploads, compilers, workshop)
    upload, files = _upload_doors(settings, database, uploads, tools)
    heartbeat = heartbeat_of(database, stores, "web", counts)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        heartbeat.start()
        rates.start()
        yield
        rates.close()
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
            *_api(settings, database, stores, intake, outcomes),
            *_pages(settings, database, stores, intake, outcomes, refusals, tools).routes(),
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


def run(settings: Settings) -> None:
    """Serve until SIGTERM."""
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


def _ingest(
    settings: Settings,
    database: Database,
    intake: Intake,
    outcomes: Outcomes,
    rates: RateLimits,
    counts: ProcessCounts,
) -> Ingest:
    return Ingest(
        Projects(database),
        intake,
        outcomes,
        IngestLimits(settings.max_event_size, settings.max_envelope_size),
        rates,
        FreeSpace(settings.data_dir, settings.min_free_disk),
        counts,
    )


def _api(
    settings: Settings, database: Database, stores: Stores, intake: Intake, outcomes: Outcomes
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
        DoctorDoor(guard, inside_of(settings, database, stores), Examinations(database)),
        UploadedDoor(guard, projects, ReleaseRecords.of(database)),
        UnknownPaths(outcomes),  # last: it takes every path that is left
    )
    return [route for door in doors for route in door.routes()]


def _pages(
    settings: Settings,
    database: Database,
    stores: Stores,
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
        inside=inside_of(settings, database, stores),
        alerts=alert_records_of(settings, database),
        storage=storage_records_of(settings, database, stores, keeping_of(settings, database)),
        tools=tools,
        attempts=partial(attempts_of, database),
        public_url=settings.public_url,
        trusted=trusted_proxies(settings),
    )


def _guard(settings: Settings, database: Database) -> TokenGuard:
    return TokenGuard(Tokens(database), Projects(database), trusted_proxies(settings))


def _origins(settings: Settings) -> Origins:
    return Origins(settings.public_url, trusted_proxies(settings))
