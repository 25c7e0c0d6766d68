"""The composition root: settings in, a web server or a digest worker out. It alone picks back ends."""

import os
import signal
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import FrameType

import structlog
import uvicorn
from sqlalchemy.exc import DatabaseError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from headwater.artifacts.assemble import Assembler
from headwater.artifacts.bundles import Bundles
from headwater.artifacts.expire import Expiry, MadeFiles
from headwater.artifacts.inspectors import Inspectors
from headwater.artifacts.lookup import DecodedMaps, StoredSourceMaps
from headwater.artifacts.members import BundleLimits, Unpacker
from headwater.artifacts.single_files import SingleFiles
from headwater.artifacts.upload import UploadedChunks
from headwater.bounded_child.answering import Answering
from headwater.bounded_child.parent import BoundedChild, Bounds
from headwater.digest.resolver import RESOLVER_BOUNDS, Resolver
from headwater.digest.resolving import serve
from headwater.digest.worker import Worker
from headwater.server.api.events import EventsDoor
from headwater.server.api.issues import IssuesDoor
from headwater.server.api.organizations import OrganizationsDoor
from headwater.server.api.release_files import ReleaseFilesDoor
from headwater.server.api.releases import ReleasesDoor
from headwater.server.api.root import RootDoor
from headwater.server.api.unknown import UnknownPaths
from headwater.server.auth import TokenGuard
from headwater.server.connection import Connection
from headwater.server.errors import EXCEPTION_HANDLERS, Faults
from headwater.server.health import Health
from headwater.server.ingest import Ingest
from headwater.server.origin import Origins, TrustedProxies, UnreadableProxies
from headwater.server.paths import ApiPaths
from headwater.server.refusals import UploadRefusals
from headwater.server.upload import UploadDoor, UploadLimits
from headwater.server.web.pages import Pages
from headwater.settings import InvalidSetting, Settings, as_environment, read_settings
from headwater.sourcemaps.compiled.parts import VERSION as COMPILED_VERSION
from headwater.storage.artifacts import Artifacts
from headwater.storage.blobs import DiskBlobs
from headwater.storage.chunks import Chunks
from headwater.storage.compiled import Compiled
from headwater.storage.compiled_files import CompiledFiles
from headwater.storage.database import Database
from headwater.storage.deploys import Deploys
from headwater.storage.events import Events
from headwater.storage.issues import Issues
from headwater.storage.originals import Originals
from headwater.storage.outcomes import Outcomes
from headwater.storage.packs import VERSION as PACK_VERSION
from headwater.storage.packs import Packs
from headwater.storage.projects import Projects
from headwater.storage.queue import Queue
from headwater.storage.refusals import Refusals
from headwater.storage.release_files import ReleaseFiles
from headwater.storage.releases import Releases
from headwater.storage.sessions import Sessions
from headwater.storage.settle import Settling
from headwater.storage.tokens import Tokens
from headwater.storage.uploads import Uploads
from headwater.storage.users import Users

TIDY_EVERY = timedelta(hours=1)
"""Between two looks for what nobody needs any more, and for what can be packed."""

DRAIN_SECONDS = 20
"""How long requests under way may take to finish after SIGTERM; less than the supervisor waits."""

RESOLVER = "resolver"
"""The role of the process that reads foreign files for the digest."""

SUPERVISED = "--supervised"
"""Tells a child that its standard input ends with its parent."""

KEEP_ALIVE_SECONDS = 75
"""Longer than a proxy keeps its connections (nginx: 60 s), so that it never uses a closed one."""


@dataclass(frozen=True, slots=True)
class _Uploads:
    """What both processes need of the upload side."""

    chunks: UploadedChunks
    artifacts: Artifacts
    blobs: Originals
    expiry: Expiry
    settling: Settling

    @classmethod
    def of(cls, settings: Settings, database: Database) -> "_Uploads":
        folder = settings.sourcemaps
        chunks = UploadedChunks(Chunks(database), DiskBlobs(folder / "chunks", "sha1"))
        artifacts, packs = Artifacts(database), Packs(database)
        pack_files = CompiledFiles(folder / "packs", PACK_VERSION)
        blobs = Originals(folder / "files", packs, pack_files)
        compiled = CompiledFiles(folder / "compiled", COMPILED_VERSION)
        made = (
            MadeFiles(Compiled(database, COMPILED_VERSION), compiled),
            MadeFiles(packs, pack_files),
        )
        expiry = Expiry(chunks, artifacts, blobs, made)
        settling = Settling(DiskBlobs(folder / "files", "sha256"), packs, pack_files)
        return cls(chunks, artifacts, blobs, expiry, settling)


def web(settings: Settings) -> Starlette:
    """The server: every door, on one database and one folder of source maps."""
    database = Database(settings.database)
    queue = Queue(database)
    outcomes = Outcomes(database)
    refusals = Refusals(database)
    inspectors = Inspectors()
    upload, files = _upload_doors(settings, database, inspectors)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        upload.close()
        inspectors.close()
        queue.close()
        outcomes.close()
        refusals.close()
        database.close()

    return Starlette(
        routes=[
            *Health(database, settings.sourcemaps).routes(),
            *_ingest(settings, database, queue, outcomes).routes(),
            *upload.routes(),
            *files.routes(),
            *_api(settings, database, outcomes),
            *_pages(settings, database, refusals).routes(),
        ],
        middleware=[Middleware(Faults), Middleware(ApiPaths), Middleware(UploadRefusals, refusals)],
        exception_handlers=EXCEPTION_HANDLERS,
        lifespan=lifespan,
    )


def resolver(settings: Settings, bounds: Bounds = RESOLVER_BOUNDS) -> Resolver:
    """What the digest symbolicates with; it starts this program in its third role."""
    return Resolver(BoundedChild(["headwater.app", RESOLVER], bounds, as_environment(settings)))


def _run_resolver(settings: Settings, answering: Answering) -> None:
    database = Database(settings.database)
    uploads = _Uploads.of(settings, database)
    decoded = DecodedMaps()

    def maps_of(project_id: int) -> StoredSourceMaps:
        return StoredSourceMaps(project_id, uploads.artifacts, uploads.blobs, decoded)

    serve(answering, maps_of)
    database.close()


def check(settings: Settings) -> None:
    """Raises InvalidSetting for what only the doors could find, before a child dies of it."""
    _trusted(settings)


def run(role: str, settings: Settings) -> None:
    """Be one of the two processes until SIGTERM: `web` or `digest`."""
    configure_log(settings)
    {"web": _run_web, "digest": _run_digest}[role](settings)


def follow_parent() -> None:
    """End this process when its supervisor is gone, so that no orphan keeps the port."""

    def watch() -> None:
        # Not through sys.stdin: its lock, held by this thread, would hinder the interpreter's end.
        while os.read(0, 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    # Ctrl-C reaches the whole process group; only the supervisor acts on it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=watch, name="follow-parent", daemon=True).start()


def _run_web(settings: Settings) -> None:
    uvicorn.run(
        web(settings),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http=Connection,
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
    database = Database(settings.database)
    uploads = _Uploads.of(settings, database)
    threading.Thread(target=_tidy, args=(uploads, stop), name="tidy", daemon=True).start()
    resolves = resolver(settings)
    resolves.start()
    Worker(database, Queue(database), resolves.resolve).run(stop)
    resolves.close()
    database.close()


def configure_log(settings: Settings) -> None:
    """One line for people, or JSON."""
    renderer = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        cache_logger_on_first_use=True,
    )


def _upload_doors(
    settings: Settings, database: Database, inspectors: Inspectors
) -> tuple[UploadDoor, ReleaseFilesDoor]:
    uploads = _Uploads.of(settings, database)
    limits = BundleLimits(settings.max_bundle_size, settings.max_map_size)
    unpacker = Unpacker(uploads.blobs, inspectors, limits)
    bundles = Bundles(uploads.artifacts, uploads.blobs, unpacker)
    assembler = Assembler(
        uploads.chunks, uploads.artifacts, uploads.blobs, bundles, settings.max_bundle_size
    )
    told = UploadLimits(settings.chunk_size, settings.max_request_size, settings.max_bundle_size)
    guard = _guard(database)
    door = UploadDoor(guard, uploads.chunks, assembler, _origins(settings), told)
    listed = ReleaseFiles(database)
    singles = SingleFiles(uploads.artifacts, listed, uploads.blobs, unpacker)
    return door, ReleaseFilesDoor(guard, listed, singles, settings.max_map_size)


def _ingest(settings: Settings, database: Database, queue: Queue, outcomes: Outcomes) -> Ingest:
    return Ingest(
        Projects(database),
        queue,
        outcomes,
        settings.max_event_size,
        settings.max_envelope_size,
    )


def _api(settings: Settings, database: Database, outcomes: Outcomes) -> list[BaseRoute]:
    guard, projects = _guard(database), Projects(database)
    doors = (
        RootDoor(guard),
        OrganizationsDoor(guard, projects, _origins(settings)),
        ReleasesDoor(guard, Releases(database), Deploys(database), projects),
        EventsDoor(guard, projects, Events(database)),
        IssuesDoor(guard, projects, Issues(database), Events(database), _origins(settings)),
        UnknownPaths(outcomes),  # last: it takes every path that is left
    )
    return [route for door in doors for route in door.routes()]


def _pages(settings: Settings, database: Database, refusals: Refusals) -> Pages:
    return Pages(
        projects=Projects(database),
        tokens=Tokens(database),
        users=Users(database),
        sessions=Sessions(database),
        events=Events(database),
        issues=Issues(database),
        uploads=Uploads(database),
        refusals=refusals,
        public_url=settings.public_url,
        trusted=_trusted(settings),
    )


def _guard(database: Database) -> TokenGuard:
    return TokenGuard(Tokens(database), Projects(database))


def _origins(settings: Settings) -> Origins:
    return Origins(settings.public_url, _trusted(settings))


def _trusted(settings: Settings) -> TrustedProxies:
    try:
        return TrustedProxies.parse(settings.trusted_proxies)
    except UnreadableProxies as error:
        raise InvalidSetting(str(error)) from None


def _tidy(uploads: _Uploads, stop: threading.Event) -> None:
    while not stop.is_set():
        for turn in (uploads.expiry.expire, uploads.settling.settle):
            try:
                turn(datetime.now(UTC))
            except (DatabaseError, OSError) as error:
                structlog.get_logger().warning(
                    "old files were left for the next time", error=str(error)
                )
        stop.wait(TIDY_EVERY.total_seconds())


def main() -> None:
    """`python -m headwater.app web|digest`: a child of the supervisor, without the command line.

    `resolver`: a child of the digest.
    """
    os.umask(0o077)
    role, *marks = sys.argv[1:]
    if role == RESOLVER:
        _run_resolver(read_settings(), Answering(marks))
        return
    if SUPERVISED in marks:
        follow_parent()
    run(role, read_settings())


if __name__ == "__main__":
    main()
