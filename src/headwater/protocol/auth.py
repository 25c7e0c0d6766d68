"""Which project's key a request on the ingestion endpoints carries."""

import re
from collections.abc import Mapping
from typing import Final

MAX_KEY = 64
"""Characters of a public key; ours have 32, Sentry's too."""

_FIELD: Final = re.compile(r"(?:^|[\s,])sentry_key\s*=\s*\"?([^\s,\"]+)")


def public_key(headers: Mapping[str, str], query: Mapping[str, str]) -> str | None:
    """The DSN's public key, or None if the request itself names none.

    Looked for as Relay does: `X-Sentry-Auth: Sentry sentry_key=…, sentry_version=7`, the same in
    `Authorization`, then `?sentry_key=…`. `headers` must find names in any case.
    """
    for name in ("x-sentry-auth", "authorization"):
        key = _of_header(headers.get(name, ""))
        if key:
            return key
    return _plausible(query.get("sentry_key"))


def _of_header(value: str) -> str | None:
    scheme, _, fields = value.strip().partition(" ")
    if scheme.lower() != "sentry":
        return None
    match = _FIELD.search(fields)
    return _plausible(match[1]) if match else None


def _plausible(key: str | None) -> str | None:
    return key if key and len(key) <= MAX_KEY and key.isascii() and key.isprintable() else None
