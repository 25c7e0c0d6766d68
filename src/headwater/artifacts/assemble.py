"""From chunks to files that can be found: all of a bundle at once, or nothing of it."""

import hashlib
from datetime import datetime
from typing import BinaryIO

import structlog

from headwater.artifacts.bundles import Bundles, Upload
from headwater.artifacts.upload import UploadedChunks
from headwater.protocol.bundle import READ_BYTES, BundleRefused, open_bundle
from headwater.protocol.chunks import (
    AssembleAnswer,
    AssembleRequest,
    AssembleState,
    MalformedAssemble,
    Sha1,
    checked_dist,
    checked_version,
)
from headwater.protocol.manifest import Manifest
from headwater.storage.files.blobs import BlobNotFound, Blobs
from headwater.storage.uploads.artifact import ReleaseName, Uploader
from headwater.storage.uploads.artifacts import Artifacts
from headwater.storage.uploads.home import Home


class ChunksDamaged(Exception):
    """Chunks that were there are not what they were: the client has to send them again."""

    def __init__(self, sha1s: tuple[Sha1, ...]) -> None:
        super().__init__(f"{len(sha1s)} chunks are damaged")
        self.sha1s = sha1s


class Assembler:
    """Turns uploaded chunks into stored bundles."""

    def __init__(
        self,
        uploads: UploadedChunks,
        artifacts: Artifacts,
        blobs: Blobs,
        bundles: Bundles,
        max_bundle: int,
    ) -> None:
        """`blobs` hold the files, by SHA-256; `max_bundle` in bytes, as uploaded."""
        self._uploads = uploads
        self._artifacts = artifacts
        self._blobs = blobs
        self._bundles = bundles
        self._max_bundle = max_bundle

    def assemble(
        self,
        home: Home,
        token_id: int | None,
        request: AssembleRequest,
        now: datetime,
        user_id: int | None = None,
    ) -> AssembleAnswer:
        """Assemble, or say which chunks are missing; repeating it is harmless.

        The same bundle again is only associated anew, unless what is stored of it was damaged:
        then it is stored anew, from its chunks. Who uploads by hand is a user, and no token.
        """
        who = Uploader(token_id, user_id)
        if self._again(home, who, request, now):
            return AssembleAnswer(AssembleState.OK)
        missing = self._uploads.missing(home, request.chunks, now)
        if missing:
            return AssembleAnswer(AssembleState.NOT_FOUND, missing)
        try:
            self._assemble(home, who, request, now)
        except ChunksDamaged as error:
            return AssembleAnswer(AssembleState.NOT_FOUND, error.sha1s)
        except BundleRefused as error:
            # Build plugins go on after a failed upload: the log is where it can be seen later.
            structlog.get_logger().warning(
                "bundle refused", bundle=request.checksum, project=home, reason=str(error)
            )
            return AssembleAnswer(
                AssembleState.ERROR, detail=f"The artifact bundle can't be used: {error}"
            )
        return AssembleAnswer(AssembleState.OK)

    def has(self, home: Home, request: AssembleRequest) -> bool:
        """Whether what was asked for is stored: the bundle, for the release that was named."""
        files = self._artifacts.find(home, request.checksum)
        release = _release(request)
        return all(self._blobs.exists(file.sha256) for file in files if file.sha256) and (
            bool(files)
            if release is None
            else self._artifacts.is_for(home, request.checksum, release)
        )

    def _again(self, home: Home, who: Uploader, request: AssembleRequest, now: datetime) -> bool:
        files = self._artifacts.find(home, request.checksum)
        if not files or not all(self._blobs.is_intact(f.sha256) for f in files if f.sha256):
            return False
        release = _release(request)
        return self._artifacts.associate(
            home, files[0].bundle, release, now, who.token_id, who.user_id
        )

    def _assemble(self, home: Home, who: Uploader, request: AssembleRequest, now: datetime) -> None:
        try:
            size = self._uploads.total(request.chunks)
            self._check_size(size)
            with self._uploads.joined(request.chunks) as file:
                self._verify(request, file)
                with open_bundle(file) as bundle:
                    release = _release(request, bundle.manifest)
                    given = request.given_version or bundle.manifest.release
                    upload = Upload(
                        home, who.token_id, request.checksum, size, release, given, who.user_id
                    )
                    self._bundles.store(upload, bundle, now)
        except BlobNotFound:
            gone = self._uploads.missing(home, request.chunks, now)
            raise ChunksDamaged(gone or request.chunks) from None

    def _check_size(self, size: int) -> None:
        if size > self._max_bundle:
            raise BundleRefused(
                f"it has {size:,} bytes; the limit is {self._max_bundle:,} (HEADWATER_MAX_BUNDLE)"
            )

    def _verify(self, request: AssembleRequest, file: BinaryIO) -> None:
        found = hashlib.sha1(usedforsecurity=False)
        while piece := file.read(READ_BYTES):
            found.update(piece)
        if found.hexdigest() == request.checksum:
            return
        damaged = self._uploads.damaged(request.chunks)
        if damaged:
            raise ChunksDamaged(damaged)
        raise BundleRefused(
            f"its chunks joined have the SHA-1 {found.hexdigest()}, not {request.checksum}"
        )


def _release(request: AssembleRequest, manifest: Manifest | None = None) -> ReleaseName | None:
    """What the bundle is for, by the request, else by its manifest. A dist alone names nothing."""
    if request.version is not None:
        return ReleaseName(request.version, request.dist)
    if manifest is None:
        return None
    try:
        version = checked_version(manifest.release)
        dist = request.dist or checked_dist(manifest.dist)
    except MalformedAssemble as error:
        raise BundleRefused(
            f"its manifest.json names a release that can't be kept: {error}"
        ) from None
    return None if version is None else ReleaseName(version, dist)
