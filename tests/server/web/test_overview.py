"""The overview of a project."""

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from headwater.storage.events.project_hours import MAX_HOUR_RELEASES, Came, HourKey, add_hours
from headwater.storage.issues.activity import Activity, Kind
from headwater.storage.issues.decisions import Decisions
from headwater.storage.issues.deletions import Deletions
from headwater.storage.issues.hours import IssueHours, hour_of
from headwater.storage.issues.merges import Merges
from headwater.storage.issues.period import CANDIDATES
from headwater.storage.issues.search import Status
from headwater.storage.people.roles import Role
from headwater.storage.schema import issues
from headwater.storage.window import hour_number
from tests.server.web.house import Browser, House, assert_harmless

OVERVIEW = "/projects/web-shop"
HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture
def shop(house: House) -> House:
    """A project without events, and another one."""
    for name in ("Web shop", "Blog"):
        house.project(name)
    return house


def came(
    house: House, hours_ago: int, level: str, release: str, count: Came, project_id: int = 1
) -> None:
    """Events that came so long ago."""
    hour = hour_number(datetime.now(UTC)) - hours_ago
    with house.database.write() as connection:
        add_hours(connection, {HourKey(project_id, hour, level, release): count})


def issue(house: House, title: str, ages: dict[int, int], **more: Any) -> int:
    """An issue with so many events so many hours ago, and that many in all."""
    now = datetime.now(UTC)
    row: dict[str, Any] = {"project_id": 1, "title": title, "culprit": "main · src/main.ts:1"}
    row |= {"level": "error", "platform": "node", "event_count": sum(ages.values())}
    row |= {"first_seen": now - timedelta(hours=max(ages))}
    row |= {"last_seen": now - timedelta(hours=min(ages))}
    with house.database.write() as connection:
        made = issues.insert().values(row | more).returning(issues.c.id)
        issue_id: int = connection.execute(made).scalar_one()
        counts = {
            (issue_id, hour_of(now - timedelta(hours=age))): count for age, count in ages.items()
        }
        IssueHours().add(connection, counts)
    return issue_id


def table(text: str, caption: str) -> list[list[str]]:
    """The cells of each row, head included, the latest span first."""
    body = text.split(f"<caption>{caption}</caption>")[1].split("</table>", maxsplit=1)[0]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    return [
        [
            html.unescape(re.sub(r"<[^>]+>", "", cell))
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row)
        ]
        for row in rows
    ]


def section(text: str, id_: str) -> str:
    return text.split(f'<section aria-labelledby="{id_}">')[1].split("</section>", maxsplit=1)[0]


def titles(text: str, id_: str) -> list[str]:
    found = re.findall(r'<a href="/issues/\d+">(.*?)</a>', section(text, id_))
    return [html.unescape(each) for each in found]


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("query", ["", "?period=7d", "?period=30d"])
def test_without_events_it_says_what_to_do(browser: Browser, query: str) -> None:
    page = browser.get(OVERVIEW + query)

    assert_harmless(page)
    assert "No event came in these" in page.text
    assert 'href="/projects/web-shop/set-up">see how the project is set up' in page.text
    assert ("Look at 30 days" in page.text) == (query != "?period=30d")
    assert "<svg" not in page.text.split("<main")[1].split("</main>")[0]


@pytest.mark.parametrize(
    "asked", ["", "24", "24h ", "1d", "7D", "-1", "%00", "<script>", "9" * 5000]
)
def test_a_period_that_there_is_not_is_taken_for_a_day(
    shop: House, browser: Browser, asked: str
) -> None:
    came(shop, 0, "error", "shop@1", Came(1))

    page = browser.get(OVERVIEW, params={"period": asked})

    assert page.status_code == 200
    assert 'href="/projects/web-shop?period=24h" aria-current="page"' in page.text
    assert_harmless(page)


def test_events_are_counted_by_level_and_release(shop: House, browser: Browser) -> None:
    came(shop, 0, "error", "shop@2", Came(3))
    came(shop, 0, "fatal", "shop@2", Came(1))
    came(shop, 1, "warning", "", Came(2))
    came(shop, 23, "error", "shop@1", Came(7))
    came(shop, 24, "error", "shop@1", Came(100))
    came(shop, 0, "error", "blog@1", Came(1000), project_id=2)

    text = browser.get(OVERVIEW).text
    levels, releases = (table(text, f"Events by {each}, UTC") for each in ("level", "release"))

    assert levels[0][1:] == ["fatal", "error", "warning", "All"]
    assert [row[1:] for row in levels[1:3]] == [["1", "3", "0", "4"], ["0", "0", "2", "2"]]
    assert levels[-1][1:] == ["0", "7", "0", "7"]
    assert len(levels) == 25
    assert releases[0][1:] == ["shop@1", "shop@2", "no release", "All"]
    assert releases[1][1:] == ["0", "4", "0", "4"]
    assert "13 events" in text


def test_each_bar_says_exactly_what_it_stands_for(shop: House, browser: Browser) -> None:
    came(shop, 0, "error", "shop@2", Came(1234, 3, 1))

    text = browser.get(OVERVIEW).text
    now = f"{datetime.now(UTC):%d %b %H:00}"

    for said in (
        f"{now} UTC: 1,234 events: 1,234 error",
        f"{now} UTC: 1,234 events: 1,234 shop@2",
        f"{now} UTC: 4 frames: 3 resolved, 1 not resolved. 75 %",
    ):
        assert f'<g role="img" tabindex="0" aria-label="{said}">' in text
        assert f"<title>{said}</title>" in text


def test_days_are_those_of_utc(shop: House, browser: Browser) -> None:
    came(shop, 24 * 29, "error", "shop@1", Came(5))
    came(shop, 24 * 31, "error", "shop@1", Came(50))

    rows = table(browser.get(OVERVIEW + "?period=30d").text, "Events by level, UTC")

    today = datetime.now(UTC).replace(hour=0, minute=0)
    assert [row[0] for row in rows[1:]] == [
        f"{today - timedelta(days=age):%Y-%m-%d %H:%M}" for age in range(30)
    ]
    assert sum(int(row[-1]) for row in rows[1:]) == 5
    assert rows[30][-1] == "5"


def test_releases_beyond_those_with_a_colour_are_counted_together(
    shop: House, browser: Browser
) -> None:
    for number in range(MAX_HOUR_RELEASES + 5):
        came(shop, 0, "error", f"shop@{number}", Came(100 - number))

    rows = table(browser.get(OVERVIEW).text, "Events by release, UTC")

    assert rows[0][1:] == ["shop@0", "shop@1", "shop@2", "shop@3", "other releases", "All"]
    every = [100 - number for number in range(MAX_HOUR_RELEASES + 5)]
    assert rows[1][1:] == ["100", "99", "98", "97", f"{sum(every[4:]):,}", f"{sum(every):,}"]


def test_the_share_of_resolved_frames_is_told_for_each_span(shop: House, browser: Browser) -> None:
    came(shop, 0, "error", "shop@1", Came(2, 1, 3))
    came(shop, 1, "error", "shop@1", Came(1, 4, 0))

    text = browser.get(OVERVIEW).text
    rows = table(text, "Frames of your own minified files, UTC")

    assert rows[0][1:] == ["resolved", "not resolved", "All", "Share"]
    assert [row[1:] for row in rows[1:4]] == [
        ["1", "3", "4", "25 %"],
        ["4", "0", "4", "100 %"],
        ["0", "0", "0", "\N{EN DASH}"],
    ]
    assert "62 % of 8" in text


def test_where_counting_began_within_the_period_it_is_said(shop: House, browser: Browser) -> None:
    came(shop, 5, "error", "shop@1", Came(1))
    nothing_missing = browser.get(OVERVIEW).text
    issue(shop, "Error: of before", {20: 1})
    short = browser.get(OVERVIEW).text
    came(shop, 23, "error", "shop@1", Came(1))
    whole = browser.get(OVERVIEW).text

    assert "Nothing was counted by level and release before" not in nothing_missing
    assert "Nothing was counted by level and release before" in short
    assert "Nothing was counted by level and release before" not in whole


def test_what_was_sent_is_told_with_its_end(shop: House, browser: Browser) -> None:
    shop.count(1, "error", "accepted", 1200)
    shop.count(1, "error", "duplicate", 5)
    shop.count(1, "error", "too_large", 3, hours_ago=3)
    shop.count(1, "error", "rate_limited:project", 70)
    shop.count(1, "error", "accepted", 9, hours_ago=24 * 8)
    shop.count(1, "error", "client:before_send", 11)
    shop.count(2, "error", "accepted", 5_000)

    received = re.sub(r"<[^>]+>", " ", section(browser.get(OVERVIEW).text, "received"))

    assert " ".join(received.split()) == (
        "Received Accepted 1,200 Duplicates 5 Not accepted 73 Over the project&#39;s rate 70"
        " Too large 3 Waiting to be digested, of all projects none What became of everything"
    )


def test_issues_are_ranked_by_their_events_of_the_period(shop: House, browser: Browser) -> None:
    issue(shop, "Old and loud", {100: 10_000, 2: 3})
    issue(shop, "Loud now", {0: 50, 5: 7})
    issue(shop, "Quiet", {3: 1})
    issue(shop, "Gone", {60: 400})
    issue(shop, "Elsewhere", {0: 400}, project_id=2)

    day = browser.get(OVERVIEW).text
    week = browser.get(OVERVIEW + "?period=7d").text

    assert titles(day, "top") == ["Loud now", "Old and loud", "Quiet"]
    assert titles(week, "top") == ["Old and loud", "Gone", "Loud now", "Quiet"]
    assert 'aria-label="57 in 24 hours, peak 50 an hour"' in section(day, "top")


def test_an_issue_is_found_behind_many_that_were_louder_once(shop: House, browser: Browser) -> None:
    for number in range(CANDIDATES + 10):
        issue(shop, f"Once {number}", {100: 10_000, 1: 2})
    issue(shop, "Fresh", {1: 500})

    assert titles(browser.get(OVERVIEW).text, "top")[0] == "Fresh"


def test_new_issues_and_those_that_came_back_are_named(shop: House, browser: Browser) -> None:
    now = datetime.now(UTC)
    for number in range(7):
        issue(shop, f"New {number}", {number: 1})
    old = issue(shop, "Old", {100: 1, 1: 1})
    older = issue(shop, "Older", {200: 1, 1: 1})
    activity = Activity(shop.database)
    activity.note([old], Kind.CAME_BACK, now - timedelta(hours=1), None)
    activity.note([old], Kind.CAME_BACK, now - timedelta(hours=2), None)
    activity.note([older], Kind.CAME_BACK, now - timedelta(hours=30), None)
    activity.note([older], Kind.COMMENT, now, None, "mine")

    text = browser.get(OVERVIEW).text

    assert titles(text, "new") == [f"New {number}" for number in range(5)]
    assert "And 2 more." in section(text, "new")
    assert titles(text, "back") == ["Old"]


def test_merged_and_deleted_issues_are_in_no_list(shop: House, browser: Browser) -> None:
    kept = issue(shop, "Kept", {2: 5})
    merged = issue(shop, "Merged", {1: 4})
    deleted = issue(shop, "Deleted", {1: 3})
    for each in (merged, deleted):
        Activity(shop.database).note([each], Kind.CAME_BACK, datetime.now(UTC), None)
    Merges(shop.database).merge([kept, merged], datetime.now(UTC))
    Deletions(shop.database).delete([deleted])

    text = browser.get(OVERVIEW).text

    assert titles(text, "top") == titles(text, "new") == ["Kept"]
    assert "9</td>" in section(text, "top")
    assert "Deleted" not in text


def test_a_resolved_issue_says_so(shop: House, browser: Browser) -> None:
    one = issue(shop, "Done", {1: 4})
    Decisions(shop.database).decide([one], Status.RESOLVED, datetime.now(UTC))

    assert '<span class="state">Resolved</span>' in section(browser.get(OVERVIEW).text, "top")


def test_names_of_clients_are_shown_as_text(shop: House, browser: Browser) -> None:
    came(shop, 0, "error", HOSTILE, Came(1))
    issue(shop, HOSTILE, {1: 4}, culprit=HOSTILE)

    page = browser.get(OVERVIEW)

    assert_harmless(page)
    assert table(page.text, "Events by release, UTC")[0][1] == HOSTILE
    assert titles(page.text, "top") == [HOSTILE]


def test_who_does_not_see_the_project_is_told_that_there_is_none(shop: House) -> None:
    shop.person("bo@example.com", Role.VIEWER, {2: Role.ADMIN}, all_projects=False)
    shop.person("cy@example.com", Role.VIEWER, {1: Role.VIEWER}, all_projects=False)

    assert shop.stranger().get(OVERVIEW).status_code == 303
    assert shop.browser("bo@example.com").get(OVERVIEW).status_code == 404
    assert shop.browser("cy@example.com").get(OVERVIEW).status_code == 200
    assert shop.browser().get("/projects/nothing").status_code == 404


def test_it_asks_as_much_of_the_database_for_many_issues_as_for_few(
    shop: House, browser: Browser
) -> None:
    counts = []
    for number in (3, CANDIDATES + 20):
        for each in range(number):
            ages = {0: 1, 30: 1000} if number > 3 else {1: 5}
            one = issue(shop, f"Error {number} {each}", ages)
            Activity(shop.database).note([one], Kind.CAME_BACK, datetime.now(UTC), None)
            came(shop, each % 24, "error", f"shop@{each % 9}", Came(1, 1, 1))
        counts.append(shop.statements(lambda: browser.get(OVERVIEW)))

    assert max(counts) <= 15
    assert counts[1] - counts[0] <= 1
