"""An uploaded bundle and its files, as facts: before they are stored, and as they are found."""

from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Row

from headwater.protocol.bundle import ArtifactType
from headwater.protocol.chunks import Sha1
from headwater.protocol.debug_id import DebugId
from headwater.protocol.file_names import stem_of
from headwater.storage.uploads.home import Home

OVER_LIMIT: Final = "is over a limit: "
"""Begins the fault of a file that may be fine, but is larger than the server handles."""


class NewFile(Struct, frozen=True):
    """One file of a bundle, its content durable already. `sha256` "": not kept, `fault` says why."""

    type: ArtifactType
    url: str
    debug_id: DebugId | None
    source_map_reference: str | None
    sha256: str
    size: int
    fault: str | None = None
    sha1: Sha1 | None = None
    """Of a file that was uploaded by itself, to a release."""
    built_as: str | None = None
    """What the bundler called it, where its address is made up of a debug id."""


class NewReport(Struct, frozen=True):
    """How many errors, warnings and notes there are to a bundle, and what they are: JSON."""

    errors: int
    warnings: int
    notes: int
    content: bytes


class NewBundle(Struct, frozen=True):
    """A bundle that is about to be stored. `size` in bytes, of the whole bundle."""

    home: Home
    checksum: Sha1
    bundle_id: DebugId | None
    size: int
    token_id: int | None
    files: tuple[NewFile, ...]
    report: NewReport | None = None
    user_id: int | None = None
    """Of who uploaded it by hand."""


class Uploader(Struct, frozen=True):
    """A token's number, or that of a user who uploaded by hand."""

    token_id: int | None = None
    user_id: int | None = None


class UploadedMap(Struct, frozen=True):
    """A source map that is there already."""

    debug_id: DebugId
    url: str
    sha256: str
    uploaded_at: datetime


class StoredFile(Struct, frozen=True):
    """One stored file, as a look-up sees it."""

    id: int
    bundle: int
    uploaded_at: datetime
    type: ArtifactType
    url: str
    debug_id: DebugId | None
    source_map_reference: str | None
    sha256: str
    size: int
    fault: str | None
    sha1: Sha1 | None


class ReleaseName(Struct, frozen=True):
    """What a bundle is for. `dist` None: it was built without one."""

    version: str
    dist: str | None = None


def file_row(bundle_id: int, file: NewFile) -> dict[str, Any]:
    return {
        "artifact_bundle_id": bundle_id,
        "type": file.type.value,
        "url": file.url,
        "stem": stem_of(file.built_as or file.url),
        "debug_id": file.debug_id,
        "source_map_reference": file.source_map_reference,
        "sha256": file.sha256,
        "size": file.size,
        "fault": file.fault,
        "sha1": file.sha1,
        "built_as": file.built_as,
    }


def stored_file(row: Row[Any]) -> StoredFile:
    return StoredFile(
        id=row.id,
        bundle=row.artifact_bundle_id,
        uploaded_at=row.uploaded_at,
        type=ArtifactType(row.type),
        url=row.url,
        debug_id=row.debug_id,
        source_map_reference=row.source_map_reference,
        sha256=row.sha256,
        size=row.size,
        fault=row.fault,
        sha1=row.sha1,
    )
