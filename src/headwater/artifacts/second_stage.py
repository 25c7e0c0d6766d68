"""Names the functions of maps in the background, once they can be looked up."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import structlog
from sqlalchemy.exc import DatabaseError

from headwater.artifacts.compiler import Compiler
from headwater.artifacts.compiler_questions import Fault
from headwater.artifacts.making import Making
from headwater.storage.files.pack import PackDamaged

FUNCTIONS_SECONDS: Final = 600
"""For the functions of one map, 100 MB of which take half a minute on a machine that is idle; less
than nobody else tries it (`storage.files.compiled.LEASE`)."""

BACKGROUND_NICENESS: Final = 10
"""A machine of two cores has better to do."""

POLL_SECONDS: Final = 2
"""Between two looks for maps that were uploaded."""


class SecondStage:
    """Takes one map after the other. Any number of processes may do so at once."""

    def __init__(
        self,
        making: Making,
        compiler: Compiler,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._making = making
        self._compiler = compiler
        self._clock = clock
        self._log = structlog.get_logger()

    def run(self, stop: threading.Event) -> None:
        """Until told to stop; the map at hand is finished first, or left to whoever comes next."""
        while not stop.is_set():
            try:
                is_busy = self.next()
            except (DatabaseError, OSError) as error:
                self._log.warning("functions are named later", error=str(error))
                is_busy = False
            if not is_busy:
                stop.wait(POLL_SECONDS)
        self._compiler.close()

    def next(self) -> bool:
        """Name the functions of one map; whether there was one. Raises DatabaseError, OSError."""
        claimed = self._making.register.claim(self._clock())
        if claimed is None:
            return False
        try:
            found = self._making.second_stage(self._compiler, claimed, self._clock())
        except PackDamaged:  # that is one of its tries
            raise
        except OSError:  # the storage is away, or full
            self._making.register.give_back(claimed, self._clock())
            raise
        if isinstance(found, Fault):
            self._log.warning(
                "functions of a source map are not named", map=str(claimed), reason=found.sentence
            )
        return True
