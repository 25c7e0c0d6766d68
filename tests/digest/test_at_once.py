"""Several processes at the same issues at once, on PostgreSQL: none waits for another in a ring, and no
event ends where its issue is not."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DatabaseError

from headwater.digest.worker import Worker
from headwater.storage.database import Database, is_hindered
from headwater.storage.issues.hashes import HashTaken
from headwater.storage.issues.merges import CannotMerge, Merges
from headwater.storage.issues.unmerges import Unmerges
from headwater.storage.schema import events, issue_hashes
from tests.clients.patience import until
from tests.databases import IS_POSTGRESQL
from tests.healing_side import HealingSide, healing_side, thrown

pytestmark = pytest.mark.skipif(not IS_POSTGRESQL, reason="SQLite has one writer at a time")

WAIT_SECONDS = 60


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[HealingSide]:
    """An instance on an empty database."""
    with healing_side(tmp_path) as side:
        yield side


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Threads for those that have to wait."""
    with ThreadPoolExecutor(4) as pool:
        yield pool


def worded(number: int, words: str) -> dict[str, object]:
    """An error of its own, whatever its frames say."""
    event = thrown(number, words)
    event["exception"]["values"][0]["value"] = words
    return event


def frameless(number: int, words: str) -> dict[str, object]:
    """An error whose hash is final at once."""
    error = {"type": "Error", "value": words}
    return {"event_id": f"{number:032x}", "platform": "node", "exception": {"values": [error]}}


def merge(shop: HealingSide, *issue_ids: int) -> int:
    return Merges(shop.database).merge(issue_ids, datetime.now(UTC))


def follow(shop: HealingSide) -> None:
    while shop.healer.follow():
        pass


def ids(shop: HealingSide) -> list[int]:
    return [issue.id for issue in shop.every()]


@contextmanager
def held(database: Database, hold: Callable[[Connection], object]) -> Iterator[None]:
    """What `hold` locks is locked in the block."""
    with database.write() as connection:
        hold(connection)
        yield


def wait_for(database: Database, waiting: int) -> None:
    """Until so many transactions wait for locks."""
    count = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"

    def are_waiting() -> bool:
        with database.read() as connection:
            return int(connection.execute(text(count)).scalar_one()) == waiting

    until(are_waiting, WAIT_SECONDS, f"{waiting} wait")


def test_who_digests_and_who_merges_wait_for_each_other_in_no_ring(
    shop: HealingSide, pool: ThreadPoolExecutor
) -> None:
    shop.digest(frameless(1, "first"), frameless(2, "second"))
    first, second = ids(shop)
    with shop.database.write() as connection:
        # The next event confirms it, which writes a row that merging writes, too.
        connection.execute(issue_hashes.update().values(is_final=False))
    shop.put(frameless(3, "second"))

    def no_events(connection: Connection) -> None:
        connection.execute(text("LOCK TABLE events IN EXCLUSIVE MODE"))

    with held(shop.database, no_events):
        digesting = pool.submit(digest_all, shop)
        wait_for(shop.database, 1)
        merging = pool.submit(merge, shop, first, second)
        wait_for(shop.database, 2)

    assert merging.result(WAIT_SECONDS) == first
    digesting.result(WAIT_SECONDS)
    follow(shop)
    assert shop.counted_wrongly() == []
    assert len(shop.events_of(first)) == 3


def test_an_event_is_not_saved_where_its_error_was_taken_out_of_meanwhile(
    shop: HealingSide, pool: ThreadPoolExecutor
) -> None:
    shop.digest(worded(1, "first"), worded(2, "second"))
    first, second = ids(shop)
    merge(shop, first, second)
    follow(shop)
    shop.put(worded(3, "second"), worded(4, "third"))

    with shop.database.write() as connection:
        connection.execute(text(_WAITING))

    def no_new_issues(connection: Connection) -> None:
        connection.execute(text("SELECT pg_advisory_xact_lock(1)"))

    with held(shop.database, no_new_issues):
        digesting = pool.submit(digest_all, shop)
        wait_for(shop.database, 1)
        Unmerges(shop.database).unmerge(first, None, datetime.now(UTC), None)
        follow(shop)
    digesting.result(WAIT_SECONDS)

    assert shop.counted_wrongly() == []
    assert [len(shop.events_of(issue)) for issue in (first, second)] == [1, 2]
    with shop.database.read() as connection:
        assert set(connection.execute(select(events.c.merged_from)).scalars()) == {None}


_WAITING = """
CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql
AS 'BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END';
CREATE TRIGGER waiting BEFORE INSERT ON issues FOR EACH ROW EXECUTE FUNCTION wait()
"""


def test_events_follow_to_the_end_of_merges_that_are_made_meanwhile(
    shop: HealingSide, pool: ThreadPoolExecutor
) -> None:
    shop.digest(worded(1, "first"), worded(2, "second"), worded(3, "third"))
    first, second, third = ids(shop)
    merge(shop, second, third)

    def one_event(connection: Connection) -> None:
        this = select(events.c.id).where(events.c.issue_id == third)
        connection.execute(this.with_for_update())

    with held(shop.database, one_event):
        following = pool.submit(Merges(shop.database).follow)
        wait_for(shop.database, 1)
        merge(shop, first, second)
        assert Merges(shop.database).follow() == 1  # the second's event
    following.result(WAIT_SECONDS)
    follow(shop)

    assert shop.counted_wrongly() == []
    assert len(shop.events_of(first)) == 3


BUILDS = ("build0", "build1", "build2")
EVENTS = 120
DECISIONS = 30


def test_whatever_several_do_at_once_every_event_is_stored_once_and_counted_where_it_is(
    shop: HealingSide, pool: ThreadPoolExecutor
) -> None:
    dice = Random(7)  # noqa: S311 # a test's dice
    numbers = range(1, EVENTS + 1)
    for number in numbers:
        shop.put(thrown(number, dice.choice(BUILDS), dice.choice(("pay", "order", "ship"))))

    busy = [
        *(pool.submit(digest_all, shop) for _ in range(2)),
        pool.submit(decide, shop, dice),
        pool.submit(upload_and_heal, shop),
    ]
    for each in busy:
        each.result(WAIT_SECONDS)
    digest_all(shop)
    follow(shop)
    shop.heal()
    follow(shop)

    assert shop.counted_wrongly() == []
    stored = [event for issue in ids(shop) for event in shop.events_of(issue)]
    assert sorted(stored) == [f"{number:032x}" for number in numbers]
    assert shop.dead_letters.count(1) == 0


def digest_all(shop: HealingSide) -> None:
    """With a worker of its own, as another process has it."""
    worker = Worker(shop.database, shop.outlet_of(shop.database), shop.resolving())
    while is_there_more(worker.digest_once):
        pass


def upload_and_heal(shop: HealingSide) -> None:
    """With a healer of its own, until a while after all maps are there."""
    healer = shop.new_healer()
    for build in BUILDS:
        shop.upload(build)
        for _ in range(DECISIONS):
            is_there_more(lambda: healer.look(datetime.now(UTC)))
            is_there_more(lambda: healer.follow() or healer.heal_once(datetime.now(UTC)))


def decide(shop: HealingSide, dice: Random) -> None:
    """Merge any two, and take any apart."""
    for _ in range(DECISIONS):
        some = ids(shop)
        if len(some) > 1:
            is_there_more(partial(merge, shop, *dice.sample(some, 2)))
            take_out = partial(Unmerges(shop.database).unmerge, now=datetime.now(UTC), user_id=None)
            is_there_more(partial(take_out, dice.choice(some), None))


def is_there_more(act: Callable[[], object]) -> bool:
    """Whether something was done, or is left to be done since somebody else is at the same."""
    try:
        return bool(act())
    except (HashTaken, CannotMerge):
        return True
    except DatabaseError as error:
        is_ring = getattr(error.orig, "sqlstate", "") == "40P01"
        if is_ring or not is_hindered(error):
            raise
        return True
