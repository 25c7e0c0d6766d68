"""Every connection is an open file, and so are the database and the queue: connections may not take all."""

import resource
import time
from typing import Final

import structlog

MAX_CONNECTIONS: Final = 16_384
"""Open at a time in one process. SDKs hold one for each process that sends, and give it up when it is
idle; 10,000 idle ones cost 70 MB."""

OWN_FILES: Final = 512
"""Open files that are no connections: the database's, three for each of some 40 threads; segments of
the queue, source maps, what a child process is started with."""

OWN_PART: Final = 2
"""Where so few files are allowed that OWN_FILES would leave connections less, they have one in so many."""

SAID_SECONDS: Final = 60.0
"""Between two lines in the log about connections that were turned away."""


class Room:
    """For connections. Used in one event loop only."""

    def __init__(self, limit: int = MAX_CONNECTIONS) -> None:
        self._limit = limit
        self._turned_away = 0
        self._said_at = float("-inf")

    def is_left(self, connections: int) -> bool:
        """Whether so many may be open; if not, one more was turned away, which the log says."""
        if connections <= self._limit:
            return True
        self._turned_away += 1
        if time.monotonic() - self._said_at >= SAID_SECONDS:
            structlog.get_logger().warning(
                "connections were turned away", count=self._turned_away, limit=self._limit
            )
            self._turned_away, self._said_at = 0, time.monotonic()
        return False


def room_for_connections() -> Room:
    """As much as the system lets this process have, which is asked for first."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_CONNECTIONS + OWN_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    files = wanted if soft == resource.RLIM_INFINITY else min(wanted, soft)
    return Room(max(files - OWN_FILES, files // OWN_PART))
