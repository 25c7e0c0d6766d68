"""A project that was deleted: what waits is discarded, and what is left goes in steps, until nothing is."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, DateTime, Integer, LargeBinary, Table, func, select
from structlog.testing import capture_logs

from headwater.digest.retention import EventBounds, Retention
from headwater.digest.worker import Worker
from headwater.storage.database import Database
from headwater.storage.deleted_projects import KEPT_FOR, ROWS, DeletedProjects
from headwater.storage.disk import FreeSpace
from headwater.storage.issues.merges import Merges
from headwater.storage.issues.unmerges import Unmerges
from headwater.storage.people.roles import Rights, Role
from headwater.storage.people.users import add_user
from headwater.storage.schema import events, metadata, outcomes, projects, queue, resolutions, users
from headwater.storage.window import hour_number
from tests.databases import address_in
from tests.event_side import EventSide
from tests.healing_side import HealingSide, healing_side, thrown
from tests.stored import Stored

NOTHING = EventBounds(days=0, events=0, database=0)
OURS = 1
OTHERS = 2
LASTING = {"outcomes", "queue", "projects"}
"""Counts without a name, what the digest has yet to discard, and the row itself."""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[HealingSide]:
    """`Shop` is project 1, `Blog` project 2."""
    with healing_side(tmp_path) as side:
        yield side


def delete(side: EventSide, project_id: int = OURS) -> None:
    assert DeletedProjects(side.database).delete(project_id, datetime.now(UTC))


def steps(database: Database, later: timedelta = timedelta(0)) -> Iterator[None]:
    now = datetime.now(UTC) + later
    return Retention(database, NOTHING, FreeSpace(Path.cwd(), 0)).steps(now)


def tidy(database: Database, later: timedelta = timedelta(0)) -> None:
    for _ in steps(database, later):
        pass


def of_project(database: Database, project_id: int) -> dict[str, int]:
    """How many rows each table has of it, where it has any."""
    found = {}
    with database.read() as connection:
        for table in metadata.sorted_tables:
            column = table.c.id if table is projects else table.c.get("project_id")
            if column is not None:
                counted = select(func.count()).select_from(table).where(column == project_id)
                found[table.name] = connection.execute(counted).scalar_one()
    return {name: count for name, count in found.items() if count}


def fill(side: EventSide) -> None:
    """A row of every table that names a project, of both."""
    with side.database.write() as connection:
        add_user(connection, "bob@example.com", "", Rights(Role.MEMBER), datetime.now(UTC))
        user = connection.execute(select(users.c.id)).scalar_one()
    for project_id in (OURS, OTHERS):
        issue = Stored(side.database).issue(3, project_id)
        for table in metadata.sorted_tables:
            if "project_id" in table.c and table.name not in ("issues", "events", "examinations"):
                put(side.database, table, {"project_id": project_id, "issue_id": issue}, user)
    # What names another table's row that has a project's.
    assert set(of_project(side.database, OURS)) == {
        "projects",
        *(each.name for each in metadata.sorted_tables if "project_id" in each.c),
    } - {"examinations"}


def put(database: Database, table: Table, known: dict[str, Any], user: int) -> None:
    """A row, if the project has none there."""
    project_id = known["project_id"]
    digest = b"%16d" % project_id
    known = {**known, "user_id": user, "resolution_digest": digest, "is_final": True}
    with database.write() as connection:
        there = select(table).where(table.c.project_id == project_id)
        if connection.execute(there).first() is not None:
            return
        if (
            connection.execute(select(resolutions).where(resolutions.c.digest == digest)).first()
            is None
        ):
            connection.execute(resolutions.insert().values(digest=digest, content=b"x"))
        if table.name == "invitation_projects":
            invitations = metadata.tables["invitations"]
            made = _row(invitations, {"invited_by": None, "token_hash": f"{project_id}"})
            added = invitations.insert().values(made).returning(invitations.c.id)
            known["invitation_id"] = connection.execute(added).scalar_one()
        connection.execute(table.insert().values(_row(table, known)))
        if table.name == "places":  # one that no issue has would go in any case
            of_issue = {"issue_id": known["issue_id"], "place_id": project_id}
            connection.execute(metadata.tables["issue_places"].insert().values(of_issue))


def _row(table: Table, known: dict[str, Any]) -> dict[str, Any]:
    row = {}
    for column in table.c:
        if column.name in known:
            row[column.name] = known[column.name]
        elif not column.nullable and column.name != "id" and column.server_default is None:
            row[column.name] = _value(column.type, known.get("project_id", 0))
    if table.name == "places":
        row["id"] = known["project_id"]
    if table.name == "project_hours":
        row["hour"] = hour_number(datetime.now(UTC))
    return row


def _value(kind: Any, number: int) -> Any:
    if isinstance(getattr(kind, "impl", kind), DateTime):
        return datetime.now(UTC)
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, Integer):
        return number
    return b"x%d" % number if isinstance(kind, LargeBinary) else f"x{number}"


def test_whatever_is_of_a_project_goes_and_nothing_of_another(events_side: EventSide) -> None:
    fill(events_side)
    before = of_project(events_side.database, OTHERS)

    delete(events_side)
    tidy(events_side.database)
    at_first = of_project(events_side.database, OURS)
    with events_side.database.write() as connection:
        # Its uploads go with other uploads: see tests/artifacts/test_keeping.py.
        bundles = metadata.tables["artifact_bundles"]
        connection.execute(bundles.delete().where(bundles.c.project_id == OURS))
    tidy(events_side.database, KEPT_FOR - timedelta(minutes=1))
    within_a_day = of_project(events_side.database, OURS)
    tidy(events_side.database, KEPT_FOR + timedelta(minutes=1))

    assert set(at_first) == {*LASTING, "artifact_bundles", "api_tokens"}
    assert set(within_a_day) == {*LASTING, "api_tokens"}
    assert set(of_project(events_side.database, OURS)) == {"outcomes", "queue"}
    assert of_project(events_side.database, OTHERS) == before


def test_its_row_stays_while_anything_is_left(events_side: EventSide) -> None:
    fill(events_side)
    delete(events_side)

    tidy(events_side.database, KEPT_FOR + timedelta(minutes=1))

    assert "projects" in of_project(events_side.database, OURS)


def test_every_table_that_names_a_project_is_one_whose_rows_go_or_is_named() -> None:
    named = {table.name for table in metadata.sorted_tables if "project_id" in table.c}

    elsewhere = named - {table.name for table in ROWS}

    assert elsewhere == {
        "issues",
        "events",
        "issue_hashes",
        "artifact_bundles",
        "api_tokens",
        "queue",
        "outcomes",
        "examinations",
    }, "say in storage.deleted_projects how the rows of a new table go"


def test_its_number_is_never_another_project_s_and_its_slug_is_free_at_once(
    events_side: EventSide,
) -> None:
    last = events_side.projects.create("Web shop", None, datetime.now(UTC))

    delete(events_side, last.id)
    again = events_side.projects.create("Web shop", None, datetime.now(UTC))
    delete(events_side, again.id)
    tidy(events_side.database, KEPT_FOR + timedelta(minutes=1))
    third = events_side.projects.create("Web shop", None, datetime.now(UTC))

    assert again.slug == third.slug == last.slug == "web-shop"
    assert last.id < again.id < third.id
    assert of_project(events_side.database, last.id) == {}


def test_it_is_deleted_once(events_side: EventSide) -> None:
    delete(events_side)

    assert not DeletedProjects(events_side.database).delete(OURS, datetime.now(UTC))
    assert not DeletedProjects(events_side.database).delete(999, datetime.now(UTC))


def test_whoever_was_killed_after_hiding_it_left_a_slug_that_is_freed_later(
    events_side: EventSide,
) -> None:
    with events_side.database.write() as connection:
        hidden = projects.update().where(projects.c.id == OURS)
        connection.execute(hidden.values(deleted_at=datetime.now(UTC)))

    taken = events_side.projects.create("Shop", None, datetime.now(UTC))
    tidy(events_side.database)
    free = events_side.projects.create("Shop", None, datetime.now(UTC))

    assert (taken.slug, free.slug) == ("shop-2", "shop")


def test_it_goes_on_wherever_it_was_stopped(shop: HealingSide) -> None:
    for number, word in enumerate(("money", "stock", "shop", "cart", "user", "page")):
        shop.digest({"event_id": f"{number:032x}", "message": f"no {word}"})
    shop.digest({"event_id": "f" * 32, "message": "mine"}, project_id=OTHERS)
    first, second, third, *_ = (issue.id for issue in shop.every())
    Merges(shop.database).merge([first, second, third], datetime.now(UTC))
    Unmerges(shop.database).unmerge(first, [third], datetime.now(UTC), None)
    delete(shop)

    # As if it were killed after each of the first steps.
    for number in range(12):
        for _, _ in zip(range(number + 1), steps(shop.database), strict=False):
            pass
    while shop.healer.follow():
        pass
    tidy(shop.database)

    assert "events" not in of_project(shop.database, OURS)
    assert "issues" not in of_project(shop.database, OURS)
    assert shop.events.get(OTHERS, "f" * 32)
    assert shop.counted_wrongly() == []


def test_several_processes_take_it_away_at_once(shop: HealingSide, tmp_path: Path) -> None:
    stored = Stored(shop.database)
    for issue in range(6):
        stored.issue(60, OURS, title=f"{issue}")
        stored.issue(5, OTHERS, title=f"{issue}")
    delete(shop)

    def process() -> None:
        database = Database(address_in(tmp_path))
        tidy(database)
        database.close()

    with ThreadPoolExecutor(3) as pool:
        running = [pool.submit(process) for _ in range(3)]
        shop.digest(*(thrown(number, "a") for number in range(20)), project_id=OTHERS)
        for each in running:
            each.result(timeout=60)

    assert not {"events", "issues"} & set(of_project(shop.database, OURS))
    with shop.database.read() as connection:
        others = select(func.count()).select_from(events).where(events.c.project_id == OTHERS)
        assert connection.execute(others).scalar_one() == 6 * 5 + 20


def test_what_waits_is_discarded_and_counted_and_no_dead_letter(events_side: EventSide) -> None:
    events_side.digest({"event_id": "a" * 32, "message": "before"})
    events_side.put({"event_id": "b" * 32, "message": "waits"}, {"event_id": "c" * 32})
    events_side.put({"event_id": "d" * 32, "message": "mine"}, project_id=OTHERS)

    delete(events_side)
    # The worker knows for ten seconds what the project has chosen.
    events_side.digest()

    assert events_side.counted()[("error", "project_deleted")] == 2
    assert events_side.counted()[("error", "accepted")] == 2
    assert events_side.dead_letters.latest(9) == ()
    assert events_side.events.get(None, "b" * 32) is None
    assert events_side.stored("d" * 32, OTHERS).title == "mine"
    assert _rows_of(events_side, events) == 1  # that of before, on its way out


def test_what_is_digested_while_it_is_deleted_is_discarded_too(events_side: EventSide) -> None:
    pipeline = events_side.pipeline(events_side.resolve)
    digest = pipeline.digest

    def and_then(queued: Any) -> Any:
        found = digest(queued)
        DeletedProjects(events_side.database).delete(OURS, datetime.now(UTC))
        return found

    pipeline.digest = and_then  # type: ignore[method-assign]
    events_side.put({"event_id": "a" * 32, "message": "late"})
    Worker(events_side.database, events_side.outlet, pipeline).digest_once()

    assert events_side.counted() == {("error", "project_deleted"): 1}
    assert _rows_of(events_side, events) == 0
    assert _rows_of(events_side, queue) == 0


def test_what_can_not_be_digested_of_it_is_no_dead_letter_either(events_side: EventSide) -> None:
    def poison(*_args: object) -> Any:
        DeletedProjects(events_side.database).delete(OURS, datetime.now(UTC))
        raise ZeroDivisionError

    events_side.put({"event_id": "a" * 32, "message": "no"})
    with capture_logs() as logs:
        events_side.worker_with(poison).digest_once()

    assert events_side.counted() == {("error", "project_deleted"): 1}
    assert [each["event"] for each in logs if each["log_level"] == "error"] == []
    with events_side.database.read() as connection:
        letters = metadata.tables["dead_letters"]
        assert connection.execute(select(letters)).first() is None


def test_counts_of_what_it_received_stay_in_the_server_s(events_side: EventSide) -> None:
    events_side.digest({"event_id": "a" * 32, "message": "before"})

    delete(events_side)
    tidy(events_side.database, KEPT_FOR + timedelta(minutes=1))

    with events_side.database.read() as connection:
        kept = select(outcomes.c.count).where(outcomes.c.reason == "accepted")
        assert connection.execute(kept).scalar_one() == 1


def _rows_of(side: EventSide, table: Table) -> int:
    with side.database.read() as connection:
        wanted = select(func.count()).select_from(table).where(table.c.project_id == OURS)
        return connection.execute(wanted).scalar_one()
