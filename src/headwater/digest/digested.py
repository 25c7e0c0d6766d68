"""What the pipeline makes of a queued envelope, ready to be saved."""

from dataclasses import dataclass
from typing import TypeAlias

from headwater.digest.normalize import Malformed
from headwater.grouping.fingerprint import Hashes
from headwater.protocol.event import Event
from headwater.storage.queue import QueuedEnvelope
from headwater.symbolicate.resolution import Resolution


@dataclass(frozen=True, slots=True)
class Digested:
    """The event as it came (`payload`, JSON), what was read in it, and what was made of it."""

    event: Event
    payload: bytes
    resolution: Resolution
    hashes: Hashes
    title: str
    culprit: str


@dataclass(frozen=True, slots=True)
class DigestedEnvelope:
    """An envelope, and its events."""

    queued: QueuedEnvelope
    events: tuple[Digested | Malformed, ...]


@dataclass(frozen=True, slots=True)
class GivenUp:
    """An envelope that can't be digested. `error`: a traceback, or a sentence."""

    queued: QueuedEnvelope
    error: str


Ready: TypeAlias = DigestedEnvelope | GivenUp
