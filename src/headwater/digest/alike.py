"""What events have in common that come out alike: everything that resolving and grouping look at."""

import hashlib
import re
from typing import Final

import msgspec

MAX_ALIKE: Final = 256 * 1024
"""Bytes of an event that is looked at for it; the larger ones are few, and each is read whole."""

_OF_ONE_EVENT: Final = frozenset(
    {
        "_meta",
        "breadcrumbs",
        "contexts",
        "event_id",
        "extra",
        "modules",
        "received",
        "request",
        "server_name",
        "tags",
        "timestamp",
        "user",
    }
)
"""Members that say nothing of where an event belongs, but for these two:"""
_COMPONENTS: Final = b'"componentStack"'
_VARIABLE: Final = b"{{"
_ESCAPED: Final = re.compile(rb"\\u00[4-7]")
"""A letter or brace that need not be escaped, so that either of them may be there and not be seen."""

_MEMBERS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


def alike(payload: bytes, *beside: bytes) -> bytes | None:
    """The same for events that come out alike; None if that can't be said without reading the event.

    `beside`: what else has to be the same.
    """
    # Tags may be part of a fingerprint, and a component stack is a context.
    if len(payload) > MAX_ALIKE or _COMPONENTS in payload or _VARIABLE in payload:
        return None
    if _ESCAPED.search(payload):
        return None
    try:
        members = _MEMBERS.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    digest = hashlib.blake2b(b"\x00".join(beside), digest_size=16)
    for name, value in members.items():
        if name not in _OF_ONE_EVENT:
            digest.update(b"%b\x00%b\x00" % (name.encode("utf-8", "replace"), bytes(value)))
    return digest.digest()
