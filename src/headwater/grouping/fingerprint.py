"""Which issue an event belongs to, as hashes from the finest that is known to the coarsest.

Why there are several, and how they are looked up: docs/decisions/0003-two-hashes.md and
docs/decisions/0009-three-hashes-in-versions.md.
"""

import hashlib
from typing import Final

from msgspec import Struct

from headwater.grouping.parts import ByLevel, default_parts
from headwater.grouping.traces import Traces
from headwater.grouping.variables import Variables, variable_in
from headwater.grouping.versions import CURRENT, Version
from headwater.grouping.words import encoded
from headwater.protocol.event import Event
from headwater.symbolicate.resolution import Resolution

MAX_FINGERPRINT: Final = 50
"""Entries of an SDK's fingerprint that may be variables; SDKs send three. Those beyond count as they
are written."""


class Hashes(Struct, frozen=True):
    """32 hexadecimal digits each, often the same.

    `final`: by all that is known. `without_source`: as it would be if the maps lacked the source's
    text. `provisional`: by the frames as they came. `is_final` unless `final` rests on minified
    frames alone, and so is as good a guess as `provisional`. `earlier`: by the version of the
    algorithm that the project's older issues were made with.
    """

    provisional: str
    without_source: str
    final: str
    is_final: bool
    earlier: "Hashes | None" = None


def hashes(
    event: Event,
    resolution: Resolution,
    version: Version = CURRENT,
    earlier: Version | None = None,
) -> Hashes:
    """An event's hashes by a version of the algorithm, and by an earlier one if that is another."""
    traces = Traces(event, resolution, version)
    came, bare, full = _parts(event, traces)
    provisional = _digest(version, came)
    without_source = provisional if bare == came else _digest(version, bare)
    final = without_source
    if version.counts_source and full != bare:
        final = _digest(version, full)
    return Hashes(
        provisional,
        without_source,
        final,
        is_final=traces.are_final,
        earlier=hashes(event, resolution, earlier) if earlier and earlier != version else None,
    )


def _parts(event: Event, traces: Traces) -> ByLevel:
    if not event.fingerprint:
        return default_parts(event, traces)
    default: ByLevel | None = None
    variables = Variables(event, traces)
    parts: list[ByLevel] = []
    for entry in event.fingerprint[:MAX_FINGERPRINT]:
        name = variable_in(entry)
        if name == "default":
            default = default or default_parts(event, traces)
            parts.append(default)
        else:
            parts.append(variables.value(name, entry))
    rest = event.fingerprint[MAX_FINGERPRINT:]
    beyond = encoded(*rest) if rest else b""
    came, bare, full = (b"".join(part) + beyond for part in zip(*parts, strict=True))
    return came, bare, full


def _digest(version: Version, text: bytes) -> str:
    # Not for secrecy; 128 bits of BLAKE2 are far beyond accidental collision.
    salted = version.name.encode() + b"\x00" + text
    return hashlib.blake2b(salted, digest_size=16).hexdigest()
