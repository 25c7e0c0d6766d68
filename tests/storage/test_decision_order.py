"""Who decides about several issues locks them in the order of their numbers, as everybody does."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, select, text

from headwater.storage.database import Database
from headwater.storage.issues.decisions import Decisions, Mute
from headwater.storage.issues.search import Status
from headwater.storage.schema import issues
from tests.clients.patience import until
from tests.databases import IS_POSTGRESQL
from tests.stored import NOW, Stored

pytestmark = pytest.mark.skipif(not IS_POSTGRESQL, reason="SQLite has one writer at a time")

WAIT_SECONDS = 60

ACTS: dict[str, Callable[[Decisions, list[int]], object]] = {
    "decide": lambda decisions, ids: decisions.decide(ids, Status.RESOLVED, NOW),
    "assign": lambda decisions, ids: decisions.assign(ids, None),
    "end mutes": lambda decisions, _: decisions.end_mutes(NOW),
}


@pytest.mark.parametrize("act", ACTS)
def test_who_waits_for_the_first_holds_none_of_the_others(database: Database, act: str) -> None:
    stored, decisions = Stored(database), Decisions(database)
    project = stored.project()
    first, second = stored.issue(project_id=project), stored.issue(project_id=project)
    decisions.decide([first, second], Status.IGNORED, NOW, Mute(until=NOW))
    with database.write() as connection:
        # Its row comes after the other's in the table from now on.
        this = issues.c.id == first
        connection.execute(issues.update().where(this).values(culprit="g"))

    with database.write() as connection:
        lock(connection, first)
        other = threading.Thread(target=ACTS[act], args=(decisions, [first, second]))
        other.start()
        until(lambda: bool(are_waiting(database)), WAIT_SECONDS, "the other waits for a lock")
        lock(connection, second)  # raises, if the other has it
    other.join()


def lock(connection: Connection, issue: int) -> None:
    this = select(issues.c.id).where(issues.c.id == issue)
    connection.execute(this.with_for_update(key_share=True, nowait=True))


def are_waiting(database: Database) -> int:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with database.read() as connection:
        return int(connection.execute(text(waiting)).scalar_one())
