"""What is dropped when nobody needs it any more."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from headwater.artifacts.upload import UploadedChunks
from headwater.storage.artifacts import Artifacts
from headwater.storage.blobs import DiskBlobs

CHUNK_LIFETIME: Final = timedelta(hours=24)
"""How long a chunk waits for its assembly, or to heal what was assembled of it; as Sentry has it."""


@dataclass(frozen=True, slots=True)
class Expiry:
    """Takes away old chunks, and what interrupted uploads left on disk."""

    uploads: UploadedChunks
    artifacts: Artifacts
    blobs: DiskBlobs
    """The files, by SHA-256."""

    def expire_chunks(self, now: datetime) -> int:
        """Drop chunks that nobody asked about for `CHUNK_LIFETIME`, and leftovers; how many chunks.

        Safe beside running uploads, and in several processes at once.
        """
        before = now - CHUNK_LIFETIME
        expired = self.uploads.expire(before)
        old = tuple(self.blobs.older_than(before))
        self.artifacts.drop_unnamed(old, lambda sha256: self.blobs.delete_older(sha256, before))
        self.blobs.sweep(before)
        return expired
