"""What is asked for: every page of the permissions table, with the parameters that cost most."""

from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import Select, select

from bench.pages.events_filled import versions
from headwater.server.web.permissions import RULES
from headwater.storage.database import Database
from headwater.storage.schema import (
    artifact_files,
    dead_letters,
    events,
    users,
)

SEARCHES: Final = (
    "is:unresolved",
    "is:resolved",
    "is:muted",
    "is:unassigned",
    "",
    "assigned:me",
    "release:app-0@4.4.4",
    "release:app-0@4.*",
    "browser:firefox",
    "!browser:firefox",
    "url:*checkout*",
    "url:https://shop.example.com/account/0?ref=0",
    "user:account.0@example.com",
    "user:*@nowhere.example.com",
    "tenant:*99",
    "file:invoice",
    "function:settle",
    "checkout",
    '"could not"',
    "zzzz",
    "events:>100",
    "events:<10",
    "age:<24h",
    "age:>7d",
    "seen:<1h",
    "seen:>30d",
    "is:unresolved release:app-0@4.4.4 browser:firefox checkout",
)
SORTS: Final = ("last_seen", "first_seen", "events")
LISTS: Final = (
    "/alerts/log",
    "/bundles",
    "/dead-letters",
    "/projects/{project}/alerts/log",
    "/projects/{project}/bundles",
    "/projects/{project}/dead-letters",
    "/projects/{project}/releases",
    "/releases",
)
"""Lists with pages, whose last ones are asked for too."""
UPLOADED: Final = ("assets/account-0.js", "app-0@4.4.4", "0000000a-7772-4580-a988-000000000001")


def addresses(database: Database, largest: int) -> list[str]:
    """All of them; `largest`: the number of the issue with the most events."""
    names = _names(database, largest)
    routes = [route.partition(" ")[2] for route in RULES if route.startswith("GET ")]
    listed = [
        f"{path}?q={quote(search)}"
        for path in ("/issues", "/projects/shop/issues")
        for search in SEARCHES
    ]
    sorted_by = [
        f"{path}?q={quote(search)}&sort={sort}&page={page}&period={period}"
        for path in ("/issues", "/projects/shop/issues")
        for search in ("is:unresolved", "")
        for sort in SORTS
        for page, period in ((1, "30d"), (20, "24h"))
    ]
    deep = [f"{path}?page={page}" for path in LISTS for page in (4, 80)]
    deep += ["/issues?q=&page=190", "/issues?q=&page=10000", "/bundles/{bundle}?page=2"]
    middle, oldest = _others(database, largest)
    more = [
        *listed,
        *sorted_by,
        *deep,
        f"/issues/{largest}/events/{middle}",
        f"/issues/{largest}/events/{oldest}",
        f"/issues/{largest + 4_000}",
        "/issues/new?after=0&q=browser:firefox",
        "/palette?q=checkout",
        *(
            f"{path}?q={quote(each)}"
            for path in ("/uploads", "/projects/shop/uploads")
            for each in UPLOADED
        ),
        f"/uploads/delete?release={quote('app-0@4.4.4')}",
        f"/projects/shop/uploads/delete?release={quote('app-0@4.4.4')}",
        "/received?of=no-project",
    ]
    return [_filled(path, names) for path in (*routes, *more)]


def _filled(path: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def _names(database: Database, largest: int) -> dict[str, str]:
    newest = select(events.c.event_id).where(events.c.issue_id == largest)
    maps = select(artifact_files.c.id, artifact_files.c.artifact_bundle_id).where(
        artifact_files.c.type == "source_map", artifact_files.c.artifact_bundle_id == 1
    )
    with database.read() as connection:
        file, bundle = connection.execute(maps.order_by(artifact_files.c.id).limit(1)).one()
    first = {
        "issue": str(largest),
        "event": str(_one(database, newest.order_by(events.c.id.desc()))),
        "letter": str(_one(database, select(dead_letters.c.id))),
        "member": str(_one(database, select(users.c.id).order_by(users.c.id.desc()))),
        "project": "shop",
        "version:path": quote(versions(0)[-1]),
        "path:path": "nowhere",
        "secret": "0" * 64,
        "token": "2",
        "key": "1",
        "channel": "1",
        "file": str(file),
        "source": "0",
    }
    return {**first, "bundle": str(bundle), "rule": "1"}


def _others(database: Database, largest: int) -> tuple[str, str]:
    oldest = select(events.c.event_id).where(events.c.issue_id == largest).order_by(events.c.id)
    return str(_one(database, oldest.offset(1_000))), str(_one(database, oldest))


def _one(database: Database, wanted: Select[Any]) -> object:
    with database.read() as connection:
        return connection.execute(wanted.limit(1)).scalar()
