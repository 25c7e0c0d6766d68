"""What was in a deleted project is in no answer of the API."""

from datetime import UTC, datetime

import pytest

from headwater.storage.deleted_projects import DeletedProjects
from tests.event_side import EventSide

EVENT = "a" * 32
PATHS = (
    "/api/0/projects/any/shop/issues/",
    "/api/0/projects/any/1/issues/",
    f"/api/0/projects/any/shop/events/{EVENT}/",
    f"/api/0/projects/any/1/events/{EVENT}/",
    f"/api/0/organizations/any/eventids/{EVENT}/",
    "/api/0/organizations/any/issues/{issue}/",
    "/api/0/organizations/any/issues/{issue}/events/",
    "/api/0/issues/{issue}/",
)


@pytest.fixture
def shop(events_side: EventSide) -> EventSide:
    """An issue of `Shop`, one of `Blog`."""
    events_side.digest({"event_id": EVENT, "message": "no money"})
    events_side.digest({"event_id": "d" * 32, "message": "no blog"}, project_id=2)
    return events_side


def test_neither_its_issues_nor_its_events_are_found(shop: EventSide) -> None:
    whole, (issue,) = shop.token(), shop.issues.list([1]).items
    paths = [path.format(issue=issue.id) for path in PATHS]
    before = {path for path in paths if shop.client.get(path, headers=whole).status_code == 200}

    DeletedProjects(shop.database).delete(1, datetime.now(UTC))

    after = {path: shop.client.get(path, headers=whole).status_code for path in paths}
    assert len(before) >= 5
    assert set(after.values()) == {404}
    listed = shop.client.get("/api/0/organizations/any/issues/", headers=whole).json()
    assert [each["title"] for each in listed] == ["no blog"]


def test_its_token_is_refused(shop: EventSide) -> None:
    own = shop.token(1)

    DeletedProjects(shop.database).delete(1, datetime.now(UTC))

    assert shop.client.get("/api/0/projects/any/any/issues/", headers=own).status_code == 401
