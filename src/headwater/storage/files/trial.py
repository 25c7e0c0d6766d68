"""Whether a store keeps what it is given, and says of what it was not given that it is not there."""

import secrets
from contextlib import suppress
from typing import Final

from headwater.storage.files.store import BlobStore
from headwater.storage.files.unreachable import StorageUnreachable

TRIAL: Final = "trial/written"
"""The file that is written."""

EXPECTS_UPLOADS: Final = "expects-uploads"
"""What `bucket_trial` is told where the database knows of uploads."""

KNOWS_FILES: Final = "knows-files"
"""And where it knows of files of any kind."""


def try_store(store: BlobStore) -> None:
    """Write a file, which stays, read it back and list it; and ask for one that is not there, which
    must be told from one that may not be read. Raises OSError."""
    temporary = store.temporary()
    try:
        # The same for all, so that any number may try at once.
        temporary.write_bytes(TRIAL.encode())
        store.adopt(temporary, TRIAL)
    finally:
        temporary.unlink(missing_ok=True)
    if TRIAL not in (entry.key for entry in store.entries(f"{TRIAL.partition('/')[0]}/")):
        raise StorageUnreachable(f"{store.place} does not list what was just written")
    with suppress(FileNotFoundError):
        store.size(f"{TRIAL}.{secrets.token_hex(16)}")
        raise StorageUnreachable(f"{store.place} has files that nobody wrote")
