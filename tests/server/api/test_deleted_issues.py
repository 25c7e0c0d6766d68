"""What belonged to a deleted issue is gone at once, for scripts as well."""

from datetime import UTC, datetime
from pathlib import Path

from headwater.digest.retention import EventBounds, Retention
from headwater.storage.disk import FreeSpace
from headwater.storage.events.user_reports import UserReport
from headwater.storage.issues.deletions import Deletions
from headwater.storage.page import PageRequest
from tests.event_side import EventSide, minified_event

EVENT = "/api/0/projects/any/shop/events/" + "a" * 32 + "/"
BY_ID = "/api/0/organizations/any/eventids/" + "a" * 32 + "/"


def _report(side: EventSide, event_id: str) -> None:
    told = UserReport(side.shop.id, event_id, datetime.now(UTC), "Ada", "", "it broke")
    with side.database.write() as connection:
        side.user_reports.add(connection, told)


def _told(side: EventSide) -> list[str]:
    page = side.user_reports.of_project(side.shop.id, PageRequest())
    return [report.event_id for report in page.items]


def test_events_of_a_deleted_issue_are_not_there(events_side: EventSide) -> None:
    events_side.digest(minified_event("a" * 32))
    headers = events_side.token()
    paths = [EVENT, EVENT + "json/", EVENT + "sourcemaps/", BY_ID]
    assert {events_side.client.get(path, headers=headers).status_code for path in paths} == {200}

    Deletions(events_side.database).delete([events_side.issues.list().items[0].id])

    assert {events_side.client.get(path, headers=headers).status_code for path in paths} == {404}


def test_reports_of_a_deleted_issue_are_not_shown_and_go_with_its_events(
    events_side: EventSide, tmp_path: Path
) -> None:
    events_side.digest(minified_event("a" * 32))
    _report(events_side, "a" * 32)
    _report(events_side, "e" * 32)

    Deletions(events_side.database).delete([events_side.issues.list().items[0].id])

    assert _told(events_side) == ["e" * 32]
    assert events_side.user_reports.of_event(events_side.shop.id, "a" * 32) == ()
    bounds = EventBounds(days=0, events=0, database=0)
    disk = FreeSpace(tmp_path, 0)
    for _ in Retention(events_side.database, bounds, disk).steps(datetime.now(UTC)):
        pass
    assert _told(events_side) == ["e" * 32]  # also now that there is no event to tell by
