"""Clocks that are far off, the clients' and our own: every event is kept, in some hour."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import product
from pathlib import Path
from typing import Any

from headwater.storage.issues.figures import IssueFigures
from headwater.storage.queue.queue import submit
from tests.event_side import EventSide, envelope, event_side

NOW = datetime(2026, 11, 1, 12, 0, 0, 123456, tzinfo=UTC)
OURS = (
    datetime(1970, 1, 1, tzinfo=UTC),
    NOW - timedelta(days=400),
    NOW,
    datetime(2100, 2, 28, 23, 59, 59, 999999, tzinfo=UTC),
    NOW + timedelta(seconds=1),
)
"""What our clock said, one after the other."""

THEIRS: tuple[Any, ...] = (
    None,
    0,
    -1,
    1e308,
    253402300799,
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999-14:00",
    NOW.isoformat(),
    NOW.timestamp(),
)


def test_every_event_is_kept_whatever_any_clock_says(tmp_path: Path) -> None:
    with event_side(tmp_path) as side:
        number = 0
        for ours, theirs, sent_at in product(OURS, THEIRS, THEIRS):
            number += 1
            event = {"event_id": f"{number:032x}", "message": "late", "timestamp": theirs}
            body = envelope(event, sent_at=sent_at)
            submit(side.intake, 1, body, ours).result(timeout=30)

        side.digest()

        (issue,) = side.issues.list().items
        figures = IssueFigures(side.database).of([issue.id], datetime(1, 1, 1, tzinfo=UTC))
        hours = figures[issue.id].hours
        assert issue.event_count == sum(hours.values()) == number
        assert side.dead_letters.count() == 0
        # Of theirs nobody believes what is more than a month from ours.
        assert all(any(abs(hour - ours) < timedelta(days=31) for ours in OURS) for hour in hours)
        assert _shown(side, issue.id) == HTTPStatus.OK


def _shown(side: EventSide, issue_id: int) -> int:
    path = f"/api/0/organizations/any/issues/{issue_id}/events/"
    return side.client.get(path, headers=side.token()).status_code
