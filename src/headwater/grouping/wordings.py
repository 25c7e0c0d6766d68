"""Messages that engines word in their own ways, told as one."""

import re
from typing import Final

_WORDINGS: Final = (
    (
        "<request failed>",
        re.compile(
            r"^(?:Failed to fetch|NetworkError when attempting to fetch resource\.?|Load failed|Network request failed"
            r"|The Internet connection appears to be offline\.?|The network connection was lost\.?"
            r"|Could not connect to the server\.?)(?: \([^()]{1,200}\))?$"
        ),
    ),
    (
        "<request aborted>",
        re.compile(
            r"^(?:The user aborted a request\.?|signal is aborted without reason|Fetch is aborted"
            r"|The operation was aborted\.?|This operation was aborted|BodyStreamBuffer was aborted|cancell?ed)\s?$"
        ),
    ),
)  # fmt: skip


def told_as_one(message: str) -> str:
    """`Failed to fetch`, `Load failed` and `NetworkError when …` are one failure."""
    return next((name for name, wording in _WORDINGS if wording.match(message)), message)
