"""Event ids: 32 lower-case hexadecimal digits, however a client spells them."""

import re
from typing import Final
from uuid import uuid4

_SPELLING: Final = re.compile(
    r"[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
)


def parse_event_id(text: object) -> str | None:
    """With dashes (sentry-cli) or without (SDKs), any case; None if it is not an event id."""
    if not isinstance(text, str):
        return None
    lowered = text.lower()
    return lowered.replace("-", "") if _SPELLING.fullmatch(lowered) else None


def new_event_id() -> str:
    """For an event that came without one."""
    return uuid4().hex
