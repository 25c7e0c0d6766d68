"""The parts of the storage of source maps in a bucket, with copies on this machine."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import obstore

from headwater.storage.files.bucket import Bucket
from headwater.storage.files.bucket_answers import said
from headwater.storage.files.bucket_connection import Bounds, connected
from headwater.storage.files.bucket_deletions import Deletions
from headwater.storage.files.near import Near
from headwater.storage.files.rests import Rests
from headwater.storage.files.stores import CANARIES, CHUNKS, COMPILED, COPIES, FILES, PACKS, Stores

BOUNDS: Final = Bounds()

_ENDPOINTS: Final = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")


def bucket_of(
    url: str,
    scratch: Path,
    bounds: Bounds = BOUNDS,
    clock: Callable[[], float] = time.monotonic,
) -> Bucket:
    """The bucket that `s3://bucket/prefix` names. Raises ValueError."""
    parts = urlsplit(url)
    endpoint = next((os.environ[name] for name in _ENDPOINTS if os.environ.get(name)), None)
    remote = connected(parts.netloc, endpoint, bounds)
    host = urlsplit(endpoint).netloc.rpartition("@")[2] if endpoint else ""
    place = f"{url} at {host}" if host else url

    # Not the readers' rests: who may not delete has no store that is away.
    resting = Rests(clock)

    def written_at(key: str) -> datetime:
        with resting.between(), said(place), suppress(FileNotFoundError):
            return obstore.head(remote, key)["last_modified"]
        return datetime.max.replace(tzinfo=UTC)

    def delete(key: str) -> None:
        with resting.between(), said(place):
            obstore.delete(remote, key)

    prefix = parts.path.strip("/")
    if prefix:
        prefix += "/"
    deletions, rests = Deletions(written_at, delete), Rests(clock)
    return Bucket(remote, prefix, scratch, place, deletions, rests)


def bucket_stores(url: str, folder: Path, limit: int, bounds: Bounds = BOUNDS) -> Stores:
    """`limit`: bytes of copies in the folder. Raises ValueError."""
    copies = folder / COPIES
    bucket = bucket_of(url, copies, bounds)
    return Stores(
        bucket.below(CHUNKS),
        bucket.below(FILES),
        bucket.below(PACKS),
        Near(bucket.below(COMPILED), copies / COMPILED, limit),
        bucket.below(CANARIES),
        bucket,
        bucket.deletions.finish,
    )
