"""What users said, on the page of the event that they saw."""

from datetime import UTC, datetime

from headwater.storage.events.user_reports import UserReport, UserReports
from tests.server.web.house import Browser, House, assert_harmless


def test_an_event_s_page_has_what_users_said_about_it(house: House, browser: Browser) -> None:
    project = house.project()
    issue, event_id = house.store(project, {})
    now = datetime.now(UTC)
    reports = [
        UserReport(project.id, event_id, now, "Jo <b>", "jo@example.com", "I pressed\nPay."),
        UserReport(project.id, event_id, now, "", "", ""),
    ]
    with house.database.write() as connection:
        for report in reports:
            UserReports(house.database).add(connection, report)

    page = browser.get(f"/issues/{issue}")

    assert_harmless(page)
    assert "What users said" in page.text
    assert "I pressed\nPay." in page.text
    assert "Jo &lt;b&gt; · jo@example.com" in page.text
    assert "Anonymous" in page.text


def test_an_event_that_nobody_wrote_about_has_no_such_section(
    house: House, browser: Browser
) -> None:
    issue, _ = house.store(house.project(), {})

    assert "What users said" not in browser.get(f"/issues/{issue}").text
