"""What a person decides about issues on their pages, beyond a plain resolve."""

import html
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from headwater.storage.issues.activity import MAX_SAID
from headwater.storage.issues.issue import Issue
from headwater.storage.issues.search import Status
from headwater.storage.issues.tag_counts import Seen, Tag, TagCounts
from headwater.storage.uploads.releases import Releases
from tests.server.web.house import Browser, House, assert_harmless

EVENT: dict[str, Any] = {"message": "boom"}


def _get(house: House, issue: int) -> Issue:
    found = house.issues.get(issue)
    assert found
    return found


def _fill(house: House, count: int) -> list[int]:
    project = house.project()
    return [house.store(project, EVENT, title=f"Error: number {n}")[0] for n in range(count)]


def _decide(browser: Browser, *issues: int, **fields: str) -> int:
    named = {f"issue-{issue}": "on" for issue in issues}
    return browser.post("/issues/decide", data=named | fields).status_code


def _tag(house: House, tags: dict[Tag, int]) -> None:
    now = datetime.now(UTC)
    seen = {tag: Seen(count, now) for tag, count in tags.items()}
    with house.database.write() as connection:
        TagCounts(house.database).add(connection, seen)


def test_an_issue_is_resolved_in_the_next_release_or_in_one_of_the_project_s(
    house: House, browser: Browser
) -> None:
    (issue,) = _fill(house, 1)
    Releases(house.database).create(_get(house, issue).project_id, 'shop@2"', datetime.now(UTC))
    page = html.unescape(browser.get(f"/issues/{issue}").text)
    assert '<option value="=shop@2"">in shop@2"</option>' in page

    assert _decide(browser, issue, state="resolved", **{"in": "next"}) == 303
    next_one = browser.get(f"/issues/{issue}")
    _decide(browser, issue, state="unresolved")
    assert _decide(browser, issue, state="resolved", **{"in": '=shop@2"'}) == 303
    given = html.unescape(browser.get(f"/issues/{issue}").text)

    assert "Resolved in the next release" in next_one.text
    assert "resolved it in the next release" in next_one.text
    assert 'Resolved in shop@2"' in given
    assert _get(house, issue).resolved_in == 'shop@2"'


@pytest.mark.parametrize("wanted", ["=", "1.0", "=" + "x" * 300])
def test_a_release_that_makes_no_sense_decides_nothing(
    house: House, browser: Browser, wanted: str
) -> None:
    (issue,) = _fill(house, 1)

    assert _decide(browser, issue, state="resolved", **{"in": wanted}) == 400

    assert _get(house, issue).status is Status.UNRESOLVED


def test_what_was_merged_is_listed_and_taken_out_again(house: House, browser: Browser) -> None:
    first, second, third = _fill(house, 3)
    chosen = {f"issue-{issue}": "on" for issue in (first, second, third)}
    browser.post("/issues/merge", data=chosen | {"sure": "yes"})
    page = browser.get(f"/issues/{first}")
    assert "Merged into it" in page.text
    assert f'name="merged" value="{second}"' in page.text
    assert_harmless(page)

    where = f"/issues/{first}/unmerge"
    done = browser.post(where, data={"merged": str(second), "back": f"/issues/{first}"})
    again = browser.post(where, data={"merged": str(second)})

    assert (done.status_code, done.headers["location"]) == (303, f"/issues/{first}")
    assert again.status_code == 303
    assert browser.get(f"/issues/{second}").status_code == 200
    assert "took it out of #" in browser.get(f"/issues/{second}").text
    assert f"took #{second} out" in browser.get(f"/issues/{first}").text
    browser.post(where, data={"merged": "all"})
    assert [_get(house, issue).event_count for issue in (first, second, third)] == [1, 1, 1]
    assert "Merged into it" not in browser.get(f"/issues/{first}").text


def test_before_a_merge_it_is_said_what_each_is_and_what_they_will_be(
    house: House, browser: Browser
) -> None:
    first, second = _fill(house, 2)
    _tag(house, {Tag(second, "release", "shop@7"): 1})
    _decide(browser, first, state="resolved")
    chosen = {f"issue-{issue}": "on" for issue in (first, second)}

    asked = browser.post("/issues/merge", data=chosen).text
    browser.post("/issues/merge", data=chosen | {"sure": "yes"})

    assert f"They become issue {first}, which will be <b>unresolved</b>" in asked
    assert f"<span>#{second}</span>" in asked
    assert '<td data-label="State">Resolved</td>' in asked
    assert '<td data-label="State">Unresolved</td>' in asked
    assert "shop@7" in asked
    assert _get(house, first).status is Status.UNRESOLVED
    assert "reopened it by the merge" in browser.get(f"/issues/{first}").text


def test_muting_many_until_more_users_meet_them_is_one_short_batch(
    house: House, browser: Browser
) -> None:
    few = _fill(house, 2)
    many = _fill_more(house, 30)
    _tag(house, {Tag(few[0], "user", f"u{n}"): 1 for n in range(3)})
    _tag(house, {Tag(few[1], "user", f"u{n}"): 1 for n in range(995)})

    one = house.statements(lambda: _decide(browser, few[0], state="muted", mute="10-users"))
    all_ = house.statements(lambda: _decide(browser, *few, *many, state="muted", mute="10-users"))

    assert all_ == one
    assert (_get(house, few[0]).muted_users, _get(house, few[0]).muted_events) == (13, None)
    # More than a thousand are not told apart: no event brings more than one.
    assert (_get(house, few[1]).muted_users, _get(house, few[1]).muted_events) == (None, 11)
    assert {_get(house, issue).muted_users for issue in many} == {10}


def _fill_more(house: House, count: int) -> list[int]:
    project = house.projects.get("web-shop")
    assert project
    return [house.store(project, EVENT, title=f"Error: more {n}")[0] for n in range(count)]


def test_an_issue_that_is_named_often_is_one(house: House, browser: Browser) -> None:
    (issue,) = _fill(house, 1)

    asked = browser.post("/issues/merge", data={"issues": f"{issue} " * 1_000})

    assert asked.status_code == 400
    assert "It takes two issues to merge" in asked.text


@pytest.mark.parametrize("character", ["漢", "\N{PILE OF POO}"])
def test_the_longest_comment_is_kept_in_any_script(
    house: House, browser: Browser, character: str
) -> None:
    (issue,) = _fill(house, 1)

    done = browser.post(f"/issues/{issue}/comments", data={"text": character * MAX_SAID})

    assert done.status_code == 303
    assert character * MAX_SAID in browser.get(f"/issues/{issue}").text


def test_the_longest_comment_is_kept_however_many_lines_it_has(
    house: House, browser: Browser
) -> None:
    (issue,) = _fill(house, 1)
    text = "line\n" * (MAX_SAID // 5 - 1) + "lines"
    assert len(text) == MAX_SAID

    # A browser counts a line's end as one character, and sends two.
    done = browser.post(f"/issues/{issue}/comments", data={"text": text.replace("\n", "\r\n")})

    assert done.status_code == 303
    assert text in browser.get(f"/issues/{issue}").text


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("note", 'say "no" \\ twice'),
        ("note", "50 % * 2"),
        ("note", '"'),
        ("note", "\\"),
        ("my key: odd", "yes"),
        ('a"b', "yes"),
        ("is", "odd"),
        ("file", "a.ts"),
        ("ключ", "да"),
        ("n" * 200, '"' * 250),
    ],
)
def test_a_tag_s_link_finds_its_issue_and_no_other(
    house: House, browser: Browser, key: str, value: str
) -> None:
    issue, other, similar = _fill(house, 3)
    _tag(
        house,
        {Tag(issue, key, value): 1, Tag(similar, key, value.replace("*", "x")[:249] + "x"): 1},
    )
    assert other
    links = re.findall(
        r'href="(/projects/[^"]+/issues\?q=[^"]+)"', browser.get(f"/issues/{issue}").text
    )

    found = browser.get(html.unescape(links[-1])).text

    assert re.findall(r'<a href="/issues/(\d+)">', found) == [str(issue)]


def test_a_spread_of_events_tells_what_is_new_in_each(house: House, browser: Browser) -> None:
    project = house.project()
    issue: int | None = None
    events = []
    for release, browsed in (
        ("1.0", "Firefox"),
        ("1.0", "Firefox"),
        ("1.1", "Firefox"),
        ("1.1", "Safari"),
    ):
        payload = {
            "message": "boom",
            "release": release,
            "contexts": {"browser": {"name": browsed, "version": "12.0"}},
        }
        issue, event = house.store(project, payload, issue=issue)
        events.append(event)

    text = browser.get(f"/issues/{issue}/events/{events[0]}").text

    sheet = text.partition("<summary>Differing</summary>")[2].partition("</details>")[0]
    linked = re.findall(rf'href="/issues/{issue}/events/(\w+)">([^<]+)<', sheet)
    assert linked == [(events[3], "1.1 · Safari 12.0")]
    assert "<summary>Differing</summary>" not in browser.get(f"/issues/{_fill(house, 1)[0]}").text


def test_what_was_done_is_said_once_and_undone(house: House, browser: Browser) -> None:
    first, second = _fill(house, 2)
    there = {"back": "/issues?q=is:unresolved&sort=events"}

    _decide(browser, first, state="resolved", **there)
    page = browser.get(there["back"]).text
    again = browser.get(there["back"]).text

    assert "Resolved 1 issue</span>" in page
    assert f'name="issues" value="{first}"' in page
    assert 'name="back" value="/issues?q=is:unresolved&amp;sort=events"' in page
    assert "Resolved 1 issue" not in again
    browser.post("/issues/decide", data={"issues": str(first), "state": "unresolved"} | there)
    assert _get(house, first).status is Status.UNRESOLVED
    _decide(browser, first, state="muted")
    browser.get("/issues")
    _decide(browser, first, second, state="resolved")
    # One of them was muted, which can't be had again like this.
    page = browser.get("/issues").text
    assert "Resolved 2 issues</span>" in page
    assert "Undo" not in page


@pytest.mark.parametrize("act", ["decide", "assign", "merge", "delete"])
def test_with_nothing_ticked_the_list_says_so_and_stays(
    house: House, browser: Browser, act: str
) -> None:
    _fill(house, 1)
    back = "/issues?q=is%3Aunresolved+error"

    done = browser.post(f"/issues/{act}", data={"back": back, "state": "resolved"})

    assert (done.status_code, done.headers["location"]) == (303, back)
    assert "No issue was chosen: tick one first." in browser.get(back).text


@pytest.mark.parametrize("told", ["resolved.1.x", "gone.1.2", "merged", "resolved.1.", '"<b>".1.1'])
def test_what_a_browser_claims_was_done_harms_nobody(
    house: House, browser: Browser, told: str
) -> None:
    _fill(house, 1)

    page = browser.get("/issues", headers={"cookie": f"{_cookies(browser)}; headwater_done={told}"})

    assert page.status_code == 200
    assert_harmless(page)


def _cookies(browser: Browser) -> str:
    return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


def test_a_muted_issue_is_resolved_or_unmuted(house: House, browser: Browser) -> None:
    (issue,) = _fill(house, 1)
    _decide(browser, issue, state="muted")

    page = browser.get(f"/issues/{issue}").text

    assert 'name="state" value="resolved" data-shortcut="e">Resolve</button>' in page
    assert 'name="state" value="unresolved">Unmute</button>' in page
    assert ">Mute</button>" not in page
    assert ">Unmute</button>" in browser.get("/issues?q=is:muted").text


def test_issues_are_found_by_a_tag_that_their_events_have_or_lack(
    house: House, browser: Browser
) -> None:
    with_user, without = _fill(house, 2)
    _tag(house, {Tag(with_user, "user", "42"): 1, Tag(without, "release", "1.0"): 1})

    found = browser.get("/issues?q=has:user").text
    lacking = browser.get("/issues?q=!has:user").text

    assert f'href="/issues/{with_user}"' in found
    assert f'href="/issues/{without}"' not in found
    assert f'href="/issues/{with_user}"' not in lacking
    assert f'href="/issues/{without}"' in lacking


@pytest.mark.parametrize("operator", ["OR", "AND", "||"])
def test_an_operator_between_terms_is_refused_and_not_looked_for(
    house: House, browser: Browser, operator: str
) -> None:
    _fill(house, 1)

    page = browser.get("/issues", params={"q": f"boom {operator} number"})
    word = browser.get("/issues", params={"q": f'"{operator}"'})

    assert f"{operator} is not understood: all terms must hold." in html.unescape(page.text)
    assert "is not understood" not in html.unescape(word.text)
