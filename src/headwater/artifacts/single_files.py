"""Files uploaded one by one to a release: the way of clients that know no bundles."""

import hashlib
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Final

from msgspec import Struct

from headwater.artifacts.members import Unpacker, new_file
from headwater.protocol.bundle import ArtifactType
from headwater.protocol.chunks import Sha1
from headwater.protocol.debug_id import DebugId
from headwater.protocol.manifest import ManifestEntry
from headwater.storage.files.blobs import Blobs, BlobWriter
from headwater.storage.uploads.artifact import NewBundle, ReleaseName, StoredFile
from headwater.storage.uploads.artifacts import Artifacts
from headwater.storage.uploads.former_files import Removal
from headwater.storage.uploads.home import Home
from headwater.storage.uploads.release_files import ReleaseFiles

_MINIFIED: Final = (".js", ".mjs", ".cjs", ".bundle", ".jsbundle")


class FileExists(Exception):
    """The release has a file of this name and dist already."""


class SingleFile(Struct, frozen=True):
    """A file as it was sent; its bytes are a blob already. `size` in bytes."""

    url: str
    debug_id: DebugId | None
    source_map_reference: str | None
    sha1: Sha1
    sha256: str
    size: int


class SingleFiles:
    """Stores and forgets single files. Each is a bundle of its own, so that look-ups find it."""

    def __init__(
        self,
        artifacts: Artifacts,
        release_files: ReleaseFiles,
        blobs: Blobs,
        unpacker: Unpacker,
    ) -> None:
        """`blobs` hold the files, by SHA-256."""
        self._artifacts = artifacts
        self._release_files = release_files
        self._blobs = blobs
        self._unpacker = unpacker

    def writer(self) -> AbstractContextManager[BlobWriter]:
        """A file that is coming in."""
        return self._blobs.writer()

    def store(
        self,
        home: Home,
        token_id: int | None,
        release: ReleaseName,
        file: SingleFile,
        now: datetime,
    ) -> StoredFile:
        """Make the file findable by release, dist and address. Raises FileExists.

        Raises BlobsMissing if another upload of the same bytes was refused, or its file deleted,
        in this very moment: only the client has the bytes then.
        """
        checksum = _checksum(release, file.url)
        if self._artifacts.find(home, checksum):
            raise FileExists(
                f"The release {release.version!r} has a file {file.url!r} already"
                f" (dist {release.dist or 'none'}). Delete it first to replace it."
            )
        entry = ManifestEntry(
            file.url, _type(file.url), file.url, file.debug_id, file.source_map_reference
        )
        found = self._unpacker.inspect(home, file.sha256, entry)
        stored = new_file(entry, file.sha256, file.size, found, file.sha1)
        bundle = NewBundle(home, checksum, None, file.size, token_id, (stored,))
        self._artifacts.save(bundle, release, now, self._blobs.is_still_there)
        return self._artifacts.find(home, checksum)[0]

    def forget(self, bundle_id: int, removal: Removal) -> None:
        """Delete one file, by its bundle."""
        self._drop(self._release_files.delete_bundle(bundle_id, removal))

    def forget_release(self, home: Home, name: str, removal: Removal) -> None:
        """Delete all that was uploaded for a release, or the bundle of this name."""
        self._drop(self._release_files.delete_release(home, name, removal))

    def _drop(self, sha256s: tuple[str, ...]) -> None:
        self._artifacts.drop_unnamed(sha256s, self._blobs.delete_older)


def _checksum(release: ReleaseName, url: str) -> Sha1:
    # One name for release, dist and address; zeros can't be part of them, so no two share one.
    name = "\0".join(("single file", release.version, release.dist or "", url))
    return Sha1(hashlib.sha1(name.encode("utf-8", "replace"), usedforsecurity=False).hexdigest())


def _type(url: str) -> ArtifactType:
    path = url.partition("?")[0].partition("#")[0].lower()
    if path.endswith(".map"):
        return ArtifactType.SOURCE_MAP
    return ArtifactType.MINIFIED_SOURCE if path.endswith(_MINIFIED) else ArtifactType.SOURCE
