"""The parts of the upload side that both processes need, on one database and one storage."""

from msgspec import Struct
from msgspec.structs import replace

from headwater.artifacts.audit import Audit
from headwater.artifacts.compiler import COMPILER_BOUNDS, COMPILER_MEMORY
from headwater.artifacts.expire import Expiry, MadeFiles
from headwater.artifacts.keeping import Keeping, UploadBounds
from headwater.artifacts.making import Making
from headwater.artifacts.opened import OpenedMaps
from headwater.artifacts.tidy import Tidy
from headwater.artifacts.upload import UploadedChunks
from headwater.bounded_child.parent import Bounds
from headwater.settings import Settings
from headwater.sourcemaps.compiled.parts import VERSION as COMPILED_VERSION
from headwater.storage.database import Database
from headwater.storage.deleted_projects import DeletedProjects
from headwater.storage.files.blobs import Blobs
from headwater.storage.files.compiled import Compiled
from headwater.storage.files.compiled_files import CompiledFiles, NearCompiledFiles
from headwater.storage.files.originals import Originals
from headwater.storage.files.packs import VERSION as PACK_VERSION
from headwater.storage.files.packs import Packs
from headwater.storage.files.settle import Settling
from headwater.storage.files.stores import Stores
from headwater.storage.installation import Installation
from headwater.storage.instances import Instances
from headwater.storage.neighbours import Neighbours
from headwater.storage.process_counts import ProcessCounts
from headwater.storage.projects import Projects
from headwater.storage.uploads.artifacts import Artifacts
from headwater.storage.uploads.chunks import Chunks
from headwater.storage.uploads.former_files import FormerFiles
from headwater.storage.uploads.going_uploads import Going
from headwater.storage.uploads.named_files import NamedFiles
from headwater.storage.uploads.release_files import ReleaseFiles
from headwater.storage.uploads.surplus import Surplus


class UploadSide(Struct, frozen=True):
    """Where uploads are kept, what is made of them, and what tidies up."""

    chunks: UploadedChunks
    artifacts: Artifacts
    blobs: Originals
    tidy: Tidy
    making: Making
    opened: OpenedMaps
    audit: Audit

    @classmethod
    def of(
        cls,
        settings: Settings,
        database: Database,
        stores: Stores,
        counts: ProcessCounts | None = None,
    ) -> "UploadSide":
        """As the settings say."""
        chunks = UploadedChunks(Chunks(database), Blobs(stores.chunks, "sha1"))
        artifacts, packs = Artifacts(database), Packs(database)
        pack_files = CompiledFiles(stores.packs, PACK_VERSION)
        blobs = Originals(stores.files, packs, pack_files)
        compiled = NearCompiledFiles(stores.compiled, COMPILED_VERSION)
        register = Compiled(database, COMPILED_VERSION)
        made = (MadeFiles(register, compiled), MadeFiles(packs, pack_files))
        keeping = keeping_of(settings, database)
        canaries = Instances(database, stores.canaries)
        neighbours = Neighbours(Installation(database), canaries, stores.root)
        expiry = Expiry(chunks, artifacts, blobs, made, keeping, stores.finish, neighbours.check)
        making = Making(blobs, compiled, register, artifacts.script_of)
        opened = OpenedMaps(compiled, register, counts)
        raw = Blobs(stores.files, "sha256")
        audit = Audit(
            named=NamedFiles(database),
            files=raw,
            packs=packs,
            pack_files=pack_files,
            compiled=register,
            compiled_files=compiled,
            chunks=Chunks(database),
            chunk_files=Blobs(stores.chunks, "sha1"),
            expiry=expiry,
        )
        tidy = Tidy(expiry, Settling(raw, packs, pack_files))
        return cls(chunks, artifacts, blobs, tidy, making, opened, audit)


def compiler_bounds(settings: Settings) -> Bounds:
    """Of the processes that read foreign files."""
    return replace(COMPILER_BOUNDS, memory=COMPILER_MEMORY + settings.max_map_size)


def keeping_of(settings: Settings, database: Database) -> Keeping:
    """How long uploads are kept, and how many."""
    bounds = UploadBounds(
        settings.max_artifact_age_days,
        settings.max_releases_per_project,
        settings.max_artifacts_per_project,
    )
    return Keeping(
        Projects(database),
        Surplus(database),
        ReleaseFiles(database),
        FormerFiles(database),
        Going(database),
        DeletedProjects(database),
        bounds,
    )
