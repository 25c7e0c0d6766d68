"""Whether processes of another database work on this one's storage: a copy's, which has the same id."""

import time
from collections.abc import Callable
from datetime import datetime

from headwater.storage.files.claim import ForeignStorage, check_owner
from headwater.storage.files.store import BlobStore
from headwater.storage.installation import Installation
from headwater.storage.instances import ALIVE_FOR, Instances


class Neighbours:
    """Asked before anything is deleted: what this database does not know of may be theirs."""

    def __init__(
        self,
        installation: Installation,
        instances: Instances,
        root: BlobStore,
        wait: Callable[[float], object] = time.sleep,
    ) -> None:
        """`root`: where the storage's mark is."""
        self._installation = installation
        self._instances = instances
        self._root = root
        self._wait = wait

    def check(self, now: datetime) -> None:
        """That there are none; takes ALIVE_FOR where one was lately. Raises ForeignStorage, OSError,
        DatabaseError."""
        check_owner(self._root, self._installation.known())
        before = self._instances.strangers(now)
        if not before:
            return
        # One that was stopped or has just started is a stranger, too. Who is alive sings again.
        self._wait(ALIVE_FOR.total_seconds())
        for id_, sang_at in self._instances.strangers(now).items():
            if id_ in before and sang_at > before[id_]:
                raise ForeignStorage(
                    f"{self._root.place} is used by a process of another database"
                    f" ({self._instances.said_by(id_)}), so that nothing is deleted there: give each"
                    " database files of its own, or stop that process"
                )
