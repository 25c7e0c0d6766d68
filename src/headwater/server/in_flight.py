"""Memory for the bodies of requests: bounded for all, and for each project, so that none starves the rest."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from headwater.storage.queue.outcomes import NO_PROJECT

MAX_IN_FLIGHT: Final = 256 * 1024**2
"""Decompressed bytes of all requests under way: a dozen of the largest envelopes at once."""

MAX_OF_PROJECT: Final = 64 * 1024**2
"""Bytes of one project's requests, and of those that have not said yet whose they are: a quarter,
because a project's key is in its web pages for everybody to read."""

LARGE: Final = 128 * 1024
"""Bytes of a large request; SDKs' events have a tenth."""

MAX_LARGE: Final = 48 * 1024**2
"""Bytes of a project's requests beyond which none of them gets large: 16 MiB are left for events of
the usual size, while somebody holds on to as many large ones as he may."""


class NoRoom(Exception):
    """More bytes than may be held at a time; the client should come back later."""


class InFlight:
    """One for all requests of a process; used in its event loop only."""

    def __init__(self) -> None:
        self._total = 0
        self._of: dict[int, int] = {}

    @contextmanager
    def place(self) -> Iterator["Place"]:
        """A request's place, given back at the end of the block."""
        place = Place(self)
        try:
            yield place
        finally:
            place.leave()

    def check(self, project_id: int, size: int, more: int) -> None:
        """Raises NoRoom if a request of `size` bytes may not grow by `more`."""
        if self._total + more > MAX_IN_FLIGHT:
            raise NoRoom("the server is reading as many envelopes as it can hold")
        limit = MAX_LARGE if size + more > LARGE else MAX_OF_PROJECT
        if self._of.get(project_id, 0) + more > limit:
            raise NoRoom("the server is reading as many envelopes of this project as it can hold")

    def _move(self, project_id: int, size: int) -> None:
        self._total += size
        held = self._of.get(project_id, 0) + size
        if held:
            self._of[project_id] = held
        else:
            self._of.pop(project_id, None)


class Place:
    """What one request holds. `size` in bytes."""

    def __init__(self, all_: InFlight, project_id: int = NO_PROJECT) -> None:
        self._all = all_
        self.project_id = project_id
        self.size = 0

    def grow(self, size: int) -> None:
        """Hold more bytes. Raises NoRoom."""
        self._all.check(self.project_id, self.size, size)
        self._all._move(self.project_id, size)  # noqa: SLF001 # two halves of one thing
        self.size += size

    def leave(self) -> None:
        """Give all of it back."""
        self._all._move(self.project_id, -self.size)  # noqa: SLF001
        self.size = 0

    def belongs_to(self, project_id: int) -> None:
        """It has turned out whose request this is."""
        self._all._move(self.project_id, -self.size)  # noqa: SLF001
        self.project_id = project_id
        self._all._move(project_id, self.size)  # noqa: SLF001
