"""What the worker and its resolver say to each other."""

import msgspec

from headwater.protocol.event import Event
from headwater.symbolicate.resolution import Resolution


class Question(msgspec.Struct, frozen=True, array_like=True):
    """An event to symbolicate, and the work that is not to be done for it, with the reasons."""

    project_id: int
    event: Event
    refused: dict[str, str]


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """What was found, or else why the database could not be asked."""

    resolution: Resolution | None
    unavailable: str | None = None
