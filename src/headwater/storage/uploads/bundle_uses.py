"""When each bundle resolved a frame last: known to the hour, so that it costs one write in an hour."""

from collections import OrderedDict
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, or_, select

from headwater.storage.batches import batches
from headwater.storage.schema import artifact_bundles

REFRESH: Final = timedelta(hours=1)
"""How far behind the last use may be: it need not be written with every batch of events."""

MAX_REMEMBERED: Final = 10_000
"""Bundles whose last use is remembered as written, the latest used: some 200 bytes each."""


class BundleUses:
    """Takes part in the caller's transaction."""

    def __init__(self) -> None:
        self._written: OrderedDict[int, datetime] = OrderedDict()

    def add(self, connection: Connection, bundle_ids: Collection[int], now: datetime) -> None:
        """These resolved frames now."""
        due = sorted(each for each in bundle_ids if self._is_due(each, now))
        before = artifact_bundles.c.last_used_at
        for some in batches(due):
            old = (
                select(artifact_bundles.c.id)
                .where(
                    artifact_bundles.c.id.in_(some),
                    or_(before.is_(None), before <= now - REFRESH),
                )
                .order_by(artifact_bundles.c.id)
            )
            # Nobody waits for it: who holds a bundle writes the same, or deletes it.
            ids = connection.execute(old.with_for_update(key_share=True, skip_locked=True))
            found = ids.scalars().all()
            if found:
                these = artifact_bundles.update().where(artifact_bundles.c.id.in_(found))
                connection.execute(these.values(last_used_at=now))
        for each in due:
            self._written[each] = now
            self._written.move_to_end(each)
        while len(self._written) > MAX_REMEMBERED:
            self._written.popitem(last=False)

    def forget(self) -> None:
        """A transaction was undone: what was remembered with it is not so."""
        self._written.clear()

    def _is_due(self, bundle_id: int, now: datetime) -> bool:
        written = self._written.get(bundle_id)
        return written is None or now - written >= REFRESH
