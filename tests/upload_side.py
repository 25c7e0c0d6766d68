"""Everything between a build tool and a findable source map, wired up in a folder for tests."""

import gzip
import hashlib
import io
import json
import struct
import threading
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from msgspec.structs import replace
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from headwater.artifacts.assemble import Assembler
from headwater.artifacts.bundles import Bundles
from headwater.artifacts.compiler import Compiler
from headwater.artifacts.compilers import Compilers
from headwater.artifacts.expire import Expiry, MadeFiles
from headwater.artifacts.inspection import Inspector
from headwater.artifacts.keeping import Keeping, UploadBounds
from headwater.artifacts.lint.linter import Linter
from headwater.artifacts.lookup import StoredSourceMaps
from headwater.artifacts.making import Making
from headwater.artifacts.members import BundleLimits, Unpacker
from headwater.artifacts.opened import OpenedMaps
from headwater.artifacts.second_stage import SecondStage
from headwater.artifacts.single_files import SingleFiles
from headwater.artifacts.upload import UploadedChunks
from headwater.artifacts.workshop import EVENT_SECONDS, Patience, Workshop
from headwater.protocol.chunks import AssembleAnswer, AssembleRequest, AssembleState, Sha1
from headwater.server.api.organizations import OrganizationsDoor
from headwater.server.api.release_files import ReleaseFilesDoor
from headwater.server.api.releases import ReleasesDoor
from headwater.server.api.root import RootDoor
from headwater.server.api.unknown import UnknownPaths
from headwater.server.auth import TokenGuard
from headwater.server.errors import EXCEPTION_HANDLERS, Faults
from headwater.server.origin import Origins
from headwater.server.paths import ApiPaths
from headwater.server.refusals import UploadRefusals
from headwater.server.upload import UploadDoor, UploadLimits
from headwater.sourcemaps.compiled.parts import VERSION
from headwater.storage.deleted_projects import DeletedProjects
from headwater.storage.files.compiled import Compiled
from headwater.storage.files.packs import VERSION as PACK_VERSION
from headwater.storage.files.packs import Packs
from headwater.storage.files.settle import Settling
from headwater.storage.people.tokens import Scope, Tokens
from headwater.storage.project_keys import ProjectKeys
from headwater.storage.projects import Project, Projects
from headwater.storage.queue.outcomes import Outcomes
from headwater.storage.uploads.artifacts import Artifacts
from headwater.storage.uploads.chunks import Chunks
from headwater.storage.uploads.deploys import Deploys
from headwater.storage.uploads.former_files import FormerFiles, Removal
from headwater.storage.uploads.going_uploads import Going
from headwater.storage.uploads.home import Home
from headwater.storage.uploads.refusals import Refusals
from headwater.storage.uploads.release_files import ReleaseFiles
from headwater.storage.uploads.releases import Releases
from headwater.storage.uploads.surplus import Surplus
from tests.databases import database_in
from tests.folders import FolderBlobs, FolderFiles, FolderOriginals

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
REMOVAL = Removal(NOW, "the token ci")
DEBUG_ID = "8c0b638c-7772-4580-a988-5410e42f0437"
CHUNK = 512 * 1024
LIMITS = BundleLimits(bundle=64 * 1024**2, file=16 * 1024**2)

MAP = json.dumps(
    {
        "version": 3,
        "sources": ["src/app.ts"],
        "sourcesContent": ["throw new Error('boom')\n"],
        "names": [],
        "mappings": "AAAA",
    }
).encode()
SCRIPT = b"throw new Error('boom')\n//# sourceMappingURL=app.js.map\n"


class UploadSide:
    """The parts, on a database and blobs in `folder`."""

    def __init__(self, folder: Path, compiler: Compiler, limits: BundleLimits = LIMITS) -> None:
        self.database = database_in(folder)
        self.tokens = Tokens(self.database)
        self.projects = Projects(self.database)
        self.register = Chunks(self.database)
        self.chunk_blobs = FolderBlobs(folder / "chunks", "sha1")
        self.uploads = UploadedChunks(self.register, self.chunk_blobs)
        self.artifacts = Artifacts(self.database)
        packs, pack_files = Packs(self.database), FolderFiles(folder / "packs", PACK_VERSION)
        self.files = FolderOriginals(folder / "files", packs, pack_files)
        self.pack_files = pack_files
        self.settling = Settling(FolderBlobs(folder / "files", "sha256"), packs, pack_files)
        self.compiled = Compiled(self.database, VERSION)
        compiled_files = FolderFiles(folder / "compiled", VERSION)
        self.compiled_files = compiled_files
        self.making = Making(self.files, compiled_files, self.compiled, self.artifacts.script_of)
        self.compiler = compiler
        self.second_stage = SecondStage(self.making, compiler)
        compilers = Compilers(lambda: compiler, limit=1, per_home=1)
        inspector = Inspector(self.making, OpenedMaps(compiled_files, self.compiled), compilers)
        unpacker = Unpacker(self.files, inspector, limits)
        bundles = Bundles(self.artifacts, self.files, unpacker, Linter(inspector, self.artifacts))
        self.assembler = Assembler(self.uploads, self.artifacts, self.files, bundles, limits.bundle)
        self.release_files = ReleaseFiles(self.database)
        self.single_files = SingleFiles(self.artifacts, self.release_files, self.files, unpacker)
        self.releases = Releases(self.database)
        self.outcomes = Outcomes(self.database)
        self.refusals = Refusals(self.database)
        made = (MadeFiles(packs, pack_files), MadeFiles(self.compiled, compiled_files))
        self.expiry = Expiry(self.uploads, self.artifacts, self.files, made, self.keeping())
        self.limits = limits

    @property
    def former(self) -> FormerFiles:
        """What is remembered of removed uploads."""
        return FormerFiles(self.database)

    def keeping(self, bounds: UploadBounds = UploadBounds()) -> Keeping:  # noqa: B008 # frozen
        """How long uploads are kept, and how many."""
        surplus = Surplus(self.database)
        going = Going(self.database)
        deleted = DeletedProjects(self.database)
        return Keeping(
            self.projects, surplus, self.release_files, self.former, going, deleted, bounds
        )

    def expire(self, bounds: UploadBounds, now: datetime) -> None:
        """As the server does with these limits."""
        replace(self.expiry, keeping=self.keeping(bounds)).expire(now)

    def project(self, name: str) -> Project:
        """A new project."""
        return self.projects.create(name, None, NOW)

    def token(self, home: Home, scope: Scope = Scope.UPLOAD) -> str:
        """The secret of a new token."""
        return self.tokens.create("ci", scope, home, None, NOW)[1]

    def maps_of(self, project_id: int, seconds: float = EVENT_SECONDS) -> StoredSourceMaps:
        """What an event of a project may see, as a process that has just started sees it."""
        return StoredSourceMaps(
            project_id,
            self.artifacts,
            self.files,
            OpenedMaps(FolderFiles(self.making.folder, VERSION), self.compiled),
            Workshop(self.making, self.compiler),
            Patience(seconds),
        )

    def put_chunks(self, home: Home, bundle: bytes, now: datetime = NOW) -> list[Sha1]:
        """Store a bundle's chunks as an upload does; their names."""
        sizes = {}
        for chunk in cut(bundle):
            sha1, size = self.chunk_blobs.put([chunk])
            sizes[Sha1(sha1)] = size
        self.uploads.keep(home, sizes, now)
        return [sha1_of(chunk) for chunk in cut(bundle)]

    def assemble(
        self,
        home: Home,
        bundle: bytes,
        version: str | None = None,
        dist: str | None = None,
        now: datetime = NOW,
    ) -> AssembleAnswer:
        """Assemble a bundle whose chunks may or may not be there."""
        chunks = tuple(sha1_of(chunk) for chunk in cut(bundle))
        request = AssembleRequest(sha1_of(bundle), chunks, version, dist)
        return self.assembler.assemble(home, None, request, now)

    def upload(
        self,
        home: Home,
        bundle: bytes,
        version: str | None = None,
        dist: str | None = None,
        now: datetime = NOW,
    ) -> AssembleAnswer:
        """Store a bundle's chunks, and assemble it."""
        self.put_chunks(home, bundle, now)
        return self.assemble(home, bundle, version, dist, now)

    def routes(self) -> list[BaseRoute]:
        """Every door of this side."""
        guard, origins = TokenGuard(self.tokens, self.projects), Origins()
        told = UploadLimits(CHUNK, CHUNK, self.limits.bundle)
        doors = (
            UploadDoor(guard, self.uploads, self.assembler, origins, told),
            ReleaseFilesDoor(guard, self.release_files, self.single_files, self.limits.file),
            ReleasesDoor(guard, self.releases, Deploys(self.database), self.projects),
            OrganizationsDoor(guard, self.projects, ProjectKeys(self.database), origins),
            RootDoor(guard),
            UnknownPaths(self.outcomes),
        )
        return [route for door in doors for route in door.routes()]


MAX_ASKS = 20
"""Each waits on the server for a while."""


@dataclass(frozen=True, slots=True)
class BuildTool:
    """Uploads as the real clients do, over HTTP."""

    http: httpx.Client

    def assemble(self, bundle: bytes, **more: object) -> dict[str, Any]:
        """Ask for the bundle to be assembled."""
        request = {
            "checksum": sha1_of(bundle),
            "chunks": [sha1_of(chunk) for chunk in cut(bundle)],
            "projects": ["any"],
            **more,
        }
        path = "/api/0/organizations/any/artifactbundle/assemble/"
        answer = self.http.post(path, json=request)
        assert answer.status_code == httpx.codes.OK, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def send(self, *chunks: bytes, field: str = "file_gzip") -> httpx.Response:
        """Send chunks in one request."""
        pack = gzip.compress if field == "file_gzip" else bytes
        files = [(field, (sha1_of(chunk), pack(chunk))) for chunk in chunks]
        return self.http.post("/api/0/organizations/any/chunk-upload/", files=files)

    def upload(self, bundle: bytes, **more: object) -> dict[str, Any]:
        """Ask, send what is missing one chunk at a time, ask again until it is decided."""
        missing = self.assemble(bundle, **more)["missingChunks"]
        for chunk in cut(bundle):
            if sha1_of(chunk) in missing:
                assert self.send(chunk).status_code == httpx.codes.OK
        for _ in range(MAX_ASKS):
            if (answer := self.assemble(bundle, **more))["state"] != AssembleState.ASSEMBLING:
                return answer
        raise AssertionError(f"still not assembled after {MAX_ASKS} asks")


@contextmanager
def serving(routes: Sequence[BaseRoute], refusals: Refusals | None = None) -> Iterator[str]:
    """The origin of a server on a free port of the loopback; `refusals` keeps what it refuses."""
    seen = [] if refusals is None else [Middleware(UploadRefusals, refusals)]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(Faults), Middleware(ApiPaths), *seen],
        exception_handlers=dict(EXCEPTION_HANDLERS),
    )
    started = threading.Event()

    class Server(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            started.set()

    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, log_level="error", lifespan="off", ws="none"
    )
    server = Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert started.wait(30)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(30)


def bundle_of(
    files: Mapping[str, bytes], manifest: object, compression: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """An artifact bundle with these files; `manifest` None leaves that out, bytes go in as is."""
    packed = io.BytesIO()
    packed.write(b"SYSB" + struct.pack("<I", 2))
    with zipfile.ZipFile(packed, "a", compression) as archive:
        content = dict(files)
        if manifest is not None:
            written = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
            content["manifest.json"] = written
        for path, data in content.items():
            # Without a time of its own: the same files are the same bundle at any time.
            archive.writestr(zipfile.ZipInfo(path), data, compression)
    return packed.getvalue()


def manifest_of(files: Mapping[str, Mapping[str, object]], **more: object) -> dict[str, object]:
    """A manifest of `path: {type, url, …}`."""
    return {"files": files, **more}


def pair(debug_id: str | None = DEBUG_ID, source_map: bytes = MAP, script: bytes = SCRIPT) -> bytes:
    """A bundle of one minified file and its map, as sentry-cli makes it."""
    headers = {} if debug_id is None else {"debug-id": debug_id}
    return bundle_of(
        {"files/_/_/app.js": script, "files/_/_/app.js.map": source_map},
        manifest_of(
            {
                "files/_/_/app.js": {
                    "type": "minified_source",
                    "url": "~/app.js",
                    "headers": {**headers, "sourcemap": "app.js.map"},
                },
                "files/_/_/app.js.map": {
                    "type": "source_map",
                    "url": "~/app.js.map",
                    "headers": headers,
                },
            }
        ),
    )


def cut(bundle: bytes) -> list[bytes]:
    """The bundle in chunks."""
    return [bundle[start : start + CHUNK] for start in range(0, len(bundle), CHUNK)]


def sha1_of(content: bytes) -> Sha1:
    """The name of a chunk or bundle."""
    return Sha1(hashlib.sha1(content, usedforsecurity=False).hexdigest())
