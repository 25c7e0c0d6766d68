"""What users wrote about an error."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from headwater.storage.database import Database
from headwater.storage.events.user_reports import (
    MAX_COMMENTS,
    MAX_EMAIL,
    MAX_NAME,
    MAX_OF_EVENT,
    Kept,
    UserReport,
    UserReports,
)
from headwater.storage.page import PageRequest
from headwater.storage.projects import Projects

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
EVENT = "a" * 32


@pytest.fixture
def reports(database: Database) -> UserReports:
    for name in ("Shop", "Blog"):
        Projects(database).create(name, None, NOON)
    return UserReports(database)


def _report(comments: str, project_id: int = 1, event_id: str = EVENT) -> UserReport:
    return UserReport(project_id, event_id, NOON, "Jo", "jo@example.com", comments)


def test_an_event_s_reports_come_back_in_order_and_no_other_s(
    database: Database, reports: UserReports
) -> None:
    first, second = _report("It broke."), _report("Again.")
    with database.write() as connection:
        for report in (
            first,
            _report("?", project_id=2),
            _report("?", event_id="b" * 32),
            second,
        ):
            assert reports.add(connection, report) is Kept.ACCEPTED

    assert reports.of_event(1, EVENT) == (first, second)


def test_texts_are_cut_where_they_say_so_and_can_always_be_stored(
    database: Database, reports: UserReports
) -> None:
    report = UserReport(1, EVENT, NOON, "n" * 9_999, "e" * 9_999, "\x00\ud800" + "c" * 9_999)
    with database.write() as connection:
        reports.add(connection, report)

    (kept,) = reports.of_event(1, EVENT)

    assert kept == report
    assert (len(kept.name), len(kept.email)) == (MAX_NAME, MAX_EMAIL)
    assert len(kept.comments) == MAX_COMMENTS
    assert kept.comments.startswith("\ufffd?ccc")
    assert kept.comments.endswith("c…")


def test_an_event_has_no_more_reports_than_a_page_holds(
    database: Database, reports: UserReports
) -> None:
    with database.write() as connection:
        kept = [reports.add(connection, _report(str(n))) for n in range(MAX_OF_EVENT + 1)]

    assert kept == [Kept.ACCEPTED] * MAX_OF_EVENT + [Kept.TOO_MANY]
    assert len(reports.of_event(1, EVENT)) == MAX_OF_EVENT


def test_the_same_words_about_the_same_event_are_kept_once(
    database: Database, reports: UserReports
) -> None:
    again = replace(_report("It broke."), received_at=NOON + timedelta(minutes=1))
    others = (_report("It broke!"), _report("It broke.", event_id="b" * 32))

    with database.write() as connection:
        kept = [reports.add(connection, each) for each in (_report("It broke."), again, *others)]

    assert kept == [Kept.ACCEPTED, Kept.DUPLICATE, Kept.ACCEPTED, Kept.ACCEPTED]
    assert len(reports.of_event(1, EVENT)) == 2


def test_a_project_s_reports_come_newest_first_in_pages(
    database: Database, reports: UserReports
) -> None:
    with database.write() as connection:
        for number in range(3):
            reports.add(connection, _report(str(number), event_id=f"{number:032}"))
        reports.add(connection, _report("?", project_id=2))

    first = reports.of_project(1, PageRequest(0, 2))
    second = reports.of_project(1, PageRequest(1, 2))

    assert [report.comments for report in (*first.items, *second.items)] == ["2", "1", "0"]
    assert (first.has_next, second.has_next) == (True, False)
