"""What ages are told by, where something goes for good when it is old."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def steady_clock() -> Callable[[], datetime]:
    """A clock that follows none of the system's jumps: a year's jump must not make everything old."""
    kind = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    started, began = datetime.now(UTC), time.clock_gettime(kind)
    return lambda: started + timedelta(seconds=time.clock_gettime(kind) - began)
