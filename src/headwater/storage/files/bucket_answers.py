"""What an S3-compatible store, or the library that asks it, says at great length: in our words."""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from obstore.exceptions import BaseError

from headwater.storage.files.unreachable import StorageUnreachable

MAX_REASON: Final = 300
"""Characters of what the store or the library says."""

_CODE: Final = re.compile(r"<Code>([^<]{1,100})</Code>(?:\s*<Message>([^<]{1,300})</Message>)?")
_NO_KEY: Final = "<Code>NoSuchKey</Code>"
_WORDS: Final = {
    "ConnectionRefused": "it refuses connections",
    "dns error": "there is no machine of this name",
    "certificate": "its certificate is not trusted",
    "TimedOut": "it does not answer in time",
    "timed out": "it does not answer in time",
    "IncompleteMessage": "it breaks connections off",
    "ConnectionReset": "it breaks connections off",
}
"""What the library says at great length."""


@contextmanager
def said(place: str) -> Iterator[None]:
    """What a store says, in our words. That a file is not there is believed only of a store that says
    just that: anything that speaks HTTP answers 404."""
    try:
        yield
    except StorageUnreachable:
        raise
    except FileNotFoundError as error:
        if _NO_KEY in str(error):
            raise FileNotFoundError(errno.ENOENT, f"{place} does not have it") from None
        raise StorageUnreachable(f"{place} can't be used: {reason(error)}") from None
    except (BaseError, OSError, ValueError) as error:
        raise StorageUnreachable(f"{place} can't be used: {reason(error)}") from None


def reason(error: Exception) -> str:
    """In few words, for people."""
    text = str(error)
    code = _CODE.search(text)
    if code is not None:
        return ": ".join(part.rstrip(".") for part in code.groups() if part)
    for mark, words in _WORDS.items():
        if mark in text:
            return words
    first, _, _ = text.strip().partition("\n")
    return (first.rpartition(" - ")[2] or type(error).__name__)[:MAX_REASON].rstrip(" :.")
