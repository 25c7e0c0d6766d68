"""Rules over events and users within a window, as the digest counts them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from headwater.alerts.alerting import Alerting
from headwater.alerts.facts import best_sum
from headwater.storage.alerts import counts as alert_counts
from headwater.storage.alerts.channels import ChannelKind, Channels
from headwater.storage.alerts.counts import AlertCounts, Counted, minute_of
from headwater.storage.alerts.deliveries import Deliveries, Delivery
from headwater.storage.alerts.rules import RuleDraft, RuleKind, Rules
from headwater.storage.page import PageRequest
from headwater.storage.schema import alert_firings, alert_marks, alert_minutes, alert_users
from tests.alerts.side import AlertSide, Noted
from tests.event_side import EventSide
from tests.stored import NOW


class Digested(EventSide):
    """The event side, with one rule to be chosen."""

    def rule(self, kind: RuleKind, threshold: int, minutes: int = 5, **more: Any) -> int:
        channel = Channels(self.database).create(
            "Hook", ChannelKind.WEBHOOK, "http://127.0.0.1:9/", NOW
        )
        draft = RuleDraft("Many", kind, None, threshold, minutes, channel_ids=(channel.id,), **more)
        return Rules(self.database).create(draft, NOW)

    def told(self) -> list[Delivery]:
        alerting = Alerting(self.database, Noted())
        while alerting.look(datetime.now(UTC)):
            pass
        return list(Deliveries(self.database).log(page=PageRequest(size=100)).items)

    def rows(self) -> int:
        with self.database.read() as connection:
            tables = (alert_minutes, alert_users, alert_marks)
            return sum(len(connection.execute(table.select()).all()) for table in tables)


@pytest.fixture
def digested(tmp_path: Path) -> Iterator[Digested]:
    side = Digested(tmp_path)
    yield side
    side.close()


def crash(number: int, message: str = "boom", **more: Any) -> dict[str, Any]:
    error = {"type": "Error", "value": message}
    return {
        "event_id": f"{number:032x}",
        "platform": "python",
        "exception": {"values": [error]},
        "timestamp": "2020-01-01T00:00:00Z",  # a client's clock may be wrong
        **more,
    }


def test_an_issue_with_so_many_events_is_told_of_once(digested: Digested) -> None:
    digested.rule(RuleKind.EVENTS, 3)

    digested.digest(crash(1), crash(2))
    before = digested.told()
    digested.digest(crash(3))
    told = digested.told()
    digested.digest(*(crash(number) for number in range(4, 30)))

    assert before == []
    assert [each.message.sentence for each in told] == ["3 events within 5 minutes"]
    assert told[0].issue_id == 1
    assert len(digested.told()) == 1


def test_issues_and_environments_are_counted_apart(digested: Digested) -> None:
    digested.rule(RuleKind.EVENTS, 2, environment="production")

    digested.digest(
        crash(1, "one", environment="production"),
        crash(2, "one", environment="staging"),
        crash(3, "two", environment="production"),
    )
    before = digested.told()
    digested.digest(crash(4, "two", environment="production"))

    assert before == []
    assert [each.message.title for each in digested.told()] == ["Error: two"]


def test_users_are_counted_once_each(digested: Digested) -> None:
    digested.rule(RuleKind.USERS, 2)

    digested.digest(*(crash(number, user={"id": "ada"}) for number in range(1, 6)))
    before = digested.told()
    digested.digest(crash(7, user={"id": "grace"}))

    assert before == []
    assert [each.message.sentence for each in digested.told()] == ["2 users within 5 minutes"]


def test_nothing_is_counted_without_a_rule_that_asks_for_it(digested: Digested) -> None:
    digested.rule(RuleKind.NEW, 0, 0)

    digested.digest(crash(1), crash(2))

    assert digested.rows() == 0


def test_what_was_counted_before_a_restart_counts(side: AlertSide) -> None:
    side.rule(side.channel(), kind=RuleKind.EVENTS, threshold=10, minutes=5)
    issue = side.issue(None)

    for minute in range(2):
        counts = AlertCounts(side.database)  # as of a process that has just started
        moment = side.now + timedelta(minutes=minute)
        with side.database.write() as connection:
            counts.add(connection, [Counted(issue, moment, "", None)] * 5, moment)
    side.look()

    assert [each.message.count for each in side.log()] == [1]
    assert [each.message.sentence for each in side.log()] == ["10 events within 5 minutes"]


def test_a_spike_that_is_digested_late_is_told_and_a_trickle_is_not(side: AlertSide) -> None:
    side.rule(side.channel(), kind=RuleKind.EVENTS, threshold=10, minutes=5)
    spike, trickle = side.issue(None), side.issue(None)
    counts = AlertCounts(side.database)
    late = side.now + timedelta(minutes=50)

    with side.database.write() as connection:
        counted = [Counted(spike, side.now, "", None)] * 10
        counted += [
            Counted(trickle, side.now + timedelta(minutes=each), "", None) for each in range(50)
        ]
        counts.add(connection, counted, late)
    side.look()

    assert [each.issue_id for each in side.log()] == [spike]


def test_it_is_told_again_after_an_hour_if_it_goes_on(side: AlertSide) -> None:
    side.rule(side.channel(), kind=RuleKind.EVENTS, threshold=2, minutes=5)
    issue = side.issue(None)
    counts = AlertCounts(side.database)

    told = []
    for _ in range(3):
        with side.database.write() as connection:
            counts.add(connection, [Counted(issue, side.now, "", None)] * 2, side.now)
        side.look()
        told.append(len(side.log()))
        side.later(minutes=31)

    assert told == [1, 1, 2]


def test_what_was_told_is_forgotten_when_it_may_be_told_again(side: AlertSide) -> None:
    rule_id = side.rule(side.channel(), kind=RuleKind.EVENTS, threshold=1, minutes=1)
    rule = side.rules.get(rule_id)
    assert rule
    with side.database.write() as connection:
        for subject in ("17", "1:shop@2"):
            assert side.rules.fire(connection, rule, subject, side.now, timedelta(days=900))

    side.rules.tidy(side.now + timedelta(days=3))

    with side.database.read() as connection:
        kept = connection.execute(select(alert_firings.c.subject)).scalars().all()
    assert kept == ["1:shop@2"]


def test_counts_go_when_no_window_reaches_them(side: AlertSide) -> None:
    side.rule(side.channel(), kind=RuleKind.EVENTS, threshold=2, minutes=5)
    counts = AlertCounts(side.database)
    with side.database.write() as connection:
        counts.add(connection, [Counted(1, side.now, "", "ada")], side.now)
    long = side.now + timedelta(minutes=6 + alert_counts.SPARE_MINUTES)

    kept = counts.tidy(5, side.now)
    removed = counts.tidy(5, long)

    assert (kept, removed) == (0, 1)
    assert counts.minutes(1, "", 0) == {}


@given(
    counts=st.dictionaries(st.integers(0, 40), st.integers(1, 9)),
    window=st.integers(1, 12),
    since=st.integers(0, 40),
)
def test_the_best_window_is_what_trying_all_of_them_finds(
    counts: dict[int, int], window: int, since: int
) -> None:
    ends = [minute for minute in counts if minute >= since]

    tried = [
        sum(counts.get(minute, 0) for minute in range(end - window + 1, end + 1)) for end in ends
    ]

    assert best_sum(sorted(counts.items()), window, since) == max(tried, default=0)


def test_minutes_are_those_of_the_clock() -> None:
    assert minute_of(NOW) + 1 == minute_of(NOW + timedelta(seconds=60))
    assert minute_of(NOW) == minute_of(NOW + timedelta(seconds=59))
