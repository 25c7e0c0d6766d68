"""kill -9 at any moment: what was answered is there, once, and every count agrees."""

import os
import random
from pathlib import Path

import pytest

from tests.clients.patience import until
from tests.faults.instance import DIGEST, WEB, Instance, instance
from tests.faults.load import Load, chance

PATIENCE_SECONDS = 240
CLIENTS = 3
MAX_ANSWERS = 150
"""A moment comes after up to so many more answers."""

EARLY_PART = 4
"""One moment in so many does not wait until the digest is at work again after the last one."""

_VICTIMS = ((WEB,), (DIGEST,), (DIGEST,), (WEB, DIGEST))
SEED = os.environ.get("HEADWATER_TEST_SEED", "20261126")


@pytest.mark.parametrize(
    "moments",
    [pytest.param(12, id="some"), pytest.param(50, id="many", marks=pytest.mark.matrix)],
)
@pytest.mark.timeout(1800)
def test_nothing_is_lost_or_doubled_by_kill_9(tmp_path: Path, moments: int) -> None:
    with instance(tmp_path) as server:
        load = Load(server, CLIENTS, SEED)
        server.start(WEB, DIGEST)
        dice = chance(SEED)
        with load.running():
            for number in range(moments):
                _kill_at_a_moment(server, load, dice, is_early=number % EARLY_PART == 3)
        _settle(server, load)

        stored = server.stored()
        assert load.refused == {}
        assert load.answered <= stored
        assert stored <= load.answered | load.uncertain
        outcomes = server.outcomes()
        assert set(outcomes) == {"accepted", "duplicate"}
        # Each answer is counted, as an event or as one that came before.
        assert 0 <= sum(outcomes.values()) - load.answers <= load.unanswered.total()
        assert server.is_sound()


def _kill_at_a_moment(server: Instance, load: Load, dice: random.Random, *, is_early: bool) -> None:
    if not is_early:
        digested = server.counts().events
        until(lambda: server.counts().events > digested, PATIENCE_SECONDS, "the digest is at work")
    enough = load.answers + dice.randrange(MAX_ANSWERS)
    until(lambda: load.answers >= enough, PATIENCE_SECONDS, f"{enough} answers")
    victims = dice.choice(_VICTIMS)

    server.kill(*victims)

    counts = server.counts()
    assert counts.agree(), (victims, counts)
    server.start(*victims)


def _settle(server: Instance, load: Load) -> None:
    """A segment is deleted when it is read and its writer is gone."""
    server.stop(WEB)
    until(lambda: not server.waiting(), PATIENCE_SECONDS, "the journal is empty")
    server.stop(DIGEST)
    counts = server.counts()
    assert counts.agree(), counts
    assert counts.events >= len(load.accepted)
