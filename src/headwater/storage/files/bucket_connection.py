"""The connection to an S3-compatible store, through obstore: how long anything may take."""

import os
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct
from obstore.exceptions import BaseError
from obstore.store import S3Store

from headwater.storage.files.bucket_answers import reason

RETRIES: Final = 2
"""Of a request that failed for a reason that may pass."""


class Bounds(Struct, frozen=True):
    """Seconds."""

    connect: float = 5
    request: float = 15
    """For one request with its body, of which none has more than 5 MB (`bucket.PIECE`): 350 KB/s are too slow."""
    retry: float = 10
    """After this long nothing is tried again, so that it ends after this and `request` at most."""


def connected(bucket: str, endpoint: str | None, bounds: Bounds) -> S3Store:
    """A bucket, with credentials and all else from the environment's AWS_ variables. Nothing is
    asked yet. Raises ValueError for what is no configuration."""
    _check_settings(endpoint)
    try:
        return S3Store(
            bucket,
            client_options={
                "connect_timeout": timedelta(seconds=bounds.connect),
                "timeout": timedelta(seconds=bounds.request),
                # Whoever writes http:// means it.
                "allow_http": urlsplit(endpoint or "").scheme == "http",
            },
            retry_config={
                "max_retries": RETRIES,
                "retry_timeout": timedelta(seconds=bounds.retry),
                "backoff": {
                    "init_backoff": timedelta(milliseconds=100),
                    "max_backoff": timedelta(seconds=2),
                    "base": 2,
                },
            },
        )
    except BaseError as error:
        raise ValueError(reason(error)) from None


def _check_settings(endpoint: str | None) -> None:
    """Raises ValueError for what the library would die of at its first request, with all that waits for it."""
    for name, value in os.environ.items():
        if name.startswith("AWS_") and not value.isprintable():
            raise ValueError(
                f"{name} has a line break, or another character that no such setting has"
            )
    if endpoint and not _is_address(endpoint):
        raise ValueError(
            f"AWS_ENDPOINT_URL is {endpoint.rpartition('@')[2]!r}; an address was expected that begins"
            " with http:// or https://, such as https://minio.example.com:9000"
        )


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # of the port, or of half an IPv6 address
        return False
