"""Which project's key a request on the ingestion endpoints carries."""

import re
from collections.abc import Mapping
from typing import Final

from headwater.protocol.dsn import Dsn, InvalidDsn

MAX_KEY = 64
"""Characters of a public key; ours have 32, Sentry's too."""

MAX_DSN = 1_000
"""Characters of a DSN in a header or an address; its host may have 253."""

_FIELD: Final = re.compile(r"(?:^|[\s,])sentry_key\s*=\s*\"?([^\s,\"]+)")


def public_key(headers: Mapping[str, str], query: Mapping[str, str]) -> str | None:
    """The DSN's public key, or None if the request itself names none.

    Looked for as Relay does: `X-Sentry-Auth: Sentry sentry_key=…, sentry_version=7`, the same in
    `Authorization`, then `?sentry_key=…`. Where users' words come in, clients send the whole DSN:
    `Authorization: DSN https://…`, or `?dsn=…`. `headers` must find names in any case.
    """
    for name in ("x-sentry-auth", "authorization"):
        key = _of_header(headers.get(name, ""))
        if key:
            return key
    return _plausible(query.get("sentry_key")) or _of_dsn(query.get("dsn", ""))


def _of_header(value: str) -> str | None:
    scheme, _, fields = value.strip().partition(" ")
    if scheme.lower() == "dsn":
        return _of_dsn(fields)
    if scheme.lower() != "sentry":
        return None
    match = _FIELD.search(fields)
    return _plausible(match[1]) if match else None


def _of_dsn(text: str) -> str | None:
    try:
        return Dsn.parse(text).public_key if 0 < len(text) <= MAX_DSN else None
    except InvalidDsn:
        return None


def _plausible(key: str | None) -> str | None:
    return key if key and len(key) <= MAX_KEY and key.isascii() and key.isprintable() else None
