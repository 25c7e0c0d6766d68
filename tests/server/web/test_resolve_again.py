"""The buttons that have stored events resolved again."""

import html
import re
from typing import Any

import pytest

from headwater.storage.events.healings import Healings, Kind
from headwater.storage.schema import healings
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

    asked = Healings(house.database)
    assert asked.of(project.id, Kind.ISSUE, str(issue)) is not None
    assert asked.of(project.id, Kind.EVENT, event) is not None
    text = " ".join(html.unescape(browser.get(f"/issues/{issue}").text).split())
    assert "This event: being resolved again, 0 of 1 looked at." in text
    assert "The issue's events: being resolved again, 0 of 2 looked at." in text


@pytest.mark.parametrize(
    ("done", "changed", "said"),
    [
        (1, 0, "it came out as before."),
        (1, 1, "it came out better."),
        (6, 0, "all 6 came out as before."),
        (6, 2, "2 of 6 came out better."),
        (0, 0, "there was none."),
    ],
)
def test_what_became_of_it_is_said_in_words(
    house: House, browser: Browser, done: int, changed: int, said: str
) -> None:
    issue, _ = house.store(house.project(), EVENT, MINIFIED)
    browser.post(f"/issues/{issue}/resolve-again", data={"back": f"/issues/{issue}"})
    came = {"done": done, "changed": changed, "finished_at": house.ada.created_at}
    with house.database.write() as connection:
        connection.execute(healings.update().values(came))

    text = " ".join(re.sub(r"<[^>]+>", "", browser.get(f"/issues/{issue}").text).split())

    assert "The issue's events: resolved again" in html.unescape(text)
    assert f", {said}" in text


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

    asked = Healings(house.database)
    assert asked.of(project.id, Kind.RELEASE, "shop@1.0") is not None
    assert asked.of(project.id, Kind.PROJECT, "") is not None
    assert browser.post("/projects/nowhere/resolve-again", data={}).status_code == 404
