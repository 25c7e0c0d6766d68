"""What pages do with uploads beside showing them."""

from msgspec import Struct

from headwater.artifacts.assemble import Assembler
from headwater.artifacts.map_sources import MapSources
from headwater.artifacts.members import BundleLimits
from headwater.artifacts.single_files import SingleFiles
from headwater.artifacts.upload import UploadedChunks
from headwater.server.assemblies import Assemblies
from headwater.storage.uploads.artifacts import Artifacts


class UploadTools(Struct, frozen=True):
    """Of the upload side, put together by who starts the server."""

    files: SingleFiles
    """Deletes, bundles as well."""
    assembler: Assembler
    chunks: UploadedChunks
    artifacts: Artifacts
    limits: BundleLimits
    assemblies: Assemblies
    """Of uploads by hand."""
    sources: MapSources
    """Inside of maps."""
