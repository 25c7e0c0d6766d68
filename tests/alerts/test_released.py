"""Rules over releases whose frames are not resolved."""

from datetime import timedelta

import pytest

from headwater.alerts.released import SETTLED
from headwater.storage.alerts.rules import RuleKind
from headwater.storage.schema import seen_releases
from tests.alerts.side import AlertSide


def release(side: AlertSide, version: str, resolved: int, failed: int, minutes: int = 60) -> None:
    """First seen so many minutes ago."""
    row = {
        "project_id": side.project,
        "version": version,
        "first_seen": side.now - timedelta(minutes=minutes),
        "last_seen": side.now,
        "events": 10,
        "resolved": resolved,
        "failed": failed,
    }
    with side.database.write() as connection:
        of_version = seen_releases.c.version == version
        connection.execute(seen_releases.delete().where(of_version))
        connection.execute(seen_releases.insert().values(row))


@pytest.fixture
def below(side: AlertSide) -> AlertSide:
    side.rule(side.channel(), kind=RuleKind.RATE, threshold=80)
    return side


def test_a_release_below_the_share_is_told_of_once(below: AlertSide) -> None:
    release(below, "shop@2", 50, 150)

    below.look()
    below.later(minutes=1)
    below.look()

    (row,) = below.log()
    assert row.message.sentence == "Only 25 % of frames resolved, below 80 %"
    assert row.message.title == "50 of 200 frames in shop@2"
    assert row.message.path == "/projects/shop/releases/shop%402"
    assert row.message.issue_id is None


def test_it_is_told_again_after_it_was_better(below: AlertSide) -> None:
    release(below, "2", 50, 150)
    below.look()
    below.later(minutes=1)
    release(below, "2", 190, 10)
    below.look()
    below.later(minutes=1)
    release(below, "2", 190, 310)

    below.look()

    assert len(below.log()) == 2


@pytest.mark.parametrize(
    ("resolved", "failed", "minutes"),
    [(200, 0, 60), (160, 40, 60), (0, 99, 60), (50, 150, int(SETTLED.total_seconds()) // 60 - 1)],
    ids=["all", "exactly", "too few frames", "its maps may be on their way"],
)
def test_others_are_not_told_of(below: AlertSide, resolved: int, failed: int, minutes: int) -> None:
    release(below, "2", resolved, failed, minutes)

    below.look()

    assert below.log() == ()


def test_a_release_far_below_the_one_before_is_told_of(side: AlertSide) -> None:
    side.rule(side.channel(), kind=RuleKind.RATE_DROP, threshold=20)
    release(side, "1", 196, 4, 600)
    release(side, "nobody's", 1, 1, 300)
    release(side, "2", 170, 30, 100)
    release(side, "3", 120, 80, 60)

    side.look()

    sentences = [each.message.sentence for each in side.log()]
    assert sentences == ["Only 60 % of frames resolved, after 85 % in 2"]
