"""PostgreSQL dies under load, and digests are killed in the middle of their work: what was answered is
there, once, and it goes on by itself."""

import http
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clients.patience import until
from tests.databases import own_postgresql, postgresql_address
from tests.faults.instance import DIGEST, WEB, Instance, beside, instance
from tests.faults.load import Load

PATIENCE_SECONDS = 240
CLIENTS = 3
SEED = "20261126"
CRASHES = 2
KILLS = 4
SOME = 100
"""Answers from one fault to the next."""


@pytest.mark.timeout(600)
def test_a_postgresql_that_dies_under_load_costs_no_event_and_the_instance_goes_on_by_itself(
    tmp_path: Path,
) -> None:
    with own_postgresql() as server, instance(tmp_path, DATABASE_URL=server.url) as instance_:
        instance_.start(WEB, DIGEST)
        load = Load(instance_, CLIENTS, SEED)
        with load.running():
            for _ in range(CRASHES):
                _go_on(load)
                server.crash()
                _wait_for_refusals(load)
                server.start()
            _go_on(load)
        _settle(instance_)

        _check(instance_, load)
        assert {each.status for each in load.refused} == {http.HTTPStatus.SERVICE_UNAVAILABLE}
        assert all(each.retry_after for each in load.refused)


@pytest.mark.timeout(600)
def test_of_several_digests_some_are_killed_in_their_work_and_every_event_is_stored_once(
    tmp_path: Path,
) -> None:
    url = postgresql_address()
    with instance(tmp_path, DATABASE_URL=url) as one, beside(one, tmp_path / "two") as two:
        one.start(WEB, DIGEST)
        two.start(DIGEST)
        load = Load(one, CLIENTS, SEED)
        with load.running():
            for number in range(KILLS):
                _go_on(load)
                victim = (one, two)[number % 2]
                victim.kill(DIGEST)
                victim.start(DIGEST)
            _go_on(load)
        _settle(one)

        _check(one, load)
        assert load.refused == {}


def _go_on(load: Load) -> None:
    enough = load.answers + SOME
    _wait(lambda: load.answers >= enough, "events are answered")


def _wait_for_refusals(load: Load) -> None:
    refused = load.refused.total()
    _wait(lambda: load.refused.total() > refused, "clients are told to wait")


def _wait(condition: Callable[[], bool], what: str) -> None:
    until(condition, PATIENCE_SECONDS, what)


def _settle(server: Instance) -> None:
    server.end_claims()
    until(server.is_all_digested, PATIENCE_SECONDS, "everything is digested")


def _check(server: Instance, load: Load) -> None:
    assert server.rows("SELECT error FROM dead_letters") == []
    stored = server.stored()
    assert load.answered <= stored
    # Also one that was refused: whether a commit took place that PostgreSQL died in, nobody is told.
    assert stored <= load.answered | load.uncertain | load.told_to_wait
    counts = server.counts()
    assert counts.agree(), counts
    assert set(server.outcomes()) <= {"accepted", "duplicate", "overloaded"}
