"""What users said, saved with the batch that it came in."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from headwater.digest.digested import DigestedEnvelope, Ready
from headwater.digest.reported import MalformedReport
from headwater.storage.events.user_reports import UserReport, UserReports
from headwater.storage.queue.queue import QueuedEnvelope


def save_reports(
    connection: Connection, reports: UserReports, ready: Sequence[Ready]
) -> Iterator[tuple[QueuedEnvelope, str]]:
    """Each report's envelope, and what the report is counted as."""
    for one in ready:
        for part in one.parts if isinstance(one, DigestedEnvelope) else ():
            if isinstance(part, UserReport):
                yield one.queued, reports.add(connection, part).value
            elif isinstance(part, MalformedReport):
                yield one.queued, "malformed_user_report"
