"""Which rules tell of an issue that is new, back, or no longer muted."""

from datetime import timedelta

import pytest

from headwater.alerts.announced import Announced
from headwater.alerts.ground import Ground
from headwater.storage.alerts.deliveries import State
from headwater.storage.alerts.rules import RuleKind
from headwater.storage.issues.announcements import Reason
from headwater.storage.issues.search import Status
from tests.alerts.side import AlertSide
from tests.stored import NOW


def told(side: AlertSide) -> list[tuple[str, int | None]]:
    return [(each.message.kind, each.issue_id) for each in side.log()]


def test_without_a_rule_nothing_is_told_and_nothing_later_either(side: AlertSide) -> None:
    side.issue()

    side.look()
    side.rule(side.channel())
    side.look()

    assert side.log() == ()
    assert side.announcements.due(NOW) == []


@pytest.mark.parametrize("reason", list(Reason))
def test_each_reason_is_told_by_the_rule_for_it(side: AlertSide, reason: Reason) -> None:
    channel = side.channel()
    for kind in (RuleKind.NEW, RuleKind.REGRESSION, RuleKind.UNMUTED):
        side.rule(channel, kind=kind)
    issue = side.issue(reason)

    side.look()

    assert told(side) == [(reason.value, issue)]
    assert [rule.kind.value for rule in side.rules.all() if rule.last_fired_at] == [reason.value]


def test_a_message_has_what_broke_where_and_its_circumstances(side: AlertSide) -> None:
    side.rule(side.channel(), name="Night shift")
    issue = side.issue(
        title="Error: Invoice not found", culprit="getInvoice · src/invoices.ts:84", count=3
    )

    side.look()

    message = side.log()[0].message
    assert message.title == "Error: Invoice not found"
    assert message.culprit == "getInvoice · src/invoices.ts:84"
    assert (message.project, message.project_slug) == ("Shop", "shop")
    assert (message.release, message.environment, message.level) == ("1", "production", "error")
    assert (message.count, message.path, message.rule) == (3, f"/issues/{issue}", "Night shift")


def test_what_waits_for_its_map_is_told_when_it_is_due(side: AlertSide) -> None:
    side.rule(side.channel())
    issue = side.issue(None)
    with side.database.write() as connection:
        due = {issue: NOW + timedelta(minutes=2)}
        side.announcements.add(connection, Reason.NEW, due, NOW)

    side.look()
    before = side.log()
    side.later(minutes=2)
    side.look()

    assert before == ()
    assert told(side) == [("new", issue)]


def test_a_rule_is_about_its_project_its_level_and_its_environment(side: AlertSide) -> None:
    channel = side.channel()
    other = side.stored.project()
    side.rule(channel, project_id=other, name="other")
    side.rule(channel, min_level="fatal", name="fatal")
    side.rule(channel, environment="staging", name="staging")
    side.rule(channel, is_on=False, name="off")
    side.issue()

    side.look()
    before = side.log()
    side.rule(channel, project_id=side.project, min_level="error", environment="production")
    issue = side.issue()
    side.look()

    assert before == ()
    assert told(side) == [("new", issue)]


def test_two_rules_tell_one_channel_once(side: AlertSide) -> None:
    channel, another = side.channel(), side.channel(name="Another")
    side.rule(channel)
    side.rule(channel, another, project_id=side.project)
    side.issue()

    side.look()

    assert sorted(each.channel_name for each in side.log()) == ["Another", "Channel"]


def test_the_same_issue_is_told_of_again_when_it_is_back_again(side: AlertSide) -> None:
    side.rule(side.channel(), kind=RuleKind.REGRESSION)
    issue = side.issue(Reason.REGRESSION)
    side.look()

    side.later(hours=1)
    side.announce(issue, Reason.REGRESSION)
    side.look()

    assert told(side) == [("regression", issue)] * 2


def test_a_muted_issue_is_not_told_of(side: AlertSide) -> None:
    side.rule(side.channel())
    side.issue(status=Status.IGNORED.value)

    side.look()

    assert side.log() == ()


def test_what_is_written_down_waits_until_it_is_sent(side: AlertSide) -> None:
    side.rule(side.channel())
    side.issue()

    side.look()
    before = [each.state for each in side.log()]
    side.send()

    assert before == [State.WAITING]
    assert [each.state for each in side.log()] == [State.SENT]
    assert [each.message.kind for each in side.noted.sent] == ["new"]


def test_of_two_processes_that_look_at_once_the_first_tells_and_the_other_nothing(
    side: AlertSide,
) -> None:
    side.rule(side.channel())
    issue = side.issue()
    one, two = Announced(side.database), Announced(side.database)
    due = one.due(side.now), two.due(side.now)

    one.tell(Ground.of(side.database), due[0], side.now)
    side.rule(side.channel(name="Another"), name="Made since")
    two.tell(Ground.of(side.database), due[1], side.now)

    assert due[0] == due[1] != []
    assert told(side) == [("new", issue)]
