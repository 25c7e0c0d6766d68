"""A few children that compile uploaded files, of which no home has them all."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from headwater.artifacts.compiler import Compiler
from headwater.storage.uploads.home import Home

COMPILERS: Final = 3
"""Children at a time, each within COMPILER_MEMORY: 3 GiB if three hostile files come at once. They
are started when needed, and end when they are not for a minute."""

COMPILERS_PER_HOME: Final = 2
"""Of these, so that a project with many slow files always leaves one to the others."""


class Compilers:
    """As many compilers as are needed at a time, up to a limit. Whoever is too many waits."""

    def __init__(
        self,
        make: Callable[[], Compiler] = Compiler,
        limit: int = COMPILERS,
        per_home: int = COMPILERS_PER_HOME,
    ) -> None:
        self._make = make
        self._limit = limit
        self._per_home = per_home
        self._changed = threading.Condition()
        self._free: list[Compiler] = []
        self._busy: Counter[Home] = Counter()

    def close(self) -> None:
        """End the children. One that is busy is ended by its own limit of time."""
        with self._changed:
            for compiler in self._free:
                compiler.close()

    @contextmanager
    def one(self, home: Home) -> Iterator[Compiler]:
        """A compiler that nobody else asks meanwhile."""
        with self._changed:
            self._changed.wait_for(lambda: self._has_one_for(home))
            self._busy[home] += 1
            # The one that was used last: it runs already.
            compiler = self._free.pop() if self._free else self._make()
        try:
            yield compiler
        finally:
            with self._changed:
                self._busy[home] -= 1
                self._busy += Counter()  # forgets homes that have none
                self._free.append(compiler)
                self._changed.notify_all()

    def _has_one_for(self, home: Home) -> bool:
        return self._busy.total() < self._limit and self._busy[home] < self._per_home
