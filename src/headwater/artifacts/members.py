"""From a bundle's entries to stored files: unpacked, compiled once, each with its fault if any."""

import time
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from headwater.artifacts.inspection import Inspection, Inspector
from headwater.protocol.bundle import Bundle, BundleRefused, EntryRefused
from headwater.protocol.chunks import Sha1
from headwater.protocol.manifest import ManifestEntry
from headwater.storage.files.blobs import BlobBatch, Blobs
from headwater.storage.uploads.artifact import OVER_LIMIT, NewFile
from headwater.storage.uploads.home import Home

BUNDLE_SECONDS: Final = 240
"""For compiling all files of a bundle: clients wait no longer than 300 seconds, and one bundle of
many slow maps must not keep others waiting for hours."""

MAX_FAULT: Final = 500
"""Characters of a fault that are stored: some repeat names out of the ZIP, of any length."""

_Blob = tuple[str, int]
"""SHA-256, and bytes."""
_NOT_KEPT: Final = ""
_LATE: Final = Inspection(fault=f"{OVER_LIMIT}the files before it took all the time there is")


class BundleLimits(Struct, frozen=True):
    """Bytes of one bundle, as uploaded and as unpacked, and of one file in it."""

    bundle: int
    file: int
    seconds: float = BUNDLE_SECONDS
    """For compiling all files of a bundle together."""


class Member(Struct, frozen=True):
    """One file of a bundle: what is stored of it, and what was found in it."""

    path: str
    file: NewFile
    has_map: bool = False
    is_empty: bool = False
    """It is a source map, or has one inside, that maps nothing."""


class Unpacker:
    """Takes bundles apart."""

    def __init__(self, blobs: Blobs, inspector: Inspector, limits: BundleLimits) -> None:
        """`blobs` are named by SHA-256: nobody can make two files with the same one."""
        self._blobs = blobs
        self._inspector = inspector
        self._limits = limits

    def unpack(self, home: Home, bundle: Bundle) -> Iterator[Member]:
        """One member for each entry of the manifest; all are durable when the first comes.

        Raises BundleRefused if all of them together are too large.
        """
        self._check_total(bundle)
        with self._blobs.batch() as batch:
            stored = [self._stored(bundle, entry, batch) for entry in bundle.manifest.entries]
        deadline = time.monotonic() + self._limits.seconds
        for entry, blob in zip(bundle.manifest.entries, stored, strict=True):
            yield self._member(home, entry, blob, deadline)

    def inspect(self, home: Home, sha256: str, entry: ManifestEntry) -> Inspection:
        """What a file stored by this home turns out to be."""
        return self._inspector.inspect(home, sha256, entry.type)

    def _stored(self, bundle: Bundle, entry: ManifestEntry, batch: BlobBatch) -> _Blob | str:
        """What is stored of an entry, or why nothing is."""
        try:
            self._check_size(bundle.size(entry.path))
            return batch.put(bundle.read(entry.path))
        except EntryRefused as error:
            return str(error)

    def _member(
        self, home: Home, entry: ManifestEntry, blob: _Blob | str, deadline: float
    ) -> Member:
        if isinstance(blob, str):
            return Member(entry.path, new_file(entry, _NOT_KEPT, 0, Inspection(fault=blob)))
        sha256, size = blob
        found = _LATE if time.monotonic() > deadline else self.inspect(home, sha256, entry)
        file = new_file(entry, sha256, size, found)
        return Member(entry.path, file, found.has_map, found.is_empty)

    def _check_size(self, claimed: int) -> None:
        if claimed > self._limits.file:
            raise EntryRefused(
                f"{OVER_LIMIT}it has {claimed:,} bytes, where"
                f" {self._limits.file:,} are accepted (HEADWATER_MAX_MAP)"
            )

    def _check_total(self, bundle: Bundle) -> None:
        # The ZIP's own claims: `Bundle.read` never hands out more bytes than a file claims.
        total = 0
        for entry in bundle.manifest.entries:
            try:
                total += bundle.size(entry.path)
            except EntryRefused:  # noted when it is its turn
                continue
        if total > self._limits.bundle:
            raise BundleRefused(
                f"its files have {total:,} bytes unpacked;"
                f" the limit is {self._limits.bundle:,} (HEADWATER_MAX_BUNDLE)"
            )


def new_file(
    entry: ManifestEntry, sha256: str, size: int, found: Inspection, sha1: Sha1 | None = None
) -> NewFile:
    """A file as it is stored. The manifest's debug id goes before the one inside of the file."""
    return NewFile(
        type=entry.type,
        url=entry.url,
        debug_id=entry.debug_id or found.debug_id,
        source_map_reference=entry.source_map_reference,
        sha256=sha256,
        size=size,
        fault=None if found.fault is None else found.fault[:MAX_FAULT],
        sha1=sha1,
    )
