"""When a project's overview says that its counts begin within the period, and when it does not."""

from datetime import UTC, datetime, timedelta

import pytest

from headwater.storage.events.project_hours import Came, HourKey, add_hours
from headwater.storage.schema import issues
from headwater.storage.window import hour_number
from tests.server.web.house import Browser, House
from tests.stored import Stored


@pytest.mark.parametrize(("age", "is_said"), [(3, True), (40, False)])
def test_it_is_said_where_counting_began_within_the_period_alone(
    house: House, browser: Browser, age: int, *, is_said: bool
) -> None:
    project, now = house.project(), datetime.now(UTC)
    Stored(house.database).issue(project_id=project.id)
    with house.database.write() as connection:
        for moment in (now - timedelta(days=age), now):
            key = HourKey(project.id, hour_number(moment), "error", "")
            add_hours(connection, {key: Came(1)})

    with house.database.write() as connection:
        long_ago = {"first_seen": now - timedelta(days=60)}  # what came then was not counted
        connection.execute(issues.update().values(long_ago))

    page = browser.get(f"/projects/{project.slug}?period=30d").text

    assert ("Nothing was counted by level and release before" in page) is is_said
