"""Every route of the running server, asked for by everybody there is: the table says what comes of it."""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from headwater.app import web
from headwater.server.web.permissions import RULES, RouteWithoutRule, Rule, Where, rule_of
from headwater.settings import read_settings
from headwater.storage.alerts.channels import ChannelKind, Channels
from headwater.storage.alerts.rules import RuleDraft, RuleKind, Rules
from headwater.storage.people.invitations import Invitations
from headwater.storage.people.roles import Role
from headwater.storage.people.tokens import Scope
from tests.databases import sqlite_only
from tests.folders import mark
from tests.released import Released
from tests.server.web.house import Browser, House, furnish

NO_PAGES = ("/api/", "/{before:path}/api/", "/inlet", "/health/", "/metrics", "/static/")
"""Doors of clients and monitors, which ask for tokens and keys or for nothing, and files for everybody."""

IN_PROJECT = (Where.PROJECT, Where.ISSUE, Where.EVENT, Where.BUNDLE, Where.LETTER)

PEOPLE = ("stranger", "elsewhere", "viewer", "lowered", "member", "raised", "admin", "owner")

pytestmark = sqlite_only  # it copies the file to begin anew


@dataclass(frozen=True, slots=True)
class Server:
    """The whole server on one database, and how to put that back."""

    house: House
    app: Starlette
    file: Path
    names: dict[str, str]

    def restore(self) -> None:
        """Everything as it was made."""
        with (
            sqlite3.connect(self.file.with_suffix(".kept")) as kept,
            sqlite3.connect(self.file) as file,
        ):
            kept.backup(file)
        kept.close()
        file.close()

    def routes(self) -> list[Route]:
        """Those of pages."""
        return [
            route
            for route in self.app.routes
            if isinstance(route, Route) and not route.path.startswith(NO_PAGES)
        ]

    def browser(self, who: str) -> Browser:
        """Theirs, on the whole server."""
        there = self.house.stranger() if who == "stranger" else self.house.browser(f"{who}@x.org")
        mine = Browser(self.app, "https://errors.example.com")
        for name, value in there.cookies.items():
            mine.cookies.set(name, value, domain="errors.example.com")
        return mine

    def address(self, path: str) -> str:
        """An address of this route that leads to something."""
        address = re.sub(r"{(\w+)(?::path)?}", lambda found: self.names[found[1]], path)
        return f"{address}?release=shop@1" if path.endswith("/uploads/delete") else address

    def form(self, path: str) -> dict[str, str] | None:
        """What a form of this route must say to be about something."""
        if path == "/projects/{project}/delete":
            return {"name": "Web shop"}
        return {"release": "shop@1"} if path.endswith("/uploads/delete") else None


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Two projects, one with something of everything; the other is what `elsewhere` sees."""
    folder = tmp_path_factory.mktemp("served")
    file = folder / "headwater.db"
    house = House.build(furnish(folder))
    shop, other = house.project("Web shop"), house.project("Other")
    house.person("elsewhere@x.org", Role.MEMBER, {other.id: Role.ADMIN}, all_projects=False)
    house.person("viewer@x.org", Role.VIEWER)
    house.person("lowered@x.org", Role.MEMBER, {shop.id: Role.VIEWER})
    house.person("member@x.org", Role.MEMBER)
    house.person("raised@x.org", Role.VIEWER, {shop.id: Role.ADMIN}, all_projects=False)
    house.person("admin@x.org", Role.ADMIN)
    house.person("owner@x.org", Role.OWNER)
    house.person("target@x.org", Role.MEMBER)
    now = datetime.now(UTC)
    issue, event = house.store(shop, {"event_id": "e" * 32, "exception": {"values": []}})
    token, _ = house.tokens.create("CI", Scope.UPLOAD, shop.id, house.ada.id, now)
    invited = Invitations(house.database).invite("new@x.org", Role.VIEWER, None, house.ada.id, now)
    channel = Channels(house.database).create("Hook", ChannelKind.WEBHOOK, "https://h/x", now)
    draft = RuleDraft("New", RuleKind.NEW, shop.id, channel_ids=(channel.id,))
    rule = Rules(house.database).create(draft, now)
    target = max(each.id for each in house.users.all())
    names = {
        "project": shop.slug,
        "issue": str(issue),
        "event": event,
        "bundle": str(Released(house.database).upload(shop.id, "shop@1", {"~/app.js": 1})),
        "letter": str(house.bury(shop, b"{}\n", "ValueError: no")),
        "version": "shop@1",
        "token": str(token.id),
        "member": str(target),
        "invitation": str(invited[0].id),
        "secret": invited[1],
        "session": "0" * 16,
        "entry": "1",
        "file": "2",
        "source": "0",
        "key": str(house.second_key(shop)),
        "channel": str(channel.id),
        "rule": str(rule),
        "search": "1",
        "path": "nowhere",
    }
    with sqlite3.connect(file) as source, sqlite3.connect(file.with_suffix(".kept")) as kept:
        source.backup(kept)
    source.close()
    kept.close()
    yield Server(house, _served(folder), file, names)
    house.database.close()


def _served(folder: Path) -> Starlette:
    settings = read_settings({}, data_dir=folder)
    settings.sourcemaps.mkdir(exist_ok=True)
    mark(settings.sourcemaps)
    return web(settings)[0]


def _expected(who: str, rule: Rule) -> str:
    """What the table says of somebody: goes on, signs in, isn't told, or may not."""
    if rule.where is Where.ANYONE:
        return "goes on"
    if who == "stranger":
        return "signs in"
    if rule.where in IN_PROJECT:
        here = {"elsewhere": None, "lowered": Role.VIEWER, "raised": Role.ADMIN}
        role = here[who] if who in here else Role(who)
        if role is None:
            return "isn't told"
        return "goes on" if role.reaches(rule.role) else "may not"
    on_instance = {"elsewhere": Role.MEMBER, "lowered": Role.MEMBER, "raised": Role.VIEWER}
    role = on_instance.get(who) or Role(who)
    if rule.where is Where.SOMEWHERE and who == "raised":
        role = Role.ADMIN
    is_enough = role.reaches(rule.role)
    if rule.where is Where.ALL_PROJECTS:
        is_enough = is_enough and who not in ("elsewhere", "raised")
    return "goes on" if is_enough else "may not"


def _happened(answer: httpx.Response, rule: Rule) -> str:
    to = answer.headers.get("location", "")
    if answer.status_code == 303 and to.startswith("/sign-in?next="):
        return "signs in"
    if answer.status_code == 303 and to == "/sign-in" and rule.where is not Where.ANYONE:
        return "signs in"
    if answer.status_code == 404 and rule.where in IN_PROJECT:
        return "isn't told"
    return "may not" if answer.status_code == 403 else "goes on"


SIGNING_OUT = ("/sign-out", "/settings/profile/sessions/end")
"""Whose answer looks like that to a stranger."""


SAYS_ITSELF = "/bundles/{bundle}/maps/{file}/{source}"
"""The map was registered without content, so that no source of it is there, which the page itself says."""


@pytest.mark.parametrize("who", PEOPLE)
def test_every_route_lets_through_whom_the_table_says(server: Server, who: str) -> None:
    server.restore()
    wrong = []
    for route in server.routes():
        browser = server.browser(who)
        method = "POST" if "POST" in (route.methods or ()) else "GET"
        rule = rule_of(method, route.path)

        form = server.form(route.path) if method == "POST" else None
        answer = browser.request(method, server.address(route.path), data=form)

        found, expected = _happened(answer, rule), _expected(who, rule)
        if expected == "goes on" and found == "isn't told" and route.path == SAYS_ITSELF:
            found = "goes on"
        if found != expected and not (route.path in SIGNING_OUT and who != "stranger"):
            wrong.append(f"{who} at {method} {route.path}: {found}, expected: {expected}")
        assert answer.status_code < 500, route.path
        if method == "POST":
            server.restore()

    assert wrong == []


def test_every_route_of_the_server_is_in_the_table_and_made_by_the_gate(server: Server) -> None:
    found = set()

    for route in server.routes():
        method = "POST" if "POST" in (route.methods or ()) else "GET"
        found.add(f"{method} {route.path}")
        assert getattr(route.endpoint, "__qualname__", "").startswith("Gate."), (
            f"{method} {route.path} does not go through the gate"
        )

    assert found == set(RULES)


def test_a_route_that_the_table_does_not_know_is_not_made() -> None:
    with pytest.raises(RouteWithoutRule, match="GET /secrets"):
        rule_of("GET", "/secrets")


@pytest.mark.parametrize(
    ("there", "nowhere"),
    [
        ("/projects/{project}/issues", "/projects/no/issues"),
        ("/projects/{project}/releases/shop@1", "/projects/no/releases/shop@1"),
        ("/issues/{issue}", "/issues/999"),
        ("/issues/{issue}/events/{event}", "/issues/999/events/{event}"),
        ("/events/{event}", "/events/" + "f" * 32),
        ("/bundles/{bundle}", "/bundles/999"),
        ("/dead-letters/{letter}", "/dead-letters/999"),
        ("/settings/tokens/{token}/revoke", "/settings/tokens/999/revoke"),
        ("/releases/shop@1", "/releases/no@1"),
    ],
)
def test_what_is_not_seen_and_what_is_not_there_read_the_same(
    server: Server, there: str, nowhere: str
) -> None:
    server.restore()
    browser = server.browser("elsewhere")

    hidden = browser.get(server.address(there))
    missing = browser.get(server.address(nowhere))

    assert hidden.status_code == missing.status_code == 404
    named = r"\b((?:shop|no)@1|\d+|[0-9a-f]{32}|no|web-shop)\b"
    assert re.sub(named, "…", hidden.text) == re.sub(named, "…", missing.text)


def test_a_project_that_is_not_seen_is_on_no_page(server: Server) -> None:
    server.restore()
    browser = server.browser("elsewhere")

    for path in (
        "/issues",
        "/projects/other/issues",
        "/releases",
        "/bundles",
        "/settings/tokens",
        "/nowhere",
    ):
        page = browser.get(path).text
        assert "Other" in page, path
        assert "Web shop" not in page, path
        assert "web-shop" not in page, path
        assert "shop@1" not in page, path
    assert "shop@1" in server.browser("raised").get("/releases").text


def test_an_issue_that_is_not_seen_is_in_no_list_and_nothing_is_done_about_it(
    server: Server,
) -> None:
    server.restore()
    issue = server.names["issue"]
    chosen = {f"issue-{issue}": "on", "state": "resolved", "sure": "yes"}
    found = "data-row"

    for who, status in (("elsewhere", 404), ("viewer", 403), ("lowered", 403), ("member", 303)):
        browser = server.browser(who)
        sees = who != "elsewhere"
        assert (found in browser.get("/issues").text) is sees
        assert bool(browser.get("/palette?q=is:unresolved").json()) is sees
        assert browser.get("/issues/new?after=0").json()["count"] == sees
        assert browser.get("/issues/new?after=0&project=web-shop").json()["count"] == sees
        for act in ("decide", "delete"):
            assert browser.post(f"/issues/{act}", data=chosen).status_code == status, (who, act)


def test_an_issue_is_assigned_to_who_sees_it(server: Server) -> None:
    server.restore()
    people = {user.email: user.id for user in server.house.users.all()}
    browser = server.browser("raised")
    chosen = {f"issue-{server.names['issue']}": "on"}

    def assigned(email: str) -> int:
        return browser.post("/issues/assign", data=chosen | {"to": f"{people[email]}"}).status_code

    assert assigned("elsewhere@x.org") == 404
    assert assigned("viewer@x.org") == 303
    page = browser.get(server.address("/issues/{issue}")).text
    assert "viewer@x.org" in page
    assert "elsewhere@x.org" not in page


def test_who_reads_only_is_shown_no_button_that_would_refuse(server: Server) -> None:
    server.restore()
    path = server.address("/issues/{issue}")

    pages = {who: server.browser(who).get(path).text for who in ("viewer", "member")}
    rails = {who: text.split("</nav>")[0] for who, text in pages.items()}

    assert "/issues/decide" in pages["member"]
    assert "/settings" in rails["member"].replace("/settings/", "")
    for form in (
        "/issues/decide",
        "/issues/assign",
        "/issues/delete",
        "/comments",
        "/resolve-again",
    ):
        assert form not in pages["viewer"]
    assert "New project" in rails["member"]
    assert "New project" not in rails["viewer"]
