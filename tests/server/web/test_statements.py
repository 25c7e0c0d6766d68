"""Every page of the permissions table asks the database a bounded number of times, however long its lists."""

import re
import sqlite3
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from pathlib import Path

import pytest
from sqlalchemy.event import listen

from headwater.server.web.permissions import RULES
from tests.server.web.filled import SOMEBODY, fill
from tests.server.web.house import House, furnish

MAX_STATEMENTS = 15
FEW, MANY = 3, 30

PAGES: Mapping[str, tuple[str, ...]] = {
    "/": ("/",),
    "/alerts": ("/alerts",),
    "/alerts/channels/new": ("/alerts/channels/new",),
    "/alerts/channels/{channel}": ("/alerts/channels/{channel}",),
    "/alerts/channels/{channel}/delete": ("/alerts/channels/{channel}/delete",),
    "/alerts/log": ("/alerts/log",),
    "/alerts/rules/new": ("/alerts/rules/new",),
    "/alerts/rules/{rule}": ("/alerts/rules/{instance_rule}",),
    "/alerts/rules/{rule}/delete": ("/alerts/rules/{instance_rule}/delete",),
    "/bundles": ("/bundles",),
    "/bundles/{bundle}": ("/bundles/{bundle}",),
    "/bundles/{bundle}/delete": ("/bundles/{bundle}/delete",),
    "/bundles/{bundle}/maps/{file}": ("/bundles/{bundle}/maps/{file}",),
    "/bundles/{bundle}/maps/{file}/{source}": ("/bundles/{bundle}/maps/{file}/{source}",),
    "/dead-letters": ("/dead-letters",),
    "/dead-letters/{letter}": ("/dead-letters/{letter}",),
    "/dead-letters/{letter}/envelope": ("/dead-letters/{letter}/envelope",),
    "/doctor": ("/doctor",),
    "/events/{event}": ("/events/{event}",),
    "/invitations/{secret}": ("/invitations/{secret}",),
    "/issues": (
        "/issues",
        "/issues?q=",
        "/issues?q=nothing",
        "/issues?q=nothing:here",
        "/issues?q={event}",
        "/issues?q=key-1:*1&sort=events&period=30d",
        "/issues?q=browser:browser&period=30d",
        "/issues?page=1000",
    ),
    "/issues/new": ("/issues/new?after=0",),
    "/issues/{issue}": ("/issues/{issue}",),
    "/issues/{issue}/events/{event}": ("/issues/{issue}/events/{event}",),
    "/issues/{issue}/events/{event}.md": ("/issues/{issue}/events/{event}.md",),
    "/palette": ("/palette?q=Error", "/palette?q={event}"),
    "/projects/new": ("/projects/new",),
    "/projects/{project}": ("/projects/{project}", "/projects/{project}?period=30d"),
    "/projects/{project}/alerts": ("/projects/{project}/alerts",),
    "/projects/{project}/alerts/log": ("/projects/{project}/alerts/log",),
    "/projects/{project}/alerts/rules/new": ("/projects/{project}/alerts/rules/new",),
    "/projects/{project}/alerts/rules/{rule}": ("/projects/{project}/alerts/rules/{rule}",),
    "/projects/{project}/alerts/rules/{rule}/delete": (
        "/projects/{project}/alerts/rules/{rule}/delete",
    ),
    "/projects/{project}/bundles": ("/projects/{project}/bundles",),
    "/projects/{project}/dead-letters": ("/projects/{project}/dead-letters",),
    "/projects/{project}/dead-letters/delete": ("/projects/{project}/dead-letters/delete",),
    "/projects/{project}/delete": ("/projects/{project}/delete",),
    "/projects/{project}/issues": (
        "/projects/{project}/issues",
        "/projects/{project}/issues?q=nothing",
    ),
    "/projects/{project}/keys": ("/projects/{project}/keys",),
    "/projects/{project}/keys/{key}/delete": ("/projects/{project}/keys/{key}/delete",),
    "/projects/{project}/members": ("/projects/{project}/members",),
    "/projects/{project}/received": ("/projects/{project}/received",),
    "/projects/{project}/releases": ("/projects/{project}/releases",),
    "/projects/{project}/releases/{version:path}": ("/projects/{project}/releases/{version}",),
    "/projects/{project}/set-up": ("/projects/{project}/set-up",),
    "/projects/{project}/settings": ("/projects/{project}/settings",),
    "/projects/{project}/uploads": ("/projects/{project}/uploads?q=app.js",),
    "/projects/{project}/uploads/delete": ("/projects/{project}/uploads/delete?release=shop@1",),
    "/projects/{project}/uploads/new": ("/projects/{project}/uploads/new",),
    "/received": ("/received",),
    "/releases": ("/releases",),
    "/releases/{version:path}": ("/releases/{version}",),
    "/settings/display": ("/settings/display",),
    "/settings/members": ("/settings/members",),
    "/settings/members/{member}": ("/settings/members/{member}",),
    "/settings/members/{member}/remove": ("/settings/members/{member}/remove",),
    "/settings/profile": ("/settings/profile",),
    "/settings/second-factor": ("/settings/second-factor",),
    "/settings/storage": ("/settings/storage",),
    "/settings/tokens": ("/settings/tokens",),
    "/settings/tokens/{token}/revoke": ("/settings/tokens/{token}/revoke",),
    "/sign-in": ("/sign-in",),
    "/sign-in/code": ("/sign-in/code",),
    "/uploads": (
        "/uploads?q=app.js",
        "/uploads?q=shop@1",
        "/uploads?q=8c0b638c-7772-4580-a988-000000000001",
    ),
    "/uploads/delete": ("/uploads/delete?release=shop@1",),
    "/{path:path}": ("/{path}",),
}
"""What each page is asked for with: whatever makes it ask differently."""


NOT_THERE = (
    "/bundles/{bundle}/maps/{file}/{source}",
    "/invitations/{secret}",
    "/{path}",
    "/sign-in/code",
)
"""Pages that say so: of a map without content, of a used invitation, of nothing at all, and of nobody who
is signing in."""

Counts = Mapping[tuple[str, str], tuple[int, int]]
"""Who asked for what: statements with FEW rows in every list, and with MANY."""


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Counts:
    few, many = (_counted(tmp_path_factory.mktemp("rows"), rows) for rows in (FEW, MANY))
    return {key: (few[key], many[key]) for key in few}


def _counted(folder: Path, rows: int) -> dict[tuple[str, str], int]:
    house = House.build(furnish(folder))
    _hurry(house)
    names = fill(house, rows)
    counts = {}
    for who in ("ada@example.com", SOMEBODY):
        browser = house.browser(who)
        for path in sorted(_addresses()):
            address = re.sub(r"{(\w+)}", lambda found: names[found[1]], path)
            # What is remembered from then on is not the page's.
            status = browser.get(address).status_code
            is_not_theirs = who == SOMEBODY and status == HTTPStatus.FORBIDDEN
            assert status < 400 or is_not_theirs or path in NOT_THERE, address
            counts[who, path] = house.statements(partial(browser.get, address))
    house.database.close()
    return counts


def _hurry(house: House) -> None:
    """What a test writes in hundreds of transactions need not survive a power cut."""

    def forgo(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA synchronous = OFF")

    if not house.database.is_sqlite:
        return
    listen(house.database.engine, "connect", forgo)
    house.database.engine.dispose()  # the next connection is a new one


def test_no_page_asks_more_than_the_bar_allows(counted: Counts) -> None:
    over = {key: most for key, (_, most) in counted.items() if most > MAX_STATEMENTS}

    assert over == {}, f"more than {MAX_STATEMENTS} statements"


def test_no_page_asks_more_often_because_its_lists_are_longer(counted: Counts) -> None:
    grown = {key: both for key, both in counted.items() if both[0] != both[1]}

    assert grown == {}, f"statements with {FEW} and with {MANY} rows"


def test_every_page_is_counted() -> None:
    pages = {route.removeprefix("GET ") for route in RULES if route.startswith("GET ")}

    missing, gone = sorted(pages - set(PAGES)), sorted(set(PAGES) - pages)

    assert missing == [], "say in PAGES with which addresses these new pages are counted"
    assert gone == [], "these pages are no more: take them out of PAGES"


def _addresses() -> set[str]:
    return {address for addresses in PAGES.values() for address in addresses}
