"""A house with as many rows in every list as a test wants."""

from datetime import UTC, datetime

from headwater.storage.alerts.channels import ChannelKind, Channels
from headwater.storage.alerts.deliveries import Deliveries, NewDelivery
from headwater.storage.alerts.message import Message
from headwater.storage.alerts.rules import RuleDraft, RuleKind, Rules
from headwater.storage.issues.activity import Activity, Kind
from headwater.storage.issues.hours import IssueHours, hour_of
from headwater.storage.issues.saved_searches import SavedSearches
from headwater.storage.issues.search import Order
from headwater.storage.issues.tag_counts import Seen, Tag, TagCounts
from headwater.storage.people.invitations import Invitations
from headwater.storage.people.roles import Role
from headwater.storage.people.tokens import Scope
from headwater.storage.projects import Project
from headwater.storage.uploads.refusals import Refusal, Refusals
from tests.released import Released
from tests.server.web.house import House

SOMEBODY = "somebody@x.org"
"""Sees some projects, and may do everything there."""


def fill(house: House, rows: int) -> dict[str, str]:
    """Put so many rows into every list; what addresses name."""
    now = datetime.now(UTC)
    homes = [house.project(f"Shop {n}") for n in range(rows)]
    shop = homes[0]
    roles = {each.id: Role.ADMIN for each in homes}
    house.person(SOMEBODY, Role.MEMBER, roles, all_projects=False)
    for n in range(rows):
        house.person(f"p{n}@x.org", Role.MEMBER, {shop.id: Role.VIEWER})
        Invitations(house.database).invite(
            f"new{n}@x.org", Role.VIEWER, [each.id for each in homes], house.ada.id, now
        )
        SavedSearches(house.database).save(house.ada.id, f"S{n}", "is:muted", Order.EVENTS)
        house.browser()
        house.browser(SOMEBODY)
    token = house.tokens.create("CI", Scope.UPLOAD, shop.id, house.ada.id, now)[0]
    for n in range(rows):
        house.tokens.create(f"CI {n}", Scope.UPLOAD, homes[n].id, house.ada.id, now)
    return {
        "project": shop.slug,
        "key": str(max(house.second_key(shop) for _ in range(rows))),
        "token": str(token.id),
        "member": str(max(each.id for each in house.users.all())),
        "path": "nowhere",
        "secret": "0" * 64,
        **_issues(house, homes, rows),
        **_releases(house, homes, rows),
        **_alerts(house, homes, rows),
    }


def _issues(house: House, homes: list[Project], rows: int) -> dict[str, str]:
    now = datetime.now(UTC)
    shop = homes[0]
    issue, event = house.store(shop, {"exception": {"values": []}})
    for n in range(rows):
        _, event = house.store(shop, {"tags": {"n": str(n)}}, issue=issue)
        house.store(homes[n], {}, title=f"Error: {n}")
        other, _ = house.store(shop, {}, title=f"Error: of shop {n}")
        Activity(house.database).note([issue], Kind.COMMENT, now, house.ada.id, f"No {n}")
        house.bury(shop, b"{}\n", "ValueError: no")
        house.count(homes[n].id, "error", "accepted", hours_ago=n)
        _counted(house, [issue, other], n)
    refusals = Refusals(house.database)
    for n in range(rows):
        refusals.add(Refusal(401, f"No {n}", "abc", "CI", shop.id, "cli", "POST", "/x"), now)
    refusals.close()
    letters = house.bury(shop, b"{}\n", "ValueError: no")
    return {"issue": str(issue), "event": event, "letter": str(letters)}


def _counted(house: House, issues: list[int], n: int) -> None:
    now = datetime.now(UTC)
    with house.database.write() as connection:
        for issue in issues:
            seen = {
                Tag(issue, key, f"{key} {n}"): Seen(1, now)
                for key in ("user", "release", "browser", f"key-{n}")
            }
            TagCounts(house.database).add(connection, seen)
            IssueHours().add(connection, {(issue, hour_of(now)): 1})


def _releases(house: House, homes: list[Project], rows: int) -> dict[str, str]:
    released, shop = Released(house.database), homes[0]
    bundle = released.upload(shop.id, "shop@1", {f"~/{n}.js": n for n in range(rows)})
    for n in range(rows):
        released.upload(shop.id, "shop@1", {"~/again.js": n})
        released.upload(shop.id, f"shop@1.{n}", {"~/app.js": 1_000 + n})
        released.see(homes[n].id, "shop@1", {f"/{m}.js": 2_000 + m for m in range(rows)})
        released.see(shop.id, f"shop@1.{n}", {"/app.js": 1_000 + n}, minutes_ago=20 + n)
    return {"bundle": str(bundle), "file": "2", "source": "0", "version": "shop@1"}


def _alerts(house: House, homes: list[Project], rows: int) -> dict[str, str]:
    now, shop = datetime.now(UTC), homes[0]
    channels = [
        Channels(house.database).create(f"Hook {n}", ChannelKind.WEBHOOK, "https://h/x", now)
        for n in range(rows)
    ]
    ids = tuple(each.id for each in channels)
    drafts = [RuleDraft(f"Rule {n}", RuleKind.NEW, shop.id, channel_ids=ids) for n in range(rows)]
    rule = [Rules(house.database).create(draft, now) for draft in drafts][-1]
    everywhere = Rules(house.database).create(RuleDraft("All", RuleKind.NEW, channel_ids=ids), now)
    message = Message("new", "A new issue", "Error: no", "/issues/1", now)
    told = [
        NewDelivery(each.id, each.name, rule, "Rule", shop.id, f"new:{each.id}", message)
        for each in channels
    ]
    with house.database.write() as connection:
        Deliveries(house.database).add(connection, told, now)
    return {"channel": str(ids[0]), "rule": str(rule), "instance_rule": str(everywhere)}
