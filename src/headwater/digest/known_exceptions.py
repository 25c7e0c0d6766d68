"""Exceptions that came before as the same text, to the byte: what was read of them, looked through once.

Without local variables, most events of an error have one of a few stack traces. It is half of their
JSON, and most of what is read of it.
"""

from collections import OrderedDict
from typing import Final

from headwater.digest.scrub import Scrubber
from headwater.protocol.event import ExceptionValue, Json
from headwater.sourcemaps.compiled.cache import Cache

KEPT_BYTES: Final = 8 * 1024**2
"""Memory of what came lately: 450 stack traces of 4 KB."""

MAX_TEXT: Final = 64 * 1024
"""Bytes of exceptions that are kept; those of larger ones are few."""

MAX_ONCE: Final = 10_000
"""Texts that came once and may come again; those with local variables never do, and would only push
others out."""

_ITSELF: Final = 1_000
_WITH_OBJECTS: Final = 4
"""Bytes of memory for a byte of JSON: the JSON, and the objects that it was made of."""


class KnownExceptions:
    """Of one thread. What is known is within its limits, and has no secrets that `scrubs` looks for."""

    def __init__(self) -> None:
        self._known = Cache(KEPT_BYTES)
        self._once: OrderedDict[int, None] = OrderedDict()

    def get(self, scrubs: Scrubber | None, text: bytes) -> tuple[ExceptionValue, ...] | None:
        """What was read of them."""
        return self._known.get((scrubs, text))

    def saw(
        self,
        scrubs: Scrubber | None,
        text: bytes,
        exceptions: Json,
        read: tuple[ExceptionValue, ...],
    ) -> None:
        """An event had these, and nothing of it had to be cut or scrubbed. Kept from the second time on."""
        if len(text) > MAX_TEXT:
            return
        number = hash((scrubs, text))
        if number not in self._once:
            self._once[number] = None
            if len(self._once) > MAX_ONCE:
                self._once.popitem(last=False)
        elif scrubs is None or not scrubs.may_be_in(exceptions):
            self._known.put((scrubs, text), read, _ITSELF + _WITH_OBJECTS * len(text))
