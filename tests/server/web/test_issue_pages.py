"""The list of issues, and what a person decides about one."""

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from headwater.digest.retention import EventBounds, Retention
from headwater.digest.unmuting import Unmuting
from headwater.server.web.issues.aside import LATEST_ACTIVITY
from headwater.storage.disk import FreeSpace
from headwater.storage.events.events import Events
from headwater.storage.issues.activity import Activity, Kind
from headwater.storage.issues.merges import Merges
from headwater.storage.issues.search import Status
from headwater.storage.issues.tag_counts import Seen, Tag, TagCounts
from headwater.storage.page import PER_PAGE
from headwater.storage.people.roles import Role
from headwater.storage.projects import Project
from tests.databases import folder_of
from tests.server.web.house import Browser, House, assert_harmless

EVENT: dict[str, Any] = {"message": "boom"}


def _titles(page: str) -> list[str]:
    return [html.unescape(found) for found in re.findall(r'<a href="/issues/\d+">(.*?)</a>', page)]


def _fill(house: House, project: Project, count: int) -> list[int]:
    return [house.store(project, EVENT, title=f"Error: number {n}")[0] for n in range(count)]


def test_the_list_has_what_broke_where_how_often_and_when(house: House, browser: Browser) -> None:
    project = house.project()
    issue, _ = house.store(project, EVENT, title="Error: Invoice not found")
    house.store(project, EVENT, issue=issue, title="Error: Invoice not found")

    text = browser.get("/issues").text

    assert _titles(text) == ["Error: Invoice not found"]
    assert "main · src/main.ts:1" in text
    assert '<td class="number" data-label="Events">2</td>' in text
    assert "Web shop" in text
    assert re.search(r'<time datetime="[^"]+" title="[^"]+ UTC">just now</time>', text)


def test_a_project_lists_its_own_issues_only(house: House, browser: Browser) -> None:
    house.store(house.project("One"), EVENT, title="Error: one")
    house.store(house.project("Two"), EVENT, title="Error: two")

    assert _titles(browser.get("/projects/one/issues").text) == ["Error: one"]
    assert _titles(browser.get("/issues").text) == ["Error: two", "Error: one"]


def test_resolving_takes_an_issue_from_the_list_and_reopening_brings_it_back(
    house: House, browser: Browser
) -> None:
    issue, _ = house.store(house.project(), EVENT)
    house.store(house.project("Other"), EVENT, title="Error: other")

    for state in ("resolved", "muted", "unresolved"):
        done = browser.post(
            "/issues/decide", data={f"issue-{issue}": "on", "state": state, "back": "/issues/1"}
        )
        assert done.headers["location"] == "/issues/1"
        assert "Error: boom" in _titles(browser.get(f"/issues?q=is:{state}").text)
        in_default = "Error: boom" in _titles(browser.get("/issues").text)
        assert in_default is (state == "unresolved")


def test_muted_is_what_the_protocol_calls_ignored(house: House, browser: Browser) -> None:
    issue, _ = house.store(house.project(), EVENT)

    browser.post("/issues/decide", data={f"issue-{issue}": "on", "state": "muted"})

    found = house.issues.get(issue)
    assert found
    assert found.status is Status.IGNORED


@pytest.mark.parametrize("state", ["", "all", "deleted"])
def test_a_state_that_makes_no_sense_changes_nothing(
    house: House, browser: Browser, state: str
) -> None:
    issue, _ = house.store(house.project(), EVENT)

    refused = browser.post("/issues/decide", data={f"issue-{issue}": "on", "state": state})

    found = house.issues.get(issue)
    assert refused.status_code == 400
    assert found
    assert found.status is Status.UNRESOLVED


def test_a_search_looks_in_titles_and_culprits(house: House, browser: Browser) -> None:
    project = house.project()
    house.store(project, EVENT, title="Error: Invoice not found")
    house.store(project, EVENT, title="TypeError: 100% odd")

    assert _titles(browser.get("/issues?q=invoice").text) == ["Error: Invoice not found"]
    assert _titles(browser.get("/issues?q=100%25").text) == ["TypeError: 100% odd"]
    assert len(_titles(browser.get("/issues?q=main.ts").text)) == 2
    assert "No issue is like that." in browser.get("/issues?q=zzz").text


def test_a_search_that_finds_nothing_is_not_an_empty_server(house: House, browser: Browser) -> None:
    house.store(house.project(), EVENT)

    text = browser.get("/issues?q=zzz").text

    assert "clear the search" in text
    assert "No error has arrived yet" not in text


def test_long_lists_have_pages_that_keep_the_search(house: House, browser: Browser) -> None:
    _fill(house, house.project(), PER_PAGE + 3)

    first = browser.get("/issues?q=number").text
    second = browser.get("/issues?q=number&page=2").text

    assert len(_titles(first)) == PER_PAGE
    assert len(_titles(second)) == 3
    assert 'href="/issues?q=number&amp;page=2" rel="next"' in first
    assert 'href="/issues?q=number" rel="prev"' in second
    assert 'rel="next"' not in second


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 40, "2.5", ""])
def test_a_page_that_makes_no_sense_is_still_a_page(
    house: House, browser: Browser, page: str
) -> None:
    house.store(house.project(), EVENT)

    assert browser.get(f"/issues?page={page}&state=odd").status_code == 200


def test_without_a_project_the_next_step_is_to_create_one(browser: Browser) -> None:
    text = browser.get("/issues").text

    assert 'href="/projects/new">Create a project' in text


def test_without_an_error_the_next_step_is_the_snippet(house: House, browser: Browser) -> None:
    project = house.project()

    text = browser.get("/projects/web-shop/issues").text

    assert "No error has arrived yet" in text
    assert f"{project.public_key}@errors.example.com" in text
    assert "Set up a project" in browser.get("/issues").text


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", "'\"><img src=x onerror=alert(1)>", "{{ 7*7 }}"]
)
def test_hostile_titles_and_searches_are_only_text(
    house: House, browser: Browser, hostile: str
) -> None:
    house.store(house.project(), EVENT, title=hostile)

    page = browser.get("/issues")
    searched = browser.get("/issues", params={"q": hostile, "state": hostile})

    assert_harmless(page)
    assert_harmless(searched)
    assert _titles(page.text) == [hostile]


@pytest.mark.parametrize("issue", ["1", "x", "-1", "9" * 40, "²"])
def test_an_issue_that_is_not_there_says_so(browser: Browser, issue: str) -> None:
    assert browser.get(f"/issues/{issue}").status_code == 404
    assert (
        browser.post(
            "/issues/decide", data={f"issue-{issue}": "on", "state": "resolved"}
        ).status_code
        == 404
    )


def _decide(browser: Browser, *issues: int, **fields: str) -> int:
    named = {f"issue-{issue}": "on" for issue in issues}
    return browser.post("/issues/decide", data=named | fields).status_code


def _status(house: House, issue: int) -> Status:
    found = house.issues.get(issue)
    assert found
    return found.status


def test_several_are_decided_about_at_once(house: House, browser: Browser) -> None:
    first, second, third = _fill(house, house.project(), 3)

    assert _decide(browser, first, third, state="resolved") == 303

    assert _titles(browser.get("/issues").text) == ["Error: number 1"]
    assert _decide(browser, state="resolved") == 303
    assert _status(house, second) is Status.UNRESOLVED


def test_all_that_a_search_finds_is_more_than_a_page(house: House, browser: Browser) -> None:
    _fill(house, house.project(), PER_PAGE + 3)
    other, _ = house.store(house.project("Other"), EVENT, title="Error: other")

    done = _decide(browser, state="resolved", all="1", q='is:unresolved "number"')

    assert done == 303
    assert _titles(browser.get("/issues").text) == ["Error: other"]
    assert _status(house, other) is Status.UNRESOLVED


def test_a_mute_ends_with_so_many_more_events(house: House, browser: Browser) -> None:
    project = house.project()
    issue, _ = house.store(project, EVENT)
    _decide(browser, issue, state="muted", mute="10-events")

    for _ in range(9):
        house.store(project, EVENT, issue=issue)
    before = _status(house, issue)
    assert "until it has 11 events" in browser.get(f"/issues/{issue}").text
    house.store(project, EVENT, issue=issue)

    assert (before, _status(house, issue)) == (Status.IGNORED, Status.UNRESOLVED)


def test_a_mute_for_a_time_ends_when_it_is_over(house: House, browser: Browser) -> None:
    issue, _ = house.store(house.project(), EVENT)
    _decide(browser, issue, state="muted", mute="hour")
    unmuting = Unmuting(house.database)

    unmuting.once(datetime.now(UTC) + timedelta(minutes=59))
    before = _status(house, issue)
    unmuting.once(datetime.now(UTC) + timedelta(minutes=61))

    assert (before, _status(house, issue)) == (Status.IGNORED, Status.UNRESOLVED)
    assert "It is no longer muted" in browser.get(f"/issues/{issue}").text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("is:unresolved", {"money", "paint"}),
        ("is:muted", {"late"}),
        ("!is:muted money", {"money"}),
        ("file:main.ts", {"money", "paint", "late"}),
        ("file:MAIN", {"money", "paint", "late"}),
        ("function:main.ts", set()),
        ("function:mai", {"money", "paint", "late"}),
        ("browser:firefox", {"paint"}),
        ("!browser:firefox", {"money", "late"}),
        ("release:1.*", {"money", "paint"}),
        ("release:1.2", {"money"}),
        ('user:"ada l"', {"late"}),
        ("events:>1", {"money"}),
        ("events:<2 age:<1h", {"paint", "late"}),
        ("seen:>1d", set()),
        ("assigned:me", {"paint"}),
        ("assigned:none", {"money", "late"}),
        ('"no money"', {"money"}),
        ('"money no"', set()),
    ],
)
def test_the_language_finds(house: House, browser: Browser, query: str, found: set[str]) -> None:
    project = house.project()
    named = {
        title: house.store(project, EVENT, title=f"Error: no {title}")[0]
        for title in ("money", "paint", "late")
    }
    house.store(project, EVENT, issue=named["money"], title="Error: no money")
    tagged = {
        Tag(named["money"], "release", "1.2"): 2,
        Tag(named["paint"], "release", "1.3"): 1,
        Tag(named["paint"], "browser", "Firefox 120"): 1,
        Tag(named["late"], "user", "ada l"): 1,
    }
    with house.database.write() as connection:
        now = datetime.now(UTC)
        seen = {tag: Seen(count, now) for tag, count in tagged.items()}
        TagCounts(house.database).add(connection, seen)
    _decide(browser, named["late"], state="muted")
    browser.post("/issues/assign", data={f"issue-{named['paint']}": "on", "to": f"{house.ada.id}"})

    titles = _titles(browser.get("/issues", params={"q": query}).text)

    assert {title.removeprefix("Error: no ") for title in titles} == found


@pytest.mark.parametrize(
    "query",
    [
        "is:odd",
        "is:",
        "!has: boom",
        "events:",
        "age:soon",
        "events:many",
        "assigned:eve@example.com",
        "a " * 30,
        "x" * 1_100,
    ],
)
def test_what_cannot_be_searched_for_is_said_and_kept(
    house: House, browser: Browser, query: str
) -> None:
    house.store(house.project(), EVENT)

    page = browser.get("/issues", params={"q": query})

    assert page.status_code == 200
    assert 'role="alert"' in page.text
    assert f'value="{query.strip()[:40]}' in page.text
    assert _titles(page.text) == []


def test_a_search_is_kept_by_a_name_for_who_kept_it(house: House, browser: Browser) -> None:
    house.store(house.project(), EVENT)
    kept = {"name": "Mine & new", "q": "assigned:me age:<24h", "sort": "events", "back": "/issues"}

    browser.post("/searches", data=kept)
    browser.post("/searches", data=kept)
    text = browser.get("/issues").text

    link = "/issues?q=assigned%3Ame+age%3A%3C24h&amp;sort=events"
    assert text.count(f'<a href="{link}">Mine &amp; new</a>') == 1
    (forget,) = re.findall(r'action="(/searches/\d+/delete)"', text)
    browser.post(forget, data={"back": "/issues"})
    assert "Mine &amp; new" not in browser.get("/issues").text


def test_of_much_activity_the_latest_is_shown_and_the_rest_is_a_link_away(
    house: House, browser: Browser
) -> None:
    issue, _ = house.store(house.project(), EVENT)
    activity = Activity(house.database)
    for number in range(LATEST_ACTIVITY + 1):
        said = f"remark {number}."
        activity.note([issue], Kind.COMMENT, datetime.now(UTC), house.ada.id, said)

    page = browser.get(f"/issues/{issue}").text
    everything = browser.get(f"/issues/{issue}?activity=all").text

    assert "remark 0." not in page
    assert f"remark {LATEST_ACTIVITY}." in page
    assert 'href="?activity=all#activity"' in page
    assert "remark 0." in everything
    assert "Earlier entries" not in everything


def test_comments_are_shown_and_taken_back_by_who_wrote_them(
    house: House, browser: Browser
) -> None:
    issue, _ = house.store(house.project(), EVENT)
    house.person("bob@example.com")

    browser.post(
        f"/issues/{issue}/comments", data={"text": "<b>seen</b>", "back": f"/issues/{issue}"}
    )
    page = browser.get(f"/issues/{issue}")
    house.browser("bob@example.com").post(f"/issues/{issue}/comments/1/delete")

    assert_harmless(page)
    assert "&lt;b&gt;seen&lt;/b&gt;" in page.text
    assert "/comments/1/delete" not in house.browser("bob@example.com").get(f"/issues/{issue}").text
    assert "seen&lt;/b&gt;" in browser.get(f"/issues/{issue}").text
    browser.post(f"/issues/{issue}/comments/1/delete")
    assert "seen&lt;/b&gt;" not in browser.get(f"/issues/{issue}").text


def test_the_list_says_how_many_came_since(house: House, browser: Browser) -> None:
    project = house.project()
    issue, _ = house.store(project, EVENT)
    house.store(project, EVENT, title="Error: further")

    assert browser.get(f"/issues/new?after={issue}").json() == {"count": 1}
    assert browser.get(f"/issues/new?after={issue}&q=is:muted").json() == {"count": 0}


def test_the_palette_finds_issues(house: House, browser: Browser) -> None:
    issue, _ = house.store(house.project(), EVENT, title="Error: Invoice not found")

    (found,) = browser.get("/palette?q=invoice").json()

    assert (found["name"], found["path"]) == ("Error: Invoice not found", f"/issues/{issue}")
    assert browser.get("/palette?q=is:odd").json() == []


def test_a_page_of_the_list_asks_the_database_the_same_few_questions(
    house: House, browser: Browser
) -> None:
    project = house.project()
    _fill(house, project, 2)

    few = house.statements(lambda: browser.get("/issues"))
    _fill(house, project, PER_PAGE)
    many = house.statements(lambda: browser.get("/issues"))

    assert (
        few <= many <= few + 1
    )  # how many there are in all is asked only where there is a next page
    assert many <= 15


def _follow(house: House) -> None:
    merges = Merges(house.database)
    while merges.follow():
        pass


def test_merging_asks_twice_and_makes_the_oldest_the_one(house: House, browser: Browser) -> None:
    project = house.project()
    first, second, third = _fill(house, project, 3)
    _, event = house.store(project, EVENT, issue=third, title="Error: number 2")
    browser.post(f"/issues/{second}/comments", data={"text": "the same as ever"})
    chosen = {f"issue-{issue}": "on" for issue in (first, second, third)} | {"back": "/issues"}

    asked = browser.post("/issues/merge", data=chosen)
    before = _titles(browser.get("/issues").text)
    done = browser.post("/issues/merge", data=chosen | {"sure": "yes"})

    assert f"They become issue {first}" in asked.text
    assert_harmless(asked)
    assert len(before) == 3
    assert done.headers["location"] == "/issues"
    one = house.issues.get(third)
    assert one
    assert (one.id, one.event_count, one.title) == (first, 4, "Error: number 2")
    # Found at once by its old address, and by its own when the events have moved.
    for _ in range(2):
        page = browser.get(f"/issues/{third}/events/{event}")
        assert page.headers["location"] == f"/issues/{first}/events/{event}"
        assert browser.get(f"/issues/{first}/events/{event}").status_code == 200
        _follow(house)
    text = browser.get(f"/issues/{first}").text
    assert f"merged #{second}, #{third} into this" in text
    assert "the same as ever" in text
    assert len(Events(house.database).of_issue(first).items) == 4


def test_only_issues_of_one_project_are_merged(house: House, browser: Browser) -> None:
    first, _ = house.store(house.project("One"), EVENT)
    second, _ = house.store(house.project("Two"), EVENT)

    refused = browser.post("/issues/merge", data={f"issue-{first}": "on", f"issue-{second}": "on"})

    assert refused.status_code == 400
    assert "Issues of different projects can&#39;t be merged." in refused.text
    assert browser.post("/issues/merge", data={f"issue-{first}": "on"}).status_code == 400


def test_what_is_merged_twice_ends_where_the_last_merge_led(house: House, browser: Browser) -> None:
    first, second, third = _fill(house, house.project(), 3)
    merges = Merges(house.database)

    merges.merge([second, third], datetime.now(UTC))
    merges.merge([first, second], datetime.now(UTC))
    _follow(house)

    assert len(Events(house.database).of_issue(first).items) == 3
    assert browser.get(f"/issues/{third}").headers["location"] == f"/issues/{first}"


def test_deleting_asks_twice_and_lets_everything_go(house: House, browser: Browser) -> None:
    project = house.project()
    kept, gone = _fill(house, project, 2)
    _, event = house.store(project, EVENT, issue=gone)
    chosen = {f"issue-{gone}": "on", "back": "/issues"}

    asked = browser.post("/issues/delete", data=chosen)
    browser.post("/issues/delete", data=chosen | {"sure": "yes"})

    assert "with 2 events" in asked.text
    assert _titles(browser.get("/issues?q=").text) == ["Error: number 0"]
    assert browser.get(f"/issues/{gone}").status_code == 404
    assert browser.get(f"/events/{event}").status_code in (303, 404)
    bounds = EventBounds(days=0, events=0, database=0)
    disk = FreeSpace(folder_of(house.database), 0)
    for _ in Retention(house.database, bounds, disk).steps(datetime.now(UTC)):
        pass
    assert Events(house.database).get(project.id, event) is None
    assert house.issues.get(kept)
    assert house.issues.newest() == kept


def _dashed(event_id: str) -> str:
    return str(UUID(event_id)).upper()


@pytest.mark.parametrize("spelled", [str, _dashed, "is:unresolved {}".format, "event.id:{}".format])
def test_an_event_id_in_the_search_leads_to_the_event(
    house: House, browser: Browser, spelled: Callable[[str], str]
) -> None:
    house.project("Other")
    issue, event_id = house.store(house.project(), EVENT)

    for path in ("/issues", "/projects/web-shop/issues", "/projects/other/issues"):
        found = browser.get(path, params={"q": spelled(event_id)})
        assert found.status_code == 303
        assert found.headers["location"] == f"/issues/{issue}/events/{event_id}"


def test_an_event_that_is_not_stored_is_said_to_be_so(house: House, browser: Browser) -> None:
    house.store(house.project(), EVENT)

    for query in ("e" * 32, f"id:{'e' * 32}"):
        text = browser.get("/issues", params={"q": query}).text
        assert f"No event <code>{'e' * 32}</code> is stored here, or none any more." in text
    house.store(house.project("Jobs"), EVENT, title=f"Error: job {'e' * 32} failed")
    assert _titles(browser.get("/issues", params={"q": "e" * 32}).text) == [
        f"Error: job {'e' * 32} failed"
    ]


def test_nobody_finds_an_event_of_a_project_that_they_do_not_see(house: House) -> None:
    seen = house.project("Seen")
    house.store(seen, EVENT)
    _, event_id = house.store(house.project("Secret"), EVENT)
    house.person("eve@example.com", in_projects={seen.id: Role.ADMIN}, all_projects=False)
    eve = house.browser("eve@example.com")

    page = eve.get("/issues", params={"q": event_id})

    assert page.status_code == 200
    assert f"No event <code>{event_id}</code> is stored here" in page.text
    assert eve.get("/palette", params={"q": event_id}).json() == []


def test_the_palette_offers_the_event_of_an_id(house: House, browser: Browser) -> None:
    issue, event_id = house.store(house.project(), EVENT, title="Error: Invoice not found")

    for spelled in (event_id, _dashed(event_id)):
        (found,) = browser.get("/palette", params={"q": spelled}).json()
        assert found["name"] == "Error: Invoice not found"
        assert found["path"] == f"/issues/{issue}/events/{event_id}"
        assert found["about"] == f"event {event_id[:8]}"


def test_tags_that_no_event_has_are_named_where_nothing_is_found(
    house: House, browser: Browser
) -> None:
    issue, _ = house.store(house.project(), EVENT)
    with house.database.write() as connection:
        TagCounts(house.database).add(
            connection, {Tag(issue, "release", "shop@1.0"): Seen(1, datetime.now(UTC))}
        )

    for query, name in (
        ("sort:foo", "sort"),
        ("times:>1", "times"),
        ("has:nothing", "nothing"),
        ('release:"shop@1.0" id:3', "id"),
    ):
        text = browser.get("/issues", params={"q": query}).text
        assert f"No event has a tag <code>{name}</code>." in text, query
        assert "<code>is:</code>" in text
    for query in ("release:other", "!sort:foo release:other", "is:muted", "zzz"):
        assert "No event has a tag" not in browser.get("/issues", params={"q": query}).text, query
    assert "No event has a tag" not in browser.get("/issues?q=!sort:foo").text
