"""Issues over the API."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy.event import listen, remove

from headwater.storage.issues.search import Status
from tests.event_side import EventSide, minified_event

ORG = "/api/0/organizations/any/issues/"


@pytest.fixture
def shop(events_side: EventSide) -> EventSide:
    """Three issues of `Shop`, one of `Blog`."""
    for letter, message in (("a", "no money"), ("b", "no stock"), ("c", "no shop")):
        events_side.digest({"event_id": letter * 32, "message": message})
    events_side.digest({"event_id": "d" * 32, "message": "no blog"}, project_id=2)
    return events_side


def _get(
    side: EventSide, path: str, headers: dict[str, str] | None = None, **query: Any
) -> httpx.Response:
    return side.client.get(path, headers=headers or side.token(), params=query)


def _titles(answer: httpx.Response) -> set[str]:
    assert answer.status_code == 200, answer.text
    return {issue["title"] for issue in answer.json()}


def test_an_issue_has_sentry_s_shape(events_side: EventSide) -> None:
    events_side.digest(minified_event("a" * 32), minified_event("b" * 32))

    (issue,) = _get(events_side, "/api/0/projects/any/shop/issues/").json()

    assert issue["title"] == "Error: no money"
    assert issue["metadata"] == {"type": "Error", "value": "no money"}
    assert (issue["count"], issue["status"], issue["level"]) == ("2", "unresolved", "error")
    assert issue["shortId"] == f"SHOP-{issue['id']}"
    assert issue["project"]["slug"] == "shop"
    assert issue["permalink"].endswith(f"/issues/{issue['id']}")
    assert issue["firstSeen"] <= issue["lastSeen"]


def test_a_list_is_of_one_project_or_of_all_that_the_token_sees(shop: EventSide) -> None:
    of_shop = {"no money", "no stock", "no shop"}

    assert _titles(_get(shop, ORG)) == {*of_shop, "no blog"}
    assert _titles(_get(shop, ORG, project="1")) == of_shop
    assert _titles(_get(shop, ORG, project="-1")) == {*of_shop, "no blog"}
    assert _titles(_get(shop, "/api/0/projects/any/blog/issues/")) == {"no blog"}
    assert _titles(_get(shop, ORG, shop.token(2))) == {"no blog"}
    assert _titles(_get(shop, ORG, shop.token(2), project="1")) == {"no blog"}
    assert _titles(_get(shop, "/api/0/projects/any/blog/issues/", shop.token(2))) == {"no blog"}
    assert _get(shop, "/api/0/projects/any/shop/issues/", shop.token(2)).status_code == 404
    assert _get(shop, ORG, project="nowhere").status_code == 404


def test_a_query_is_a_status_and_words(shop: EventSide) -> None:
    (money,) = (one for one in shop.issues.list().items if one.title == "no money")
    shop.decisions.decide([money.id], Status.RESOLVED, datetime.now(UTC))

    assert _titles(_get(shop, ORG, query="is:resolved")) == {"no money"}
    assert _titles(_get(shop, ORG, query="is:unresolved stock")) == {"no stock"}
    assert _titles(_get(shop, ORG, query="money")) == {"no money"}
    refused = _get(shop, ORG, query="is:purple")
    assert refused.status_code == 400
    assert "is:unresolved" in refused.json()["detail"]


def test_a_long_list_is_paged_by_link_headers(shop: EventSide) -> None:
    seen: set[str] = set()
    answer = _get(shop, ORG, per_page="3")
    seen |= _titles(answer)
    assert 'rel="next"; results="true"' in answer.headers["link"]

    following = _get(shop, ORG, per_page="3", cursor="0:3:0")

    seen |= _titles(following)
    assert 'rel="next"; results="false"' in following.headers["link"]
    assert len(seen) == 4


def test_an_issue_s_events_are_paged_there_and_back_by_the_cursors_that_are_told(
    events_side: EventSide,
) -> None:
    events_side.digest(*(minified_event(letter * 32) for letter in "abcde"))
    (issue,) = events_side.issues.list().items
    path, seen = f"/api/0/issues/{issue.id}/events/", list[str]()
    back, cursor, more = "", "", True

    while more:
        answer = _get(events_side, path, per_page="2", cursor=cursor)
        seen += [event["eventID"][0] for event in answer.json()]
        back, following = answer.headers["link"].split(", ")
        cursor, more = following.split('cursor="')[1].rstrip('"'), 'results="true"' in following
    earlier = _get(events_side, path, per_page="2", cursor=back.split('cursor="')[1].rstrip('"'))

    assert seen == ["e", "d", "c", "b", "a"]
    assert [event["eventID"][0] for event in earlier.json()] == ["c", "b"]
    assert 'rel="previous"; results="true"' in earlier.headers["link"]


def test_a_list_of_issues_asks_for_all_projects_at_once(shop: EventSide) -> None:
    def asked(per_page: str) -> int:
        said: list[str] = []
        engine = shop.database.engine
        note = lambda _c, _u, statement, *_rest: said.append(statement)  # noqa: E731
        listen(engine, "before_cursor_execute", note)
        assert _get(shop, ORG, per_page=per_page).status_code == 200
        remove(engine, "before_cursor_execute", note)
        return len([each for each in said if not each.startswith("BEGIN")])

    asked("1")  # notes that the token was used

    assert asked("1") == asked("4") <= 15


def test_an_issue_and_its_events_are_found_by_number(events_side: EventSide) -> None:
    events_side.digest(minified_event("a" * 32), minified_event("b" * 32))
    (issue,) = events_side.issues.list().items

    shown = _get(events_side, f"{ORG}{issue.id}/").json()
    listed = _get(events_side, f"{ORG}{issue.id}/events/").json()

    assert shown["id"] == str(issue.id)
    assert [event["eventID"][0] for event in listed] == ["b", "a"]


@pytest.mark.parametrize("issue", ["999", "nonsense", "9" * 40])
def test_an_issue_that_is_not_there_is_named(shop: EventSide, issue: str) -> None:
    answer = _get(shop, f"{ORG}{issue}/")

    assert answer.status_code == 404
    assert "no issue" in answer.json()["detail"]


def test_another_project_s_issue_is_not_there(shop: EventSide) -> None:
    (blog,) = shop.issues.list([2]).items

    assert _get(shop, f"{ORG}{blog.id}/", shop.token(1)).status_code == 404
    assert _get(shop, f"{ORG}{blog.id}/events/", shop.token(1)).status_code == 404
    assert _get(shop, f"{ORG}{blog.id}/", shop.token(2)).status_code == 200
