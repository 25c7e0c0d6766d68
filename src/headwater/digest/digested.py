"""What the pipeline makes of a queued envelope, ready to be saved."""

from typing import TypeAlias

from msgspec import Struct

from headwater.digest.normalize import Malformed
from headwater.digest.reported import Reported
from headwater.grouping.fingerprint import Hashes
from headwater.protocol.event import Event
from headwater.storage.queue.queue import QueuedEnvelope
from headwater.symbolicate.resolution import Resolution


class Digested(Struct, frozen=True):
    """The event as it came (`payload`, JSON), what was read in it, and what was made of it.

    `seen`: how many changes to what is uploaded had been made when it was resolved.
    """

    event: Event
    payload: bytes
    resolution: Resolution
    hashes: Hashes
    title: str
    culprit: str
    seen: int


Part: TypeAlias = Digested | Malformed | Reported


class DigestedEnvelope(Struct, frozen=True):
    """An envelope, and what was in it."""

    queued: QueuedEnvelope
    parts: tuple[Part, ...]


class GivenUp(Struct, frozen=True):
    """An envelope that can't be digested. `error`: a traceback, or a sentence."""

    queued: QueuedEnvelope
    error: str


class Discarded(Struct, frozen=True):
    """An envelope whose project was deleted meanwhile: it is counted, and nothing of it is kept."""

    queued: QueuedEnvelope


Ready: TypeAlias = DigestedEnvelope | GivenUp | Discarded
