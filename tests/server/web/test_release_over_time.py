"""How a release's frames came out day by day, and when its uploads were used last."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest

from headwater.storage.events.project_hours import OTHER, Came, HourKey, add_hours
from headwater.storage.people.roles import Role
from headwater.storage.uploads.bundle_uses import BundleUses
from headwater.storage.window import hour_number
from tests.released import Released
from tests.server.web.house import Browser, House, assert_harmless

TABLE = "Frames of your own minified files, UTC"


@pytest.fixture
def released(house: House) -> Released:
    house.project("Shop")
    house.project("Blog")
    return Released(house.database)


def came(house: House, days_ago: int, release: str, count: Came, project_id: int = 1) -> None:
    hour = hour_number(datetime.now(UTC)) - 24 * days_ago
    with house.database.write() as connection:
        add_hours(connection, {HourKey(project_id, hour, "error", release): count})


def use(house: House, bundle_id: int, hours_ago: int) -> None:
    with house.database.write() as connection:
        moment = datetime.now(UTC) - timedelta(hours=hours_ago)
        BundleUses().add(connection, [bundle_id], moment)


def days(text: str) -> list[list[str]]:
    body = (
        text.split(f"<caption>{TABLE}</caption>")[1]
        .split("</table>", maxsplit=1)[0]
        .split("<tbody>")[1]
    )
    return [
        re.findall(r'<td class="number"[^>]*>(.*?)</td>', row)
        for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    ]


def said(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text.split("<main")[1])).split())


def test_each_day_of_a_month_has_its_share(
    house: House, browser: Browser, released: Released
) -> None:
    released.see(1, "shop@1", {"https://h/app.js": 1})
    came(house, 0, "shop@1", Came(3, 1, 2))
    came(house, 2, "shop@1", Came(3, 9, 0))
    came(house, 29, "shop@1", Came(1, 0, 7))
    came(house, 31, "shop@1", Came(1, 0, 500))
    came(house, 0, "shop@2", Came(1, 0, 500))
    came(house, 0, "shop@1", Came(1, 0, 60), project_id=2)

    page = browser.get("/projects/shop/releases/shop%401")
    everywhere = browser.get("/releases/shop%401")

    assert_harmless(page)
    rows = days(page.text)
    assert len(rows) == 30
    assert rows[0] == ["1", "2", "3", "33 %"]
    assert rows[2] == ["9", "0", "9", "100 %"]
    assert rows[29] == ["0", "7", "7", "0 %"]
    assert days(everywhere.text)[0] == ["1", "62", "63", "2 %"]


def test_only_projects_that_a_person_sees_are_counted(house: House, released: Released) -> None:
    for project_id in (1, 2):
        released.see(project_id, "shop@1", {"https://h/app.js": 1})
        came(house, 0, "shop@1", Came(1, project_id, 0), project_id)
    house.person("bo@example.com", Role.VIEWER, {2: Role.VIEWER}, all_projects=False)

    text = house.browser("bo@example.com").get("/releases/shop%401").text

    assert days(text)[0] == ["2", "0", "2", "100 %"]


def test_without_frames_there_is_no_chart(browser: Browser, released: Released) -> None:
    released.see(1, "shop@1", {"https://h/app.js": 1})

    text = browser.get("/projects/shop/releases/shop%401").text

    assert TABLE not in text
    assert "data-chart" not in text


def test_what_was_not_counted_apart_is_told(
    house: House, browser: Browser, released: Released
) -> None:
    released.see(1, "shop@1", {"https://h/app.js": 1})
    came(house, 0, "shop@1", Came(1, 1, 0))
    alone = browser.get("/projects/shop/releases/shop%401").text
    came(house, 1, OTHER, Came(1234, 1, 0))
    crowded = browser.get("/projects/shop/releases/shop%401").text

    assert "more than 20 releases" not in alone
    assert "more than 20 releases" in crowded
    assert "1,234 events" in crowded


def test_uploads_say_when_they_resolved_a_frame_last(
    house: House, browser: Browser, released: Released
) -> None:
    bundle = released.upload(1, "shop@1", {"~/app.js": 1})
    newer = released.upload(1, "shop@1", {"~/b.js": 2}, minutes_ago=1)
    released.see(1, "shop@2", {"https://h/app.js": 1})
    pages = {
        "list": "/projects/shop/releases",
        "release": "/projects/shop/releases/shop%401",
        "bundle": f"/bundles/{bundle}",
        "bundles": "/projects/shop/bundles",
    }
    before = {name: said(browser.get(path).text) for name, path in pages.items()}
    use(house, bundle, 5)
    after = {name: said(browser.get(path).text) for name, path in pages.items()}

    assert "Never" in before["list"]
    assert "no frame was resolved with its uploads" in before["release"]
    assert "no frame was resolved with it" in before["bundle"]
    assert before["bundles"].count("Never") == 2
    assert "Never" not in after["list"]
    assert "5 h ago" in after["list"]
    assert "uploads last used 5 h ago" in after["release"]
    assert "last used 5 h ago" in after["bundle"]
    assert after["bundles"].count("Never") == 1
    assert "no frame was resolved with it" in said(browser.get(f"/bundles/{newer}").text)
