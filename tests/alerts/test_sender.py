"""How messages are sent: once, again after failures, and not too many."""

import threading
from datetime import timedelta

from headwater.alerts.sender import BACK_OFF, GATHER, MAX_MESSAGES, WINDOW, Sender
from headwater.storage.alerts.channels import LEASE, Channel
from headwater.storage.alerts.deliveries import Delivery, State
from headwater.storage.alerts.message import LISTED
from headwater.storage.schema import alert_channels
from tests.alerts.side import AlertSide


def flood(side: AlertSide, count: int) -> None:
    side.flood(count)
    side.look()


def states(side: AlertSide) -> list[State]:
    return [each.state for each in side.log()]


def test_what_failed_is_tried_again_with_growing_pauses_and_given_up(side: AlertSide) -> None:
    side.rule(side.channel())
    flood(side, 1)
    side.noted.failures = 1_000
    pauses = []

    while side.log()[0].state is State.WAITING:
        before = side.now
        side.send()
        side.now = max(side.log()[0].due_at, side.channels.all()[0].rests_until or side.now)
        pauses.append(side.now - before)

    row = side.log()[0]
    assert row.state is State.FAILED
    assert row.tries == len(BACK_OFF) + 1
    assert row.error == "the receiver answered 500"
    assert pauses[:-1] == sorted(pauses[:-1])
    assert sum(pauses[:-1], timedelta()) > timedelta(hours=3)


def test_a_message_is_not_tried_before_its_time(side: AlertSide) -> None:
    side.rule(side.channel())
    flood(side, 1)
    side.noted.failures = 1

    side.send()
    side.send()
    before = side.log()[0]
    side.later(seconds=BACK_OFF[0].total_seconds())
    side.send()

    assert (before.tries, before.state) == (1, State.WAITING)
    assert (side.log()[0].tries, side.log()[0].state) == (2, State.SENT)
    assert side.log()[0].error == ""
    assert side.channels.all()[0].failures == 0


def test_a_failure_lets_the_channel_rest_but_no_other(side: AlertSide) -> None:
    class OneFails:
        def send(self, _delivery: Delivery, channel: Channel, _now: object) -> None:
            tried.append(channel.name)
            if channel.name == "Dead":
                raise ValueError("a secret that must not be told")

    tried: list[str] = []
    dead, well = side.channel(name="Dead"), side.channel(name="Well")
    side.rule(dead, well)
    flood(side, 3)

    side.send(OneFails())

    assert sorted(tried) == ["Dead", "Well", "Well", "Well"]
    error = next(each.error for each in side.log() if each.state is State.FAILED)
    assert error.startswith("a fault of Headwater: ValueError in ")
    assert "secret" not in error


def test_a_flood_becomes_a_digest_message_that_says_how_many_more(side: AlertSide) -> None:
    side.rule(side.channel())
    flood(side, 1_000)

    side.send()
    one_by_one = len(side.noted.sent)
    side.later(seconds=GATHER.total_seconds())
    side.send()

    digest = side.noted.sent[-1].message
    assert one_by_one == MAX_MESSAGES - 1
    assert len(side.noted.sent) == MAX_MESSAGES
    assert digest.total == 1_000 - one_by_one
    assert len(digest.listed) == LISTED
    assert digest.sentence == "981 alerts in one message"


def test_after_the_window_there_is_room_again(side: AlertSide) -> None:
    side.rule(side.channel())
    flood(side, MAX_MESSAGES + 5)
    side.send()
    side.later(seconds=GATHER.total_seconds())
    side.send()
    flood(side, 2)

    side.send()
    within = len(side.noted.sent)
    side.later(seconds=WINDOW.total_seconds())
    side.send()

    assert within == MAX_MESSAGES
    assert len(side.noted.sent) == MAX_MESSAGES + 2
    assert states(side).count(State.FOLDED) == 6


def test_the_last_one_that_there_is_room_for_is_itself_when_no_more_come(side: AlertSide) -> None:
    side.rule(side.channel())
    flood(side, MAX_MESSAGES)

    side.send()
    side.later(seconds=GATHER.total_seconds())
    side.send()

    assert [each.message.kind for each in side.noted.sent] == ["new"] * MAX_MESSAGES


def test_a_digest_message_that_fails_is_tried_again_as_it_was(side: AlertSide) -> None:
    side.rule(side.channel())
    flood(side, MAX_MESSAGES + 100)
    side.send()
    side.later(seconds=GATHER.total_seconds())
    side.noted.failures = 1
    side.send()
    flood(side, 3)

    side.later(seconds=BACK_OFF[0].total_seconds())
    side.send()

    assert side.noted.sent[-1].message.total == 101


def test_what_failed_while_a_channel_was_away_comes_as_one_when_it_is_back(side: AlertSide) -> None:
    side.rule(side.channel())
    side.noted.failures = 1
    flood(side, 200)
    side.send()

    for _ in range(3):
        side.later(minutes=1)
        side.send()

    kinds = [each.message.kind for each in side.noted.sent]
    assert len(kinds) == MAX_MESSAGES
    assert kinds.count("digest") == 1


def test_what_gathers_for_a_channel_that_stays_away_becomes_few_messages(side: AlertSide) -> None:
    side.rule(side.channel())
    side.noted.failures = 1_000

    for _ in range(20):
        flood(side, 10)
        side.send()
        side.later(minutes=5)

    waiting = states(side).count(State.WAITING)
    assert waiting < 30
    assert side.noted.sent == []


def test_only_one_process_sends_to_a_channel(side: AlertSide) -> None:
    class AnotherTries:
        def send(self, _delivery: Delivery, channel: Channel, _now: object) -> None:
            another.empty(channel.id, threading.Event())

    another = Sender(side.database, side.noted, lambda: side.now)
    side.rule(side.channel())
    flood(side, 3)

    side.send(AnotherTries())

    assert side.noted.sent == []
    assert states(side) == [State.SENT] * 3


def test_a_process_that_died_holds_a_channel_no_longer_than_its_lease(side: AlertSide) -> None:
    channel = side.channel()
    side.rule(channel)
    flood(side, 1)
    assert side.channels.claim(channel.id, "a process that is dead", side.now)

    side.send()
    before = list(side.noted.sent)
    side.later(seconds=LEASE.total_seconds() + 1)
    side.send()

    assert before == []
    assert len(side.noted.sent) == 1


def test_a_deleted_channel_is_sent_nothing_and_its_log_stays(side: AlertSide) -> None:
    channel = side.channel()
    side.rule(channel)
    flood(side, 1)
    side.send()
    flood(side, 1)

    side.channels.delete(channel.id)
    side.send()

    assert states(side) == [State.SENT]
    assert side.rules.in_force() == []


def test_the_log_is_bounded(side: AlertSide) -> None:
    side.rule(side.channel())
    flood(side, 3)
    side.send()

    side.later(days=91)
    side.look()

    assert side.log() == ()


def test_what_was_written_down_for_a_channel_that_is_gone_does_not_stay(side: AlertSide) -> None:
    channel = side.channel()
    side.rule(channel)
    flood(side, 1)
    with side.database.write() as connection:
        connection.execute(alert_channels.delete())

    side.deliveries.tidy(side.now)

    assert side.log() == ()
