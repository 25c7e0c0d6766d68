"""Public keys of DSNs, remembered for a moment: looked up for each event, changed hardly ever."""

import time
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from headwater.server.event_refused import overloaded
from headwater.server.event_threads import EventThreads
from headwater.storage.projects import Project, Projects

REMEMBERED_SECONDS: Final = 10.0
"""How long a deleted project may go on receiving; also why a key is not asked for at each event."""


class KnownKeys:
    """Only keys that exist are remembered, so that guessing keys costs a guesser and not us memory."""

    def __init__(self, projects: Projects, threads: EventThreads) -> None:
        self._projects = projects
        self._threads = threads
        self._known: dict[str, tuple[float, Project]] = {}

    def remembered(self, key: str) -> Project | None:
        """The project whose DSN holds this key, if that was looked up a moment ago."""
        known = self._known.get(key)
        is_fresh = known is not None and time.monotonic() - known[0] < REMEMBERED_SECONDS
        return known[1] if known and is_fresh else None

    async def project(self, key: str) -> Project | None:
        """The project whose DSN holds this key. While the database refuses, what was known stays true.

        Raises EventRefused if nothing was.
        """
        if remembered := self.remembered(key):
            return remembered
        known = self._known.get(key)
        try:
            project = await self._threads.run(self._projects.by_public_key, key)
        except SQLAlchemyError:
            if known:
                return known[1]
            raise overloaded("the database did not say whose key this is") from None
        if project is None:
            self._known.pop(key, None)
        else:
            self._known[key] = (time.monotonic(), project)
        return project
