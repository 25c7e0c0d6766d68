"""What was received, and what became of it."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest

from headwater.storage.people.roles import Role
from headwater.storage.people.users import Users
from tests.server.web.house import Browser, House, assert_harmless


def _tables(text: str) -> dict[str, list[list[str]]]:
    """The heading or caption of each table, and the cells of its rows."""
    tables = {}
    text = text.split("<main")[1]
    for name, body in re.findall(
        r"(?:<h2[^>]*>|<caption>)([^<]+?)(?:</h2>|</caption>).*?(<tbody>.*?)</table>",
        text,
        re.DOTALL,
    ):
        rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
        cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
        tables[html.unescape(name)] = [
            [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in row]
            for row in cells
        ]
    return tables


@pytest.fixture
def shop(house: House) -> House:
    """A project with a little of everything, and another one with a lot."""
    for name in ("Web shop", "Blog"):
        house.project(name)
    for category, reason, quantity, hours_ago in (
        ("error", "accepted", 40, 0),
        ("error", "accepted", 2, 3),
        ("error", "accepted", 900, 49),
        ("error", "duplicate", 5, 0),
        ("error", "too_large", 3, 23),
        ("error", "rate_limited:project", 70, 48),
        ("error", "accepted", 7, 31 * 24),
        ("error", "client:before_send", 11, 0),
        ("transaction", "client:sample_rate", 13, 60),
        ("session", "not_kept:session", 17, 0),
        ("attachment", "accepted", 1, 0),
    ):
        house.count(1, category, reason, quantity, hours_ago)
    house.count(2, "error", "accepted", 5_000)
    house.count(0, "error", "unknown_key", 8)
    house.count(0, "api", "unknown_path", 9)
    return house


@pytest.mark.usefixtures("shop")
def test_every_end_is_counted_explained_and_adds_up(browser: Browser) -> None:
    page = browser.get("/projects/web-shop/received")
    tables = _tables(page.text)

    assert_harmless(page)
    events = tables["Events"]
    assert [row[1:] for row in events] == [
        ["42", "942"],
        ["5", "5"],
        ["0", "70"],
        ["3", "3"],
        ["50", "1,020"],
    ]
    assert events[-1][0] == "All"
    assert "raise the rate in the project's settings" in events[2][0]
    assert events[3][0].startswith("Too large")
    assert [row[1:] for row in tables["Dropped by SDKs"]] == [
        ["0", "13"],
        ["11", "11"],
        ["11", "24"],
    ]
    assert tables["Dropped by SDKs"][1][0].startswith("beforeSend error")
    assert tables["Sent, and not kept"] == [["session", "17", "17"]]
    assert tables["Everything else"][0][0].startswith("Accepted attachment")


@pytest.mark.usefixtures("shop")
def test_the_charts_add_up_to_the_table(browser: Browser) -> None:
    text = browser.get("/projects/web-shop/received").text
    tables = _tables(text)

    hours, days = tables["Events by the hour, UTC"], tables["Events by the day, UTC"]

    assert (len(hours), len(days)) == (24, 30)
    assert [sum(int(row[at].replace(",", "")) for row in hours) for at in (1, 2, 3, 4)] == [
        42,
        5,
        3,
        50,
    ]
    assert [sum(int(row[at].replace(",", "")) for row in days) for at in (1, 2, 3, 4)] == [
        942,
        5,
        73,
        1020,
    ]
    assert hours[0][0] == datetime.now(UTC).strftime("%Y-%m-%d %H:00")
    day = (datetime.now(UTC) - timedelta(hours=49)).strftime("%Y-%m-%d")
    assert "900" in next(row for row in days if row[0] == day)
    assert text.count('class="room"') == 54


def test_a_project_that_has_sent_nothing_says_so_in_numbers(house: House, browser: Browser) -> None:
    house.project()

    page = browser.get("/projects/web-shop/received")

    assert_harmless(page)
    assert [row[1:] for row in _tables(page.text)["Events"]] == [["0", "0"]]
    assert "Dropped by SDKs" not in page.text


@pytest.mark.usefixtures("shop")
def test_the_server_s_page_has_all_projects_and_what_is_nobody_s(browser: Browser) -> None:
    everything = browser.get("/received")
    nobody = browser.get("/received?of=no-project")

    assert_harmless(everything)
    assert _tables(everything.text)["Events"][0][1:] == ["5,042", "5,942"]
    assert "Unknown key" in everything.text
    events = _tables(nobody.text)["Events"]
    assert [row[1:] for row in events] == [["0", "0"], ["8", "8"], ["8", "8"]]
    assert _tables(nobody.text)["Everything else"][0][1:] == ["9", "9"]


def test_dead_letters_that_wait_are_shown_the_way_to(shop: House, browser: Browser) -> None:
    project = shop.projects.get("web-shop")
    assert project
    shop.bury(project, b"{}", "KeyError: 'x'")

    assert "/projects/web-shop/dead-letters" in browser.get("/projects/web-shop/received").text
    assert 'href="/dead-letters"' in browser.get("/received").text
    assert "dead-letters" not in browser.get("/projects/blog/received").text.split("<main")[1]


@pytest.mark.parametrize("path", ["/received", "/dead-letters"])
def test_the_whole_server_is_for_administrators(house: House, path: str) -> None:
    Users(house.database).create("bob@example.com", "correct horse", Role.MEMBER, datetime.now(UTC))
    bob = house.browser("bob@example.com")

    refused = bob.get(path)

    assert refused.status_code == 403
    assert "for its administrators" in refused.text
    assert f'href="{path}"' not in refused.text
    assert house.stranger().get(path).headers["location"].startswith("/sign-in")


def test_a_reason_that_nobody_knows_any_more_is_shown_by_its_name(
    house: House, browser: Browser
) -> None:
    house.project()
    house.count(1, "error", "odd_thing:<b>")

    page = browser.get("/projects/web-shop/received")

    assert_harmless(page)
    assert "Odd thing, &lt;b&gt;" in page.text
