"""What is dropped when nobody needs it any more."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog
from msgspec import Struct

from headwater.artifacts.keeping import Keeping
from headwater.artifacts.upload import UploadedChunks
from headwater.storage.files.blobs import Blobs
from headwater.storage.files.compiled_files import CompiledFiles, CompiledName
from headwater.storage.files.stores import nothing_waits
from headwater.storage.uploads.artifacts import Artifacts

CHUNK_LIFETIME: Final = timedelta(hours=24)
"""How long a chunk waits for its assembly, or to heal what was assembled of it; as Sentry has it."""

GRACE: Final = timedelta(hours=1)
"""How long a file that nobody needs any more is kept for whoever found it just before."""

FINISH_SECONDS: Final = 600.0
"""How long is waited for a bucket to delete what expired: some 20,000 files."""


class Register(Protocol):
    """What is known of files that were made from uploads: `Compiled` or `Packs`."""

    def retire_unwanted(self, before: datetime, now: datetime) -> int:
        """Give up what was made before `before` from files that no upload names any more."""
        ...

    def drop_retired(self, before: datetime) -> Sequence[CompiledName]:
        """Forget what was given up before `before` and that no other file needs."""
        ...

    def unrecorded(self, names: Sequence[CompiledName]) -> Sequence[CompiledName]:
        """Those that nothing is known of."""
        ...


class MadeFiles(Struct, frozen=True):
    """Files that were made from uploads, and what is known of them."""

    register: Register
    files: CompiledFiles

    def expire(self, before: datetime, now: datetime) -> None:
        """Drop what no upload needs any more, and what interrupted work left before `before`."""
        self.register.retire_unwanted(before, now)
        for name in self.register.drop_retired(now - GRACE):
            self.files.delete(name)
        for files in (self.files, *self.files.older_versions()):
            files.sweep(before)
            for name in self.register.unrecorded(tuple(files.older_than(before))):
                files.delete(name)


class Expiry(Struct, frozen=True):
    """Takes away old chunks, what was made from deleted files, and what interrupted work left."""

    uploads: UploadedChunks
    artifacts: Artifacts
    blobs: Blobs
    """The files, by SHA-256."""
    made: Sequence[MadeFiles] = ()
    keeping: Keeping | None = None
    """How long uploads are kept, and how many."""
    finish: Callable[[float], int] = nothing_waits
    """Waits so many seconds for files that are deleted in the background; how many are left."""
    check: Callable[[datetime], None] = lambda _now: None
    """Raises ForeignStorage where another database's files may be among those that nobody knows of."""

    def expire(self, now: datetime) -> int:
        """Drop chunks that nobody asked about for `CHUNK_LIFETIME`, and all else; how many chunks.

        Safe beside running uploads, and in several processes at once. Raises ForeignStorage, OSError,
        DatabaseError.
        """
        self.check(now)
        before = now - CHUNK_LIFETIME
        if self.keeping is not None:
            for sha256s in self.keeping.expire(now):
                self.artifacts.drop_unnamed(sha256s, self.blobs.delete_older)
        expired = self.uploads.expire(before)
        old = tuple(self.blobs.older_than(before))
        self.artifacts.drop_unnamed(old, lambda sha256, _: self.blobs.delete_older(sha256, before))
        self.blobs.sweep(before)
        for made in self.made:
            made.expire(before, now)
        if left := self.finish(FINISH_SECONDS):
            structlog.get_logger().warning("files are left to the next expiry", files=left)
        return expired
