"""An event that is ready to be saved."""

from dataclasses import dataclass

from headwater.grouping.fingerprint import Hashes
from headwater.protocol.event import Event
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
