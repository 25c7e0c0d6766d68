"""Answers other than 200 at the door for events."""

from collections.abc import Mapping
from typing import Final

RETRY_SECONDS: Final = 5
"""What an overloaded server asks SDKs to wait; they drop what they have meanwhile."""


class EventRefused(Exception):
    """An answer other than 200. `reason` is what it is counted as."""

    def __init__(
        self, status: int, reason: str, sentence: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.reason = reason
        self.headers = dict(headers or {})


def overloaded(sentence: str, reason: str = "overloaded") -> EventRefused:
    """The client should come again later."""
    headers = {
        "Retry-After": str(RETRY_SECONDS),
        # Python's SDK reads Retry-After of a 429 only, but this header of any answer.
        "X-Sentry-Rate-Limits": f"{RETRY_SECONDS}::organization:{reason}",
    }
    return EventRefused(503, reason, sentence, headers)
