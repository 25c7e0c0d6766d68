"""What the newest events were resolved to: read when somebody asks, within bounds."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from sqlalchemy import func, select

from headwater.storage.database import Database
from headwater.storage.events.payloads import Payloads
from headwater.storage.hidden_projects import is_kept
from headwater.storage.schema import events, resolutions

MAX_EVENTS: Final = 2_000
"""Of them the resolutions are read: of most projects some dozens, since events share theirs."""

MAX_BYTES: Final = 64 * 1024**2
"""Of resolutions as JSON, all together: a second's work."""

AT_ONCE: Final = 50
"""Resolutions in memory, compressed."""


class NewestResolutions:
    """Reads only."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._payloads = Payloads(database, learns=False)

    def read(
        self, project_id: int | None, limit: int = MAX_EVENTS
    ) -> Iterator[tuple[bytes, Mapping[int, int]]]:
        """Each resolution of the newest `limit` events of a project, or of all, as JSON, the newest
        event's first; with how many of these events of which issue have it. Ends after MAX_BYTES."""
        left = MAX_BYTES
        own, shared = self._newest(project_id, limit)
        for packed, issues in own.items():
            text = self._payloads.unpack(packed)
            left -= len(text)
            yield text, issues
            if left < 0:
                return
        digests = list(shared)
        for start in range(0, len(digests), AT_ONCE):
            for digest, packed in self._contents(digests[start : start + AT_ONCE]):
                text = self._payloads.unpack(packed)
                left -= len(text)
                yield text, shared[digest]
                if left < 0:
                    return

    def _newest(
        self, project_id: int | None, limit: int
    ) -> tuple[dict[bytes, Counter[int]], dict[bytes, Counter[int]]]:
        of_project = events.c.project_id
        is_wanted = is_kept(of_project) if project_id is None else of_project == project_id
        named = events.c.id, events.c.issue_id, events.c.resolution, events.c.resolution_digest
        newest = select(*named).where(is_wanted).order_by(events.c.id.desc()).limit(limit)
        each = newest.subquery().c
        # A resolution that is shared lies elsewhere: no event has both.
        what = each.resolution_digest, each.resolution, each.issue_id
        together = select(*what, func.count()).group_by(*what).order_by(func.max(each.id).desc())
        own: dict[bytes, Counter[int]] = {}
        shared: dict[bytes, Counter[int]] = {}
        with self._database.read() as connection:
            for digest, resolution, issue_id, count in connection.execute(together):
                if digest is not None:
                    shared.setdefault(digest, Counter())[issue_id] += count
                elif resolution:
                    own.setdefault(resolution, Counter())[issue_id] += count
        return own, shared

    def _contents(self, digests: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
        wanted = select(resolutions.c.digest, resolutions.c.content)
        with self._database.read() as connection:
            rows = connection.execute(wanted.where(resolutions.c.digest.in_(digests)))
            return [(row.digest, row.content) for row in rows]
