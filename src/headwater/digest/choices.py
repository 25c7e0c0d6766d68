"""What projects decide about their events, remembered for a moment: asked for at each of them."""

import time
from typing import Final

from headwater.storage.projects import Choices, Projects

REMEMBERED_SECONDS: Final = 10.0
"""How soon a decision is in force."""


class ProjectGone(Exception):
    """The project of an envelope was deleted meanwhile."""


class KnownChoices:
    """Of every project that events come for."""

    def __init__(self, projects: Projects) -> None:
        self._projects = projects
        self._known: dict[int, Choices] = {}
        self._forget_at = 0.0

    def of(self, project_id: int) -> Choices:
        """The project's. Raises ProjectGone, DatabaseError."""
        now = time.monotonic()
        if now >= self._forget_at:
            self._known = {}
            self._forget_at = now + REMEMBERED_SECONDS
        if project_id not in self._known:
            project = self._projects.get(str(project_id))
            if project is None:
                raise ProjectGone(f"project {project_id} was deleted")
            self._known[project_id] = project.choices
        return self._known[project_id]
