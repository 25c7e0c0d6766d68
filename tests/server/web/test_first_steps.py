"""What the set-up page ticks off: an event, an upload, a frame that is shown as it was written."""

import pytest

from headwater.server.web.projects.first_steps import Steps
from headwater.storage.events.project_hours import NO_RELEASE, Came, HourKey, add_hours
from headwater.storage.projects import Project
from tests.released import Released
from tests.server.web.house import Browser, House

SET_UP = "/projects/web-shop/set-up"


def test_a_project_without_anything_waits_for_all(house: House, browser: Browser) -> None:
    project = house.project()

    steps = Steps(house.database).of(project.id)

    assert (steps.issue, steps.upload, steps.is_resolved) == (None, None, False)
    assert "data-live" in browser.get(SET_UP).text


@pytest.mark.parametrize("frames", [(0, 4), (1, 3)])
def test_a_release_with_a_resolved_frame_is_the_last_step(
    house: House, browser: Browser, frames: tuple[int, int]
) -> None:
    project = house.project()
    Released(house.database).upload(project.id, "shop@1", {"~/app.js": 1})
    _count(house, project, Came(1, *frames))
    house.store(project, {"exception": {"values": []}})

    page = browser.get(SET_UP).text

    assert ("your source is shown" in page) is (frames[0] > 0)
    assert ("data-live" in page) is (frames[0] == 0)


def test_a_step_that_was_done_stays_so_whatever_comes_after(house: House, browser: Browser) -> None:
    project = house.project()
    house.store(project, {"exception": {"values": []}})
    _count(house, project, Came(events=1, resolved=3), Came(events=40, failed=40))

    assert "your source is shown" in browser.get(SET_UP).text


def test_what_other_projects_have_is_not_ticked_off(house: House) -> None:
    project, other = house.project(), house.project("Other")
    Released(house.database).upload(other.id, "shop@1", {"~/app.js": 1})
    _count(house, other, Came(1, 4, 0))
    house.store(other, {"exception": {"values": []}})

    steps = Steps(house.database).of(project.id)

    assert (steps.issue, steps.upload, steps.is_resolved) == (None, None, False)


def test_python_is_set_up_once_an_event_came(house: House, browser: Browser) -> None:
    project = house.project(platform="python")
    house.store(project, {"exception": {"values": []}})

    page = browser.get(SET_UP).text

    assert "data-live" not in page
    assert "An upload" not in page


def _count(house: House, project: Project, *hours: Came) -> None:
    counts = {
        HourKey(project.id, number, "error", NO_RELEASE): each for number, each in enumerate(hours)
    }
    with house.database.write() as connection:
        add_hours(connection, counts)
