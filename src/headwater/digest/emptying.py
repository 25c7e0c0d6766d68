"""What is left of projects that somebody deleted goes, in small steps, while events come in."""

from collections.abc import Iterator
from datetime import datetime

import structlog

from headwater.storage.alerts.folded import Folded
from headwater.storage.database import Database
from headwater.storage.deleted_projects import KEPT_FOR, ROWS, DeletedProjects
from headwater.storage.events.aged import Aged


class Emptying:
    """Each generator yields after each short transaction, so that its caller can rest or stop. Nothing is
    remembered: whatever is left is found at the next look, by whichever process."""

    def __init__(self, database: Database) -> None:
        self._aged = Aged(database)
        self._deleted = DeletedProjects(database)
        self._folded = Folded(database)

    def begin(self) -> Iterator[None]:
        """Their issues become deleted ones, which `Ageing.deleted` removes with their events."""
        for project_id in self._deleted.pending():
            self._deleted.free_slug(project_id)
            yield from self._of_digests(project_id)
            while self._deleted.delete_issues(project_id):
                yield

    def finish(self, now: datetime) -> Iterator[None]:
        """Everything else but uploads, which go with other uploads; and what is empty by now."""
        for project_id in self._deleted.pending():
            # Before the rows that say of which digest messages they are a part.
            yield from self._of_digests(project_id)
            for table in ROWS:
                while self._aged.drop_rows(table, project_id):
                    yield
            # Only where something was done: a row that is kept for its day is no work.
            if self._deleted.forget(project_id, now - KEPT_FOR):
                structlog.get_logger().info("a deleted project is gone", project=project_id)
                yield

    def _of_digests(self, project_id: int) -> Iterator[None]:
        while self._folded.take_out(project_id):
            yield
