"""A few children that decode uploaded files, of which no home has them all."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from headwater.artifacts.inspection import Inspection
from headwater.artifacts.inspector import Inspector
from headwater.protocol.bundle import ArtifactType
from headwater.storage.home import Home

INSPECTORS: Final = 3
"""Children at a time, each within INSPECTION_MEMORY: 6 GiB if three hostile files come at once,
and some 40 MB for each that has nothing to do. They are started when needed."""

INSPECTORS_PER_HOME: Final = 2
"""Of these, so that a project with many slow files always leaves one to the others."""


class Inspectors:
    """As many inspectors as are needed at a time, up to a limit. Whoever is too many waits."""

    def __init__(
        self,
        make: Callable[[], Inspector] = Inspector,
        limit: int = INSPECTORS,
        per_home: int = INSPECTORS_PER_HOME,
    ) -> None:
        self._make = make
        self._limit = limit
        self._per_home = per_home
        self._changed = threading.Condition()
        self._free: list[Inspector] = []
        self._busy: Counter[Home] = Counter()

    def inspect(
        self, home: Home, path: Path, kind: ArtifactType, reference: str | None
    ) -> Inspection:
        """What the file turns out to be, as `Inspector.inspect` tells it."""
        with self._one(home) as inspector:
            return inspector.inspect(path, kind, reference)

    def close(self) -> None:
        """End the children. One that is busy is ended by its own limit of time."""
        with self._changed:
            for inspector in self._free:
                inspector.close()

    @contextmanager
    def _one(self, home: Home) -> Iterator[Inspector]:
        with self._changed:
            self._changed.wait_for(lambda: self._has_one_for(home))
            self._busy[home] += 1
            # The one that was used last: it runs already.
            inspector = self._free.pop() if self._free else self._make()
        try:
            yield inspector
        finally:
            with self._changed:
                self._busy[home] -= 1
                self._busy += Counter()  # forgets homes that have none
                self._free.append(inspector)
                self._changed.notify_all()

    def _has_one_for(self, home: Home) -> bool:
        return self._busy.total() < self._limit and self._busy[home] < self._per_home
