"""Rules, channels and the log of alerts, in the browser."""

import html
import re
import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from headwater.alerts.sender import Sender
from headwater.storage.alerts.channels import Channel, ChannelKind, Channels
from headwater.storage.alerts.deliveries import Deliveries, Delivery, NewDelivery
from headwater.storage.alerts.message import Message
from headwater.storage.alerts.rules import Rule, RuleDraft, RuleKind, Rules
from headwater.storage.projects import Project
from tests.server.web.house import Browser, House, assert_harmless

HOSTILE = '<script>alert(1)</script>"&'
URL = "https://hooks.example.com/T0KEN/secret-path?key=k3yk3y"


@pytest.fixture
def shop(house: House) -> Project:
    return house.project()


@pytest.fixture
def channel(house: House) -> Channel:
    return Channels(house.database).create("On call", ChannelKind.WEBHOOK, URL, now())


@pytest.fixture
def colleague(house: House) -> Browser:
    """Signed in, and no administrator."""
    house.person("grace@example.com")
    return house.browser("grace@example.com")


def now() -> datetime:
    return datetime.now(UTC)


def rules(house: House) -> list[Rule]:
    return list(Rules(house.database).all())


def form(channel: Channel, **more: str) -> dict[str, str]:
    return {"kind": "new", "is_on": "on", f"channel-{channel.id}": "on", **more}


def add_rule(house: House, channel: Channel, project: Project | None = None) -> int:
    draft = RuleDraft(
        "Night shift",
        RuleKind.NEW,
        project.id if project else None,
        channel_ids=(channel.id,),
    )
    return Rules(house.database).create(draft, now())


def log(house: House, channel: Channel, project: Project, title: str) -> None:
    message = Message("new", "New issue", title, "/issues/1", now(), project_slug=project.slug)
    with house.database.write() as connection:
        new = NewDelivery(channel.id, channel.name, 1, "Night shift", project.id, title, message)
        Deliveries(house.database).add(connection, [new], now())


@pytest.mark.usefixtures("shop")
def test_with_nothing_configured_the_page_says_what_to_do(
    browser: Browser, colleague: Browser
) -> None:
    for path in ("/alerts", "/projects/web-shop/alerts"):
        page = browser.get(path)
        assert_harmless(page)
        assert "Nothing is sent: there is no channel yet" in page.text
        assert 'href="/alerts/channels/new"' in page.text
    page = colleague.get("/projects/web-shop/alerts")
    assert "An administrator of this server can add one." in page.text


@pytest.mark.usefixtures("channel", "shop")
def test_with_a_channel_and_no_rule_the_page_asks_for_one(browser: Browser) -> None:
    page = browser.get("/alerts").text

    assert "Nothing is sent: no rule says yet what is worth telling." in page
    assert 'href="/alerts/rules/new"' in page
    assert (
        'href="/projects/web-shop/alerts/rules/new"'
        in browser.get("/projects/web-shop/alerts").text
    )


def test_the_rail_leads_to_alerts_of_all_and_of_the_project(
    shop: Project, browser: Browser
) -> None:
    page = browser.get(f"/projects/{shop.slug}/alerts").text

    assert '<a href="/alerts">Alerts</a>' in page
    assert '<a href="/projects/web-shop/alerts" aria-current="page">Alerts</a>' in page


def test_a_rule_is_added_changed_and_deleted(
    house: House, shop: Project, channel: Channel, browser: Browser
) -> None:
    base = f"/projects/{shop.slug}/alerts"
    many = form(channel, kind="events", events_threshold="50", events_minutes="10")

    added = browser.post(f"{base}/rules/new", data=many | {"environment": "production"})
    (rule,) = rules(house)
    page = browser.get(added.headers["location"])
    edit = browser.get(f"{base}/rules/{rule.id}")
    browser.post(f"{base}/rules/{rule.id}", data=form(channel, name="Later") | {"is_on": ""})
    (changed,) = rules(house)
    assert_harmless(browser.get(f"{base}/rules/{rule.id}/delete"))
    browser.post(f"{base}/rules/{rule.id}/delete")

    assert rule.project_id == shop.id
    assert (rule.kind, rule.threshold, rule.minutes) == (RuleKind.EVENTS, 50, 10)
    assert rule.name == "An issue has 50 events or more within 10 min, in production"
    for each in (page, edit):
        assert_harmless(each)
    assert rule.name in page.text
    assert "Never" in page.text
    assert 'value="events" checked' in edit.text
    assert 'name="events_threshold" value="50"' in edit.text
    assert 'name="environment" value="production"' in edit.text
    assert (changed.name, changed.kind, changed.is_on) == ("Later", RuleKind.NEW, False)
    assert rules(house) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kind": "events", "events_threshold": "many", "events_minutes": "5"}, "How many"),
        ({"kind": "users", "users_threshold": "5", "users_minutes": "2000"}, "Within how many"),
        ({"kind": "rate", "rate_threshold": "101"}, "A percentage"),
        ({"environment": "e" * 65}, "at most 64 characters"),
        ({"min_level": "loud"}, "A level is one of"),
        ({"name": "n" * 201}, "at most 200 characters"),
    ],
)
def test_a_rule_that_will_not_do_keeps_what_was_typed(
    house: House,
    shop: Project,
    channel: Channel,
    browser: Browser,
    wrong: dict[str, str],
    said: str,
) -> None:
    filled = form(channel) | {"environment": HOSTILE, "name": "Mine"} | wrong
    page = browser.post(f"/projects/{shop.slug}/alerts/rules/new", data=filled)

    assert page.status_code == 422
    assert_harmless(page)
    assert said in html.unescape(page.text)
    assert f'value="{filled["kind"]}" checked' in page.text
    assert f'name="channel-{channel.id}" value="on" checked' in page.text
    for typed in wrong.values():
        assert typed in html.unescape(page.text) or typed == "loud"
    assert rules(house) == []


@pytest.mark.usefixtures("channel")
def test_a_rule_without_a_channel_is_refused(shop: Project, browser: Browser) -> None:
    page = browser.post(f"/projects/{shop.slug}/alerts/rules/new", data={"kind": "new"})

    assert page.status_code == 422
    assert "Choose at least one channel" in page.text


def test_where_there_is_one_channel_it_is_meant(
    shop: Project, channel: Channel, browser: Browser
) -> None:
    page = browser.get(f"/projects/{shop.slug}/alerts/rules/new")

    assert_harmless(page)
    assert f'name="channel-{channel.id}" value="on" checked' in page.text


def test_what_concerns_the_whole_server_is_for_administrators(
    house: House, shop: Project, channel: Channel, colleague: Browser
) -> None:
    everywhere, own = add_rule(house, channel), add_rule(house, channel, shop)
    paths = ["channels/new", f"channels/{channel.id}", f"channels/{channel.id}/delete"]
    paths += ["rules/new", f"rules/{everywhere}", f"rules/{everywhere}/delete"]

    for path in paths:
        assert colleague.get(f"/alerts/{path}").status_code == 403, path
        assert colleague.post(f"/alerts/{path}", data={"name": "x"}).status_code == 403, path
    assert colleague.post(f"/alerts/channels/{channel.id}/test").status_code == 403
    assert colleague.post(f"/alerts/channels/{channel.id}/signing-key").status_code == 403
    assert colleague.get("/alerts").status_code == 403
    page = colleague.get("/projects/web-shop/alerts").text
    assert "hooks.example.com" not in page
    assert f'href="/projects/web-shop/alerts/rules/{own}"' in page
    assert f'"/alerts/rules/{everywhere}"' not in page
    assert len(rules(house)) == 2


def test_a_rule_is_found_below_its_own_project_only(
    house: House, shop: Project, channel: Channel, browser: Browser
) -> None:
    other = house.project("Blog")
    rule = add_rule(house, channel, shop)

    for base in ("/alerts", f"/projects/{other.slug}/alerts"):
        assert browser.get(f"{base}/rules/{rule}").status_code == 404
        assert browser.post(f"{base}/rules/{rule}/delete").status_code == 404
    assert len(rules(house)) == 1


@pytest.mark.parametrize(
    "path", ["channels/1", "channels/x", "rules/7", "rules/99999999999999999999"]
)
def test_what_is_not_there_is_said_so(browser: Browser, path: str) -> None:
    assert browser.get(f"/alerts/{path}").status_code == 404


def test_a_webhooks_key_is_shown_once_and_its_url_never_again(
    house: House, browser: Browser
) -> None:
    made = browser.post(
        "/alerts/channels/new",
        data={"name": "Hook", "kind": "webhook", "webhook_address": URL},
    )
    (channel,) = Channels(house.database).all()
    pages = [browser.get(path) for path in ("/alerts", f"/alerts/channels/{channel.id}")]
    renewed = browser.post(f"/alerts/channels/{channel.id}/signing-key")

    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    assert channel.signing_key.reveal() in made.text
    assert channel.address == type(channel.address)(URL)
    for page in (made, renewed, *pages):
        assert_harmless(page)
        for secret in ("T0KEN", "secret-path", "k3yk3y"):
            assert secret not in page.text
    for page in (renewed, *pages):
        assert channel.signing_key.reveal() not in page.text
    assert all("https://hooks.example.com/…" in page.text for page in pages)


def test_a_channel_that_will_not_do_keeps_what_was_typed(house: House, browser: Browser) -> None:
    filled = {"name": HOSTILE, "kind": "service", "service_address": "http://example.com/x"}

    page = browser.post("/alerts/channels/new", data=filled)
    unnamed = browser.post("/alerts/channels/new", data=filled | {"name": "", "kind": "phone"})

    assert (page.status_code, unnamed.status_code) == (422, 422)
    assert_harmless(page)
    assert "choose a webhook" in page.text
    assert 'value="http://example.com/x"' in page.text
    assert html.escape(HOSTILE, quote=False).partition('"')[0] in page.text
    assert 'value="service" checked' in page.text
    assert "Choose what kind of channel it is." in unnamed.text
    assert Channels(house.database).all() == []


def test_recipients_are_changed(house: House, browser: Browser) -> None:
    browser.post(
        "/alerts/channels/new",
        data={"name": "Mail", "kind": "email", "email_address": "ada@example.com"},
    )
    (channel,) = Channels(house.database).all()
    path = f"/alerts/channels/{channel.id}"

    before = browser.get(path).text
    wrong = browser.post(path, data={"name": "Mail", "address": "nobody"})
    browser.post(path, data={"name": "Post", "address": "ada@example.com\ngrace@example.com"})

    (changed,) = Channels(house.database).all()
    assert "ada@example.com</textarea>" in before
    assert wrong.status_code == 422
    assert "nobody</textarea>" in wrong.text
    assert (changed.name, changed.shown) == ("Post", "ada@example.com, grace@example.com")


def test_a_channel_is_deleted_after_saying_which_rules_tell_it(
    house: House, channel: Channel, browser: Browser
) -> None:
    add_rule(house, channel)
    path = f"/alerts/channels/{channel.id}/delete"

    asked = browser.get(path)
    done = browser.post(path)
    page = browser.get(done.headers["location"]).text

    assert_harmless(asked)
    assert "1 rule tells it: Night shift." in asked.text
    assert "The channel is deleted." in page
    assert Channels(house.database).all() == []
    assert rules(house)[0].channel_ids == ()


@pytest.mark.parametrize(
    ("fails", "said"),
    [(False, "was taken"), (True, "The test was not sent: a fault of Headwater")],
)
def test_a_test_shows_what_became_of_it(
    house: House, channel: Channel, browser: Browser, *, fails: bool, said: str
) -> None:
    class Transport:
        def send(self, delivery: Delivery, _channel: Channel, _now: Any) -> None:
            sent.append(delivery.message.culprit)
            if fails:
                raise ValueError(URL)

    sent: list[str] = []
    stop = threading.Event()
    sender = Sender(house.database, Transport())

    def digest() -> None:
        while not stop.wait(0.01):
            for channel_id in sender.busy():
                sender.empty(channel_id, stop)

    thread = threading.Thread(target=digest)
    thread.start()
    answer = browser.post(f"/alerts/channels/{channel.id}/test")
    stop.set()
    thread.join()
    page = browser.get(answer.headers["location"])

    assert_harmless(page)
    assert said in page.text
    assert "T0KEN" not in page.text
    assert sent == ["sent by ada@example.com"]


def test_without_a_digest_process_the_page_says_so(house: House, channel: Channel) -> None:
    browser = replace(house, pages=House.pages_of(house.database, patience=0)).browser()

    answer = browser.post(f"/alerts/channels/{channel.id}/test")
    page = browser.get(answer.headers["location"]).text

    assert "The test is not sent yet." in page
    assert "Look again" in page


def test_the_log_has_every_message_of_all_or_of_a_project(
    house: House, shop: Project, channel: Channel, browser: Browser
) -> None:
    other = house.project("Blog")
    empty = browser.get("/alerts/log")
    log(house, channel, shop, HOSTILE)
    log(house, channel, other, "Error: elsewhere")

    every = browser.get("/alerts/log")
    own = browser.get(f"/projects/{shop.slug}/alerts/log")
    beyond = browser.get("/alerts/log?page=9")

    for page in (empty, every, own, beyond):
        assert_harmless(page)
    assert "Nothing was sent yet." in empty.text
    assert "The list ends before this page." in beyond.text
    assert html.escape("<script>alert(1)</script>") in own.text
    for fact in ("Night shift", "On call", "Waiting", "New issue"):
        assert fact in own.text
    assert "elsewhere" in every.text
    assert "elsewhere" not in own.text


def test_every_field_has_a_name_for_those_who_do_not_see_it(
    shop: Project, channel: Channel, browser: Browser
) -> None:
    paths = ["/alerts/channels/new", f"/alerts/channels/{channel.id}"]
    paths.append(f"/projects/{shop.slug}/alerts/rules/new")

    for path in paths:
        text = browser.get(path).text
        labelled = set(re.findall(r'<label for="([^"]+)"', text))
        for field in re.findall(r"<(?:input|textarea|select) [^>]*>", text):
            if 'type="hidden"' in field or "tick" in field or 'name="is_on"' in field:
                continue
            found = re.search(r' id="([^"]+)"', field)
            assert "aria-label=" in field or (found and found[1] in labelled), field
