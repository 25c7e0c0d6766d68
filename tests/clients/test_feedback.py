"""Through a tunnel, and what users say: real SDKs in a real browser, and in Node."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser

from tests.clients.live_server import Project
from tests.clients.page import Watched, served, watched
from tests.clients.sent import sent_in
from tests.clients.toolbox import CLIENTS, Toolbox

pytestmark = pytest.mark.clients

FEEDBACK = CLIENTS / "apps/feedback"


@contextmanager
def opened(
    tools: Toolbox, browser: Browser, folder: Path, sdk: str, query: Mapping[str, str]
) -> Iterator[Watched]:
    """The page with an SDK of that generation."""
    bundle = ("--bundle", f"--alias:sdk={sdk}", f"--outfile={folder}/page.js")
    built = tools.run("esbuild/bin/esbuild", "page.mjs", *bundle, cwd=FEEDBACK, env={})
    assert built.code == 0, built.output
    (folder / "index.html").write_text(
        '<!doctype html><meta charset="utf-8"><body><script src="page.js"></script>'
    )
    with served(folder) as origin, watched(browser) as seen:
        seen.page.goto(f"{origin}/?{urlencode(query)}")
        yield seen


def click(seen: Watched, name: str) -> str:
    """The id that the page says it sent."""
    seen.page.get_by_role("button", name=name, exact=True).click()
    seen.wait(lambda console: name in sent_in(console))
    return sent_in(seen.console)[name]


def elsewhere(project: Project) -> str:
    """The project's DSN with a host that nobody answers at."""
    key = project.dsn.partition("://")[2].partition("@")[0]
    return f"https://{key}@blocked.invalid/4711"


@pytest.mark.browser
@pytest.mark.parametrize("sdk", ["browser-7", "browser-8", "browser-11"])
def test_a_page_sends_through_the_tunnel_what_happened_and_what_its_user_says(
    sdk: str, tools: Toolbox, browser: Browser, project: Project, tmp_path: Path
) -> None:
    query = {"dsn": elsewhere(project), "tunnel": f"{project.origin}/inlet"}

    with opened(tools, browser, tmp_path, sdk, query) as seen:
        event_id = click(seen, "error")
        click(seen, "feedback")

    (thrown,) = project.event(event_id)["exception"]["values"]
    assert thrown["value"] == "The anchor drags"
    (said,) = project.said(1)
    assert said["eventID"] == event_id
    assert (said["name"], said["email"]) == ("Jo", "jo@example.com")
    assert said["comments"] == "It dragged."


@pytest.mark.browser
@pytest.mark.parametrize("sdk", ["browser-7", "browser-11"])
def test_the_sdk_s_crash_dialog_can_be_filled_in_and_sent(
    sdk: str, tools: Toolbox, browser: Browser, project: Project, tmp_path: Path
) -> None:
    with opened(tools, browser, tmp_path, sdk, {"dsn": project.dsn}) as seen:
        event_id = click(seen, "error")
        seen.page.get_by_role("button", name="dialog").click()
        dialog = seen.page.get_by_role("dialog", name="<b>Sorry</b>")
        dialog.get_by_label("What happened?").fill("It dragged.")
        dialog.get_by_role("button", name="Submit").click()
        dialog.get_by_text("Thank you!").wait_for()
        dialog.get_by_role("button", name="Close").click()
        seen.wait(lambda console: "dialog closed" in console)

    (said,) = project.said(1)
    assert said["eventID"] == event_id
    assert (said["name"], said["email"]) == ("Jo", "jo@example.com")
    assert said["comments"] == "It dragged."


@pytest.mark.browser
def test_a_browser_s_own_report_of_a_broken_policy_becomes_an_issue(
    browser: Browser, project: Project, tmp_path: Path
) -> None:
    # By `report-uri`: what `report-to` names must be https to Chromium, on the loopback too.
    key = project.dsn.partition("://")[2].partition("@")[0]
    number = project.dsn.rpartition("/")[2]
    address = f"{project.origin}/api/{number}/security/?sentry_key={key}&sentry_release=shop@1"
    policy = {"Content-Security-Policy": f"img-src 'none'; report-uri {address}"}
    (tmp_path / "index.html").write_text('<!doctype html><img src="https://pics.invalid/a.png">')

    with served(tmp_path, policy) as origin, watched(browser) as seen:
        seen.page.goto(f"{origin}/")
        (issue,) = project.issues(1)

    assert issue["title"] == "Blocked 'image' from 'pics.invalid'"
    assert issue["culprit"] == "img-src"


def test_a_server_sends_through_the_tunnel(tools: Toolbox, project: Project) -> None:
    tunnel = f"{project.origin}/inlet"

    acted = tools.run(FEEDBACK / "server.mjs", elsewhere(project), tunnel, cwd=FEEDBACK, env={})

    event_id = sent_in(acted.output.splitlines())["error"]
    (thrown,) = project.event(event_id)["exception"]["values"]
    assert thrown["value"] == "The anchor drags"
    (said,) = project.said(1)
    assert (said["eventID"], said["comments"]) == (event_id, "It dragged.")
