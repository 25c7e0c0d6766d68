"""When it happened: a client's clock, read in any spelling and believed within reason."""

from datetime import UTC, datetime, timedelta

from headwater.protocol.event import Json

CLOCK_TOLERANCE = timedelta(minutes=1)
"""Clocks further off than this are set right by `sent_at`; Relay's tolerance is of this size."""

MAX_AGE = timedelta(days=30)
"""Older events (a phone that was offline, a wrong clock) are dated when they were received; Relay's."""


def parse_timestamp(value: Json) -> datetime | None:
    """Seconds since 1970 (a number, also as text) or ISO 8601; without a zone it is UTC."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return _parse_iso(value) or _parse_seconds(value)
    return _parse_seconds(value) if isinstance(value, int | float) else None


def _parse_iso(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _parse_seconds(value: str | float) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(value), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def believe(
    claimed: datetime | None, sent_at: datetime | None, received_at: datetime
) -> tuple[datetime, str | None]:
    """The moment to file an event under, and a note if that isn't what the client claimed.

    A client that also says when it sent the event (`sent_at`) tells how wrong its clock is.
    """
    if claimed is None:
        return received_at, None
    try:
        moment = claimed + _error_of_clock(sent_at, received_at)
    except OverflowError:
        return received_at, _note(claimed)
    if moment > received_at + CLOCK_TOLERANCE or moment < received_at - MAX_AGE:
        return received_at, _note(claimed)
    if moment == claimed:
        return moment, None
    return min(moment, received_at), f"timestamp {claimed.isoformat()} set right by sent_at"


def _error_of_clock(sent_at: datetime | None, received_at: datetime) -> timedelta:
    error = received_at - sent_at if sent_at else timedelta()
    return error if abs(error) > CLOCK_TOLERANCE else timedelta()


def _note(claimed: datetime) -> str:
    return f"timestamp {claimed.isoformat()} is not believable; dated when it was received"
