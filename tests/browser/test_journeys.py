"""What people come to do, each from its first page to its last, and where it is walked.

The list of issues and an issue's own page are in test_issues.py, test_first_light.py."""

import importlib
from datetime import UTC, datetime, timedelta
from secrets import choice
from string import ascii_letters

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.alerts.receivers import Receiver, receiver
from tests.browser.ada import Ada
from tests.browser.conftest import PASSWORD, Visitor
from tests.browser.demo import demo_event, send, upload
from tests.clients.live_server import LiveServer
from tests.clients.patience import until

TOLD_SECONDS = 120

pytestmark = pytest.mark.browser

WALKED = {
    "sign in, and out": "test_first_light.test_signing_out_closes_every_page",
    "a second factor": "test_members.test_an_invited_member_comes_in_and_gets_a_second_factor",
    "an invitation is accepted": (
        "test_members.test_an_invited_member_comes_in_and_gets_a_second_factor"
    ),
    "a password is changed": "test_journeys.test_a_new_password_ends_the_other_sessions",
    "sessions are signed out everywhere": (
        "test_journeys.test_all_sessions_are_signed_out_at_once"
    ),
    "a token is made and expires": ("test_journeys.test_a_token_is_made_with_a_last_day_and_ends"),
    "a token is revoked": "test_first_light.test_a_token_is_revoked_after_a_question",
    "a project is set up": "test_journeys.test_the_check_list_fills_while_one_looks_at_it",
    "an alert is ruled, tested and logged": (
        "test_journeys.test_an_alert_goes_from_its_channel_to_the_log"
    ),
    "an upload by hand": "test_uploads.test_a_folder_is_uploaded_looked_for_read_and_deleted",
    "an upload is dropped": "test_uploads.test_a_zip_is_dropped",
    "was this uploaded?": "test_uploads.test_a_folder_is_uploaded_looked_for_read_and_deleted",
    "a deletion with its preview": (
        "test_uploads.test_a_preview_of_deleting_tells_of_resolved_events"
    ),
    "a source is read": "test_uploads.test_a_folder_is_uploaded_looked_for_read_and_deleted",
    "a dead letter is retried": "test_journeys.test_a_dead_letter_is_retried_and_becomes_an_issue",
    "limits of a project are changed": "test_journeys.test_limits_are_refused_kept_and_saved",
    "a project is deleted": "test_journeys.test_a_project_is_deleted_by_its_name",
    "colours are chosen": "test_issues.test_a_choice_of_colours_lasts",
    "keys are switched off": (
        "test_keys.test_single_letters_can_be_switched_off_and_the_palette_stays"
    ),
}
"""Journey, and the test that walks it."""


def _status_of_upload(server: LiveServer, secret: str) -> int:
    answer = httpx.get(
        f"{server.origin}/api/0/organizations/any/chunk-upload/",
        headers={"Authorization": f"Bearer {secret}"},
    )
    return answer.status_code


@pytest.mark.parametrize("journey", WALKED)
def test_every_journey_is_walked(journey: str) -> None:
    module, _, name = WALKED[journey].partition(".")

    assert callable(getattr(importlib.import_module(f"tests.browser.{module}"), name))


def test_a_new_password_ends_the_other_sessions(
    server: LiveServer, visitor: Visitor, chromium: Browser
) -> None:
    elsewhere = chromium.new_context().new_page()
    Visitor(elsewhere).sign_in(server.origin)
    page = visitor.page
    visitor.sign_in(server.origin)
    page.goto(f"{server.origin}/settings/profile")
    passwords = page.locator("form", has=page.get_by_role("button", name="Change password"))

    passwords.get_by_label("Present password").fill(PASSWORD)
    passwords.get_by_label("New password").fill("another horse")
    passwords.get_by_label("The same again").fill("another pony")
    passwords.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("alert")).to_be_visible()
    for old, new in ((PASSWORD, "another horse"), ("another horse", PASSWORD)):
        passwords.get_by_label("Present password").fill(old)
        passwords.get_by_label("New password").fill(new)
        passwords.get_by_label("The same again").fill(new)
        passwords.get_by_role("button", name="Change password").click()
        expect(page.get_by_role("status")).to_be_visible()

    elsewhere.goto(f"{server.origin}/issues")
    expect(elsewhere.get_by_role("button", name="Sign in")).to_be_visible()
    page.goto(f"{server.origin}/issues")
    expect(page.get_by_role("heading", level=1)).to_have_text("Issues")
    elsewhere.context.close()


def test_all_sessions_are_signed_out_at_once(
    server: LiveServer, visitor: Visitor, chromium: Browser
) -> None:
    elsewhere = chromium.new_context().new_page()
    Visitor(elsewhere).sign_in(server.origin)
    page = visitor.page
    visitor.sign_in(server.origin)

    page.goto(f"{server.origin}/settings/profile")
    page.get_by_role("button", name="Sign out everywhere").click()

    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    elsewhere.goto(f"{server.origin}/settings/tokens")
    expect(elsewhere.get_by_role("button", name="Sign in")).to_be_visible()
    assert visitor.faults == []
    elsewhere.context.close()


def test_a_token_is_made_with_a_last_day_and_ends(server: LiveServer, visitor: Visitor) -> None:
    page, ada = visitor.page, Ada.of(server)
    slug = server.project("Expiring").slug
    visitor.sign_in(server.origin)
    page.goto(f"{server.origin}/settings/tokens?project={slug}")
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()

    page.get_by_label("Name", exact=True).fill("Short-lived")
    page.get_by_label("Last day").fill(tomorrow)
    page.get_by_role("button", name="Create token").click()
    expect(page.locator("main")).to_contain_text("Its last day is")
    secret = page.locator("#secret").inner_text()
    assert _status_of_upload(server, secret) == 200
    ada.expire("Short-lived", datetime.now(UTC) - timedelta(days=2))
    page.goto(f"{server.origin}/settings/tokens")

    expect(page.get_by_role("row", name="Short-lived")).to_contain_text("Expired")
    assert _status_of_upload(server, secret) == 401
    assert visitor.faults == []


def test_the_check_list_fills_while_one_looks_at_it(server: LiveServer, visitor: Visitor) -> None:
    page = visitor.page
    project = server.project("Beginner")
    visitor.sign_in(server.origin)
    page.goto(f"{server.origin}/projects/{project.slug}/set-up")
    done = page.locator("#first-steps .done")
    expect(done).to_have_count(0)

    send(server.origin, project.dsn, demo_event())
    expect(done).to_have_count(1, timeout=60_000)
    expect(done).to_contain_text("Error: Invoice not found")
    upload(server.origin, project.upload_token, project.slug)
    # What was stored before is resolved again, once its map is there.
    expect(done).to_have_count(3, timeout=60_000)

    expect(page.locator("[data-live]")).to_have_count(0)
    expect(page.locator("#first-steps")).to_contain_text("your source is shown")
    assert visitor.faults == []


def _make_channel(page: Page, origin: str, hook: Receiver) -> None:
    """Ends on the channel's page, once a test has come through it."""
    page.goto(f"{origin}/alerts")
    page.get_by_role("link", name="Add a channel").click()
    page.get_by_label("Name", exact=True).fill("On call")
    page.get_by_role("radio", name="Webhook").check()
    page.get_by_label("URL of the webhook").fill(hook.url)
    page.get_by_role("button", name="Add channel").click()
    expect(page.locator("main")).to_contain_text("key")
    page.goto(f"{origin}/alerts")
    page.get_by_role("link", name="On call").click()
    expect(page.locator("main")).not_to_contain_text("hidden-token")
    page.get_by_role("button", name="Send a test").click()
    hook.wait()
    expect(page.get_by_role("status")).to_be_visible()


def test_an_alert_goes_from_its_channel_to_the_log(server: LiveServer, visitor: Visitor) -> None:
    page, project = visitor.page, server.project("Alarmed")
    visitor.sign_in(server.origin)
    alerts = f"{server.origin}/projects/{project.slug}/alerts"

    with receiver() as hook:
        _make_channel(page, server.origin, hook)
        page.goto(alerts)
        page.get_by_role("link", name="Add a rule").first.click()
        page.get_by_label("An issue is new").check()
        page.get_by_label("On call").check()
        page.get_by_role("button", name="Add rule").click()
        expect(page.get_by_role("status")).to_contain_text("Saved")

        def is_told() -> bool:
            # A rule is in force within seconds; an issue that came before is new no more.
            kind = "".join(choice(ascii_letters) for _ in range(12))
            send(server.origin, project.dsn, {"exception": {"values": [{"type": kind}]}})
            return hook.came.acquire(timeout=2)

        until(is_told, TOLD_SECONDS, "somebody is told")
    page.goto(f"{alerts}/log")

    expect(page.locator("main")).to_contain_text("New issue")
    expect(page.locator("main")).to_contain_text("On call")
    assert visitor.faults == []


def test_a_dead_letter_is_retried_and_becomes_an_issue(
    server: LiveServer, visitor: Visitor
) -> None:
    page, ada = visitor.page, Ada.of(server)
    envelope = (
        b'{"event_id":"9a00dac2cd571ff910f2694180a6fdc4"}\n'
        b'{"type":"event"}\n{"message":"back from the dead","platform":"node"}\n'
    )
    server.project("Buried")
    number = ada.bury("Traceback\nValueError: a bug since mended", envelope)
    visitor.sign_in(server.origin)

    page.goto(f"{server.origin}/dead-letters")
    page.get_by_role("link", name="ValueError: a bug since mended").click()
    page.wait_for_url(f"**/dead-letters/{number}")
    page.get_by_role("button", name="Retry").click()
    expect(page.get_by_role("button", name="Retry")).to_have_count(0)
    event = f"{server.origin}/events/9a00dac2cd571ff910f2694180a6fdc4"
    ada.wait_for("9a00dac2cd571ff910f2694180a6fdc4")
    page.goto(event)

    expect(page.get_by_role("heading", level=1)).to_contain_text("back from the dead")
    assert visitor.faults == []


def test_limits_are_refused_kept_and_saved(server: LiveServer, visitor: Visitor) -> None:
    page = visitor.page
    slug = server.project("Limited").slug
    visitor.sign_in(server.origin)
    page.goto(f"{server.origin}/projects/{slug}/settings")

    page.get_by_label("Days that events are kept").fill("ninety")
    page.get_by_label("Events per minute").fill("120")
    page.get_by_role("button", name="Save settings").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Events per minute")).to_have_value("120")
    page.get_by_label("Days that events are kept").fill("90")
    page.get_by_role("button", name="Save settings").click()
    expect(page.get_by_role("status")).to_contain_text("Saved")
    page.reload()

    expect(page.get_by_label("Days that events are kept")).to_have_value("90")
    expect(page.get_by_label("Events per minute")).to_have_value("120")


def test_a_project_is_deleted_by_its_name(server: LiveServer, visitor: Visitor) -> None:
    page = visitor.page
    project = server.project("Doomed app")
    visitor.sign_in(server.origin)
    page.goto(f"{server.origin}/projects/{project.slug}/settings")

    page.get_by_role("link", name="see what goes, and delete the project").click()
    expect(page.get_by_role("listitem").filter(has_text="1 DSN")).to_be_visible()
    page.get_by_label("Name of the project").fill("doomed")
    page.get_by_role("button", name="Delete Doomed app").click()
    expect(page.get_by_role("alert")).to_contain_text("nothing was deleted")
    expect(page.get_by_label("Name of the project")).to_have_value("doomed")
    page.get_by_label("Name of the project").fill("Doomed app")
    page.get_by_role("button", name="Delete Doomed app").click()

    expect(page.get_by_role("status")).to_contain_text("Deleted the project")
    expect(page.get_by_role("navigation").get_by_text("Doomed app")).to_have_count(0)
    page.go_back()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text("no such page")
