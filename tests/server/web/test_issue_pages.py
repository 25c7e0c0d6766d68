"""The list of issues, and what a person decides about one."""

import html
import re
from typing import Any

import pytest

from headwater.storage.issues import Status
from headwater.storage.page import PER_PAGE
from headwater.storage.projects import Project
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

    for state, lists in (("resolved", "resolved"), ("muted", "muted"), ("unresolved", "")):
        done = browser.post(f"/issues/{issue}/status", data={"state": state, "back": "/issues/1"})
        assert done.headers["location"] == "/issues/1"
        assert "Error: boom" in _titles(browser.get(f"/issues?state={lists}").text)
        in_default = "Error: boom" in _titles(browser.get("/issues").text)
        assert in_default is (state == "unresolved")


def test_muted_is_what_the_protocol_calls_ignored(house: House, browser: Browser) -> None:
    issue, _ = house.store(house.project(), EVENT)

    browser.post(f"/issues/{issue}/status", data={"state": "muted"})

    found = house.issues.get(issue)
    assert found
    assert found.status is Status.IGNORED


@pytest.mark.parametrize("state", ["", "all", "deleted"])
def test_a_state_that_makes_no_sense_changes_nothing(
    house: House, browser: Browser, state: str
) -> None:
    issue, _ = house.store(house.project(), EVENT)

    refused = browser.post(f"/issues/{issue}/status", data={"state": state})

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
    assert "No unresolved issue has “zzz”" in browser.get("/issues?q=zzz").text


def test_a_search_that_finds_nothing_is_not_an_empty_server(house: House, browser: Browser) -> None:
    house.store(house.project(), EVENT)

    text = browser.get("/issues?q=zzz").text

    assert "Clear the search" in text
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
    assert browser.post(f"/issues/{issue}/status", data={"state": "resolved"}).status_code == 404
