"""The buttons that have stored events resolved again."""

import html
from typing import Any

from headwater.storage.healings import Healings, Kind
from headwater.symbolicate.resolution import Resolution, ResolvedFrame, ResolvedStacktrace
from headwater.symbolicate.verdicts import Verdict
from tests.server.web.house import Browser, House

FRAME = {"filename": "app:///a.js", "function": "h", "lineno": 3, "colno": 1039}
EVENT: dict[str, Any] = {
    "platform": "node",
    "release": "shop@1.0",
    "exception": {"values": [{"type": "Error", "stacktrace": {"frames": [FRAME]}}]},
}
MINIFIED = Resolution(
    1,
    (
        ResolvedStacktrace(
            ("exception", "values", 0, "stacktrace"),
            (ResolvedFrame(Verdict.RELEASE_NOT_UPLOADED),),
        ),
    ),
)


def test_an_event_and_its_issue_have_buttons_and_say_how_far_it_is(
    house: House, browser: Browser
) -> None:
    project = house.project()
    issue, _ = house.store(project, EVENT, MINIFIED)
    _, event = house.store(project, EVENT, MINIFIED, issue=issue)
    page = browser.get(f"/issues/{issue}").text
    assert f'action="/issues/{issue}/resolve-again"' in page
    assert f'action="/issues/{issue}/events/{event}/resolve-again"' in page
    assert "being resolved again" not in page

    for path in (f"/issues/{issue}", f"/issues/{issue}/events/{event}"):
        done = browser.post(f"{path}/resolve-again", data={"back": f"/issues/{issue}"})
        assert done.headers["location"] == f"/issues/{issue}"

    healings = Healings(house.database)
    assert healings.of(project.id, Kind.ISSUE, str(issue)) is not None
    assert healings.of(project.id, Kind.EVENT, event) is not None
    text = " ".join(html.unescape(browser.get(f"/issues/{issue}").text).split())
    assert "This event: being resolved again, 0 of 1 looked at." in text
    assert "The issue's events: being resolved again, 0 of 2 looked at." in text


def test_an_event_that_is_resolved_has_no_button(house: House, browser: Browser) -> None:
    issue, _ = house.store(house.project(), {"message": "boom"})

    assert "resolve-again" not in browser.get(f"/issues/{issue}").text


def test_a_release_of_a_project_or_all_of_it_can_be_asked_for(
    house: House, browser: Browser
) -> None:
    project = house.project()
    path = f"/projects/{project.slug}/resolve-again"

    browser.post(path, data={"release": "shop@1.0"})
    browser.post(path, data={})

    healings = Healings(house.database)
    assert healings.of(project.id, Kind.RELEASE, "shop@1.0") is not None
    assert healings.of(project.id, Kind.PROJECT, "") is not None
    assert browser.post("/projects/nowhere/resolve-again", data={}).status_code == 404
