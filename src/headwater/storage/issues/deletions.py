"""Issues that a person deleted: nobody sees them from then on, and their events go by and by."""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from headwater.storage.batches import batches
from headwater.storage.database import Database
from headwater.storage.issues.announcements import Announcements
from headwater.storage.issues.forgotten import MAX_FORGOTTEN
from headwater.storage.issues.search import Status
from headwater.storage.issues.tombstones import is_leaving
from headwater.storage.schema import issue_hashes, issues


class Deletions:
    """What is left to do is done by retention, in small steps."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._announcements = Announcements(database)

    def delete(self, issue_ids: Collection[int]) -> None:
        """From now on an error like theirs makes a new issue."""
        with self._database.write() as connection:
            for some in batches(sorted(issue_ids)):
                # First and in order: who else changes them waits, and finds that they are gone.
                these = issues.c.id.in_(some) | issues.c.merged_into.in_(some)
                wanted = select(issues.c.id).where(these).order_by(issues.c.id)
                ids = connection.execute(wanted.with_for_update()).scalars().all()
                for part in batches(ids):
                    status = {"status": Status.DELETED.value}
                    connection.execute(issues.update().where(issues.c.id.in_(part)).values(status))
                    of_these = issue_hashes.c.issue_id.in_(part)
                    connection.execute(issue_hashes.delete().where(of_these))
                    self._announcements.drop(connection, part)

    def pending(self) -> Sequence[int]:
        """MAX_FORGOTTEN of those that are still there."""
        deleted = issues.c.status == Status.DELETED.value
        # What a person took out of one of them must have left it first.
        wanted = select(issues.c.id).where(deleted, ~is_leaving())
        with self._database.read() as connection:
            return connection.execute(wanted.limit(MAX_FORGOTTEN)).scalars().all()
