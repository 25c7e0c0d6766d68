"""What of an envelope goes on the queue; the rest is counted here, by what it is."""

from datetime import datetime
from typing import Final

import msgspec

from headwater.protocol import item_type
from headwater.protocol.client_report import MAX_REPORT, parse_client_report
from headwater.protocol.envelope import Envelope, Item
from headwater.protocol.event_id import new_event_id
from headwater.protocol.security_report import MalformedReport, read_reports
from headwater.server.event_refused import EventRefused
from headwater.storage.projects import Project
from headwater.storage.queue.outcomes import Outcomes

MAX_CLIENT_REPORTS: Final = 10
"""Client reports of one envelope that are read; SDKs send one."""

SECURITY: Final = "security"
"""The category that browsers' reports are counted in which do not become events."""


class Sieve:
    """Events and what users say pass; browsers' reports become events; all else is only counted."""

    def __init__(self, outcomes: Outcomes, max_size: int) -> None:
        """`max_size` of one item, in bytes."""
        self._outcomes = outcomes
        self._max_size = max_size

    def passes_whole(self, envelope: Envelope) -> bool:
        """Whether it may go on the queue as it is."""
        return all(item.type in item_type.KEPT for item in envelope.items)

    def check(self, envelope: Envelope) -> None:
        """Raises EventRefused if something that would be kept is too large."""
        sizes = [len(item.payload) for item in envelope.items if item.type in _READ]
        if max(sizes, default=0) > self._max_size:
            raise EventRefused(
                413,
                "too_large",
                f"the event has {max(sizes)} bytes; the limit is {self._max_size} bytes"
                " (the server's HEADWATER_MAX_EVENT)",
            )

    def sift(self, project: Project, envelope: Envelope, now: datetime) -> Envelope:
        """What is to be kept. Some JSON takes long: not in the thread that serves everybody.

        Raises EventRefused for a browser's report that is none.
        """
        kept: list[Item] = []
        client_reports = 0
        for item in envelope.items:
            if item.type in item_type.KEPT:
                kept.append(item)
            elif item.type == item_type.RAW_SECURITY:
                kept += self._events_of(project, item, envelope.event_id, now)
            elif item.type == item_type.CLIENT_REPORT:
                client_reports += 1
                is_read = client_reports <= MAX_CLIENT_REPORTS and len(item.payload) <= MAX_REPORT
                self._count_lost(project, item, now, is_read=is_read)
            else:
                self._count_dropped(project, item, now)
        return msgspec.structs.replace(envelope, items=tuple(kept))

    def _events_of(
        self, project: Project, item: Item, event_id: str | None, now: datetime
    ) -> list[Item]:
        try:
            read = read_reports(item, event_id or new_event_id(), now)
        except MalformedReport as error:
            raise EventRefused(400, "malformed_report", str(error)) from None
        for reason, number in read.discarded.items():
            self._outcomes.count(project.id, SECURITY, reason, now, number)
        return read.events

    def _count_lost(self, project: Project, report: Item, now: datetime, *, is_read: bool) -> None:
        if not is_read:
            self._count_dropped(project, report, now)
            return
        for lost in parse_client_report(report.payload):
            reason = f"client:{lost.reason}"
            self._outcomes.count(project.id, lost.category, reason, now, lost.quantity)

    def _count_dropped(self, project: Project, item: Item, now: datetime) -> None:
        name = item_type.known_name(item.type)
        self._outcomes.count(project.id, name, f"not_kept:{name}", now)


_READ: Final = item_type.KEPT | {item_type.RAW_SECURITY}
