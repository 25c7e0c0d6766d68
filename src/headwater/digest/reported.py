"""What users said in an envelope, ready to be kept."""

from collections.abc import Iterator
from typing import TypeAlias

from msgspec import Struct

from headwater.digest.scrub import Scrubber
from headwater.protocol import item_type
from headwater.protocol.envelope import Envelope
from headwater.protocol.user_report import MalformedUserReport, parse_said
from headwater.storage.events.user_reports import UserReport
from headwater.storage.queue.queue import QueuedEnvelope


class MalformedReport(Struct, frozen=True):
    """An item that called itself a user's report and isn't one."""

    reason: str


Reported: TypeAlias = UserReport | MalformedReport


def reported(
    envelope: Envelope, queued: QueuedEnvelope, scrubs: Scrubber | None
) -> Iterator[Reported]:
    """Of each item, in order, without secrets. One that can't be read doesn't cost the others."""
    for item in envelope.items:
        if item.type not in item_type.SAID_BY_USERS:
            continue
        try:
            said = parse_said(item, envelope.event_id or queued.event_id or None)
        except MalformedUserReport as error:
            yield MalformedReport(str(error))
            continue
        yield UserReport(
            project_id=queued.project_id,
            event_id=said.event_id,
            received_at=queued.received_at,
            name=said.name,
            email=said.email,
            comments=_scrubbed(said.comments, scrubs),
        )


def _scrubbed(comments: str, scrubs: Scrubber | None) -> str:
    said = {"extra": {"comments": comments}}
    if scrubs is not None:
        scrubs.scrub(said)
    return said["extra"]["comments"]
