"""What the newest events were resolved to: read when somebody asks, within bounds."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select

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
        wanted: Any = select(
            events.c.issue_id, events.c.resolution, events.c.resolution_digest
        ).order_by(events.c.id.desc())
        own_project = events.c.project_id
        wanted = wanted.where(
            is_kept(own_project) if project_id is None else own_project == project_id
        )
        own: dict[bytes, Counter[int]] = {}
        shared: dict[bytes, Counter[int]] = {}
        with self._database.read() as connection:
            for row in connection.execute(wanted.limit(limit)):
                if row.resolution_digest is not None:
                    shared.setdefault(row.resolution_digest, Counter())[row.issue_id] += 1
                elif row.resolution:
                    own.setdefault(row.resolution, Counter())[row.issue_id] += 1
        return own, shared

    def _contents(self, digests: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
        wanted = select(resolutions.c.digest, resolutions.c.content)
        with self._database.read() as connection:
            rows = connection.execute(wanted.where(resolutions.c.digest.in_(digests)))
            return [(row.digest, row.content) for row in rows]
