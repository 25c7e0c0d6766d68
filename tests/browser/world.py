"""A server with something of everything, and where each of its pages is."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx

from headwater.cli.client import Client
from headwater.server.web.permissions import RULES
from tests.alerts.receivers import receiver
from tests.browser.ada import Ada
from tests.browser.conftest import EMAIL, PASSWORD
from tests.browser.demo import demo_event, upload
from tests.browser.errors import SHOP, ago, all_of_them, of_page, of_server
from tests.clients.live_server import LiveServer, serving
from tests.upload_side import bundle_of, manifest_of

ENVELOPE = b'{"event_id":"9a00dac2cd571ff910f2694180a6fdc4"}\n{"type":"event"}\n{"message":"no"}\n'
TRACE = (
    'Traceback (most recent call last):\n  File "pipeline.py", line 9, in digest\nValueError: no'
)


@dataclass(frozen=True, slots=True)
class World:
    """A running server; `names` are what the parameters of its routes may be."""

    server: LiveServer
    names: dict[str, str]

    @property
    def origin(self) -> str:
        return self.server.origin


@contextmanager
def empty_world(folder: Path) -> Iterator[World]:
    """A server with Ada, one project, and nothing else."""
    with serving(folder / "data", CREATE_SUPERUSER=f"{EMAIL}:{PASSWORD}") as server:
        slug, _ = Ada.of(server).project("Web shop", "node")
        yield World(server, {"project": slug})


@contextmanager
def full_world(folder: Path) -> Iterator[World]:
    """A server that people have worked with for a while."""
    with (
        serving(folder / "data", CREATE_SUPERUSER=f"{EMAIL}:{PASSWORD}") as server,
        receiver() as hook,
    ):
        ada = Ada.of(server)
        slug, dsn = ada.project("Web shop", "javascript-nextjs")
        ada.project("Billing, a project whose name is rather long", "python")
        names = {"project": slug}
        _people(ada, names)
        names["key"] = ada.second_key(slug)
        _alerts(ada, names, hook.url)
        _uploads(ada, names)
        _issues(ada, names, dsn)
        _work(ada, names)
        names["letter"] = ada.bury(TRACE, ENVELOPE)
        yield World(server, names)


def _people(ada: Ada, names: dict[str, str]) -> None:
    for email, role in (
        ("bob@example.com", "member"),
        ("carla@a-rather-long-name.example", "admin"),
    ):
        made = ada.post("/settings/invitations", {"email": email, "role": role})
        link = made.text.partition('id="link">')[2].partition("<")[0]
        names["secret"] = link.rpartition("/")[2]
        if role == "member":
            chosen = {"new": "battery staple", "again": "battery staple"}
            httpx.post(link, data=chosen, headers={"Origin": ada.server.origin})
    names["member"] = ada.numbers("/settings/members", "/settings/members/")[-1]
    ada.token("*", "Laptop of Carla, for the whole instance")
    ada.post(
        f"/settings/tokens/{ada.numbers('/settings/tokens', '/settings/tokens/')[0]}/revoke", {}
    )


def _alerts(ada: Ada, names: dict[str, str], hook: str) -> None:
    webhook = {"kind": "webhook", "webhook_address": hook}
    ada.post("/alerts/channels/new", {"name": "On call", **webhook})
    nobody = {"kind": "webhook", "webhook_address": "http://127.0.0.1:9/nobody"}
    ada.post("/alerts/channels/new", {"name": "A hook that nobody answers", **nobody})
    channels = ada.numbers("/alerts", "/alerts/channels/")
    names["channel"] = channels[-1]
    told = {f"channel-{each}": "on" for each in channels} | {"is_on": "on"}
    ada.post("/alerts/rules/new", {"kind": "new", **told})
    names["instance_rule"] = ada.numbers("/alerts", '"/alerts/rules/')[0]
    of_project = f"/projects/{names['project']}/alerts"
    many = {"kind": "events", "events_threshold": "500", "events_minutes": "5"}
    ada.post(f"{of_project}/rules/new", {**many, **told, "environment": "production"})
    names["rule"] = ada.numbers(of_project, f"{of_project}/rules/")[0]
    ada.post(f"/alerts/channels/{names['channel']}/test", {})


def _uploads(ada: Ada, names: dict[str, str]) -> None:
    slug = names["project"]
    secret = ada.token(slug, "CI of the shop")
    upload(ada.server.origin, secret, slug)
    names["token"] = ada.numbers("/settings/tokens", "/settings/tokens/")[0]
    client = Client(ada.server.origin, secret)
    client.upload(_faulty(), slug)
    bundles = ada.numbers(f"/projects/{slug}/bundles", "/bundles/")
    names["bundle"] = bundles[-1]
    names["faulty"] = bundles[0]
    names["file"] = ada.numbers(f"/bundles/{names['bundle']}", f"/bundles/{names['bundle']}/maps/")[
        0
    ]
    names["source"] = "0"
    names["version"] = SHOP
    httpx.get(
        f"{ada.server.origin}/api/0/organizations/any/chunk-upload/",
        headers={"Authorization": "Bearer sntrys_wrong"},
    )


def _faulty() -> bytes:
    """A map for lines that its script has not, with private paths and no text; a script without one."""
    lines = (
        b'{"version":3,"sources":["/home/ci/shop/src/a.ts"],"names":[],"mappings":"AAAA;;;;AACA"}'
    )
    script, alone = "files/_/_/app.js", "files/_/_/worker.js"
    entries: dict[str, dict[str, object]] = {
        script: {
            "type": "minified_source",
            "url": "~/assets/checkout/app-3f21.js",
            "headers": {"sourcemap": "app-3f21.js.map"},
        },
        f"{script}.map": {"type": "source_map", "url": "~/assets/checkout/app-3f21.js.map"},
        alone: {"type": "minified_source", "url": "~/assets/worker-9c.js"},
    }
    files = {script: b"boom()", f"{script}.map": lines, alone: b"boom()"}
    return bundle_of(files, manifest_of(entries, release=SHOP, org="any", project="any"))


def _issues(ada: Ada, names: dict[str, str], dsn: str) -> None:
    often = [
        ago(event() | {"user": {"id": str(hours % 7)}}, hours)
        for hours in (1, 2, 5, 20, 30, 50, 90, 200, 400, 640)
        for event in (demo_event, of_server, of_page)
    ]
    events = ada.tell(dsn, *often, *all_of_them())
    names["page"], names["server"], names["event"] = events[-2], events[-3], events[-1]
    names["issue"] = ada.issue_of(names["event"])
    names["path"] = "nowhere"
    said = {"event_id": names["event"], "name": "Jane", "email": "jane@example.com"}
    httpx.post(
        f"{ada.server.origin}/api/0/projects/any/{names['project']}/user-feedback/",
        json={**said, "comments": "I pressed “Show invoice”, and then it said 500."},
        headers={"Authorization": f"DSN {dsn}"},
    )


def _work(ada: Ada, names: dict[str, str]) -> None:
    issues = ada.numbers(f"/projects/{names['project']}/issues?q=", "issue-")
    others = [each for each in issues if each != names["issue"]]
    back = {"back": "/issues"}
    ada.post("/issues/decide", {f"issue-{others[0]}": "on", "state": "resolved", **back})
    ada.post("/issues/decide", {f"issue-{others[1]}": "on", "state": "muted", "mute": "", **back})
    two = {f"issue-{others[2]}": "on", f"issue-{others[3]}": "on"}
    ada.post("/issues/merge", {**two, "sure": "yes", **back})
    mine = {f"issue-{names['issue']}": "on"}
    ada.post("/issues/assign", {**mine, "to": names["member"], **back})
    ada.post(f"/issues/{names['issue']}/comments", {"text": "Since the release of noon.", **back})
    ada.post("/searches", {"name": "Production", "q": "is:unresolved environment:production"})


ROUTES: dict[str, tuple[str, ...]] = {
    "GET /issues": ("/issues", "/issues?q=is:resolved", "/issues?q=nothing+like+it", "/issues?q=is:wrong"),
    "GET /projects/{project}/issues": ("/projects/{project}/issues",),
    "GET /issues/{issue}": ("/issues/{issue}",),
    "GET /issues/{issue}/events/{event}": ("/issues/{issue}/events/{event}",),
    "GET /events/{event}": ("/events/{event}", "/events/{event}#minified", "/events/{page}", "/events/{server}"),
    "GET /releases": ("/releases",),
    "GET /releases/{version:path}": ("/releases/{version}",),
    "GET /bundles": ("/bundles",),
    "GET /bundles/{bundle}": ("/bundles/{bundle}", "/bundles/{faulty}"),
    "GET /projects/{project}/releases": ("/projects/{project}/releases",),
    "GET /projects/{project}/releases/{version:path}": ("/projects/{project}/releases/{version}",),
    "GET /projects/{project}/bundles": ("/projects/{project}/bundles",),
    "GET /uploads": ("/uploads", "/uploads?q=app.js"),
    "GET /projects/{project}/uploads": ("/projects/{project}/uploads", "/projects/{project}/uploads?q=page.js"),
    "GET /uploads/delete": ("/uploads/delete?release={version}",),
    "GET /projects/{project}/uploads/delete": ("/projects/{project}/uploads/delete?release={version}",),
    "GET /projects/{project}/uploads/new": ("/projects/{project}/uploads/new",),
    "GET /bundles/{bundle}/delete": ("/bundles/{bundle}/delete",),
    "GET /bundles/{bundle}/maps/{file}": ("/bundles/{bundle}/maps/{file}",),
    "GET /bundles/{bundle}/maps/{file}/{source}": ("/bundles/{bundle}/maps/{file}/{source}?line=2",),
    "GET /alerts/rules/{rule}": ("/alerts/rules/{instance_rule}",),
    "GET /alerts/rules/{rule}/delete": ("/alerts/rules/{instance_rule}/delete",),
    "GET /{path:path}": ("/{path}",),
}  # fmt: skip
"""Where there is more to see of a route than its own path, with names put in, would show."""

NO_PAGES = {
    "GET /": "leads to the issues",
    "GET /issues/new": "a number, in JSON",
    "GET /palette": "a list, in JSON",
    "GET /issues/{issue}/events/{event}.md": "Markdown",
    "GET /dead-letters/{letter}/envelope": "bytes as they came",
    "GET /sign-in/code": "shown between a password and a code only: test_members.py goes there",
}

FOR_STRANGERS = ("/sign-in", "/invitations/{secret}")
"""Looked at by who is not signed in."""


def addresses(route: str) -> tuple[str, ...]:
    """Patterns of addresses at which a route shows its pages; none for what is no page."""
    if route in NO_PAGES:
        return ()
    return ROUTES.get(route, (route.removeprefix("GET "),))


def places(world: World) -> Iterator[tuple[str, str]]:
    """Patterns of addresses, each with the address in this world; without what it has nothing for."""
    parts = {name: quote(value) for name, value in world.names.items()}
    for route in RULES:
        for pattern in addresses(route) if route.startswith("GET ") else ():
            named = pattern.replace(":path}", "}")
            try:
                yield named, world.origin + named.format_map(parts)
            except KeyError:
                continue
