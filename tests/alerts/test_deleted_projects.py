"""Of a project that was deleted nobody is told any more."""

import pytest

from headwater.digest.emptying import Emptying
from headwater.storage.alerts.deliveries import Delivery
from headwater.storage.alerts.folded import MAX_TAKEN
from headwater.storage.alerts.rules import RuleKind
from headwater.storage.deleted_projects import DeletedProjects
from headwater.storage.issues.announcements import Reason
from tests.alerts.side import AlertSide


def empty(side: AlertSide) -> None:
    emptying = Emptying(side.database)
    for _ in emptying.begin():
        pass
    for _ in emptying.finish(side.now):
        pass


def delete(side: AlertSide) -> None:
    assert DeletedProjects(side.database).delete(side.project, side.now)


@pytest.mark.parametrize("reason", list(Reason))
def test_what_was_to_be_told_is_not(side: AlertSide, reason: Reason) -> None:
    side.rule(side.channel(), kind=RuleKind(reason.value))
    side.issue(reason)

    delete(side)
    side.look()
    side.send()

    assert side.noted.sent == []
    assert side.log() == ()


def test_what_was_about_to_be_sent_is_not(side: AlertSide) -> None:
    side.rule(side.channel())
    side.issue()
    side.look()
    assert len(side.log()) == 1

    delete(side)
    side.send()

    assert side.noted.sent == []


def test_what_a_process_had_in_its_hands_is_not_sent(side: AlertSide) -> None:
    channel = side.channel()
    side.rule(channel)
    side.issue()
    side.look()
    held = side.deliveries.next_fresh(channel.id, side.now)
    assert isinstance(held, Delivery)

    delete(side)

    assert not side.deliveries.begin(held, side.now)


def test_a_flood_of_it_becomes_no_digest_message_and_others_are_told(side: AlertSide) -> None:
    channel = side.channel()
    side.rule(channel)
    other = side.stored.project()
    side.flood(200)
    side.look()
    own = side.stored.issue(1, other)
    side.announce(own, Reason.NEW)
    side.look()

    delete(side)
    side.deliveries.fold(channel, side.now)
    side.send()

    assert [each.message.total for each in side.noted.sent] == [1]


def test_what_was_folded_before_is_not_sent_and_not_shown(side: AlertSide) -> None:
    channel = side.channel()
    side.rule(channel)
    side.flood(30)
    side.look()
    side.deliveries.fold(channel, side.now)

    delete(side)
    side.send()

    assert side.noted.sent == []
    assert side.log() == ()


def test_a_digest_that_tells_of_others_too_waits_until_it_is_made_anew(side: AlertSide) -> None:
    channel = side.channel()
    side.rule(channel)
    other = side.stored.project()
    own = side.stored.issue(1, other)
    side.announce(own, Reason.NEW)
    side.flood(30)
    side.look()
    side.deliveries.fold(channel, side.now)

    delete(side)
    side.send()
    at_first = list(side.noted.sent)
    empty(side)
    side.send()

    assert at_first == []
    [told] = side.noted.sent
    assert told.message.total == 1
    assert [line.path for line in told.message.listed] == [f"/issues/{own}"]
    assert [each.message.kind for each in side.log()] == ["new", "digest"]


def test_a_digest_that_was_sent_leaves_the_log(side: AlertSide) -> None:
    channel = side.channel()
    side.rule(channel)
    side.flood(MAX_TAKEN + 1)
    side.look()
    side.deliveries.fold(channel, side.now)
    side.send()
    assert len(side.noted.sent) == 1

    delete(side)
    at_first = side.log()
    empty(side)

    assert at_first == side.log() == ()


def test_its_rules_go_and_those_of_all_projects_stay(side: AlertSide) -> None:
    channel = side.channel()
    side.rule(channel, project_id=side.project)
    kept = side.rule(channel)

    delete(side)

    assert [rule.id for rule in side.rules.all()] == [kept]
