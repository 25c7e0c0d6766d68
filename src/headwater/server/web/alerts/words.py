"""Rules, channels and outcomes in words."""

from typing import Final

from headwater.storage.alerts.channels import ChannelKind
from headwater.storage.alerts.deliveries import State
from headwater.storage.alerts.rules import RuleDraft, RuleKind

KINDS: Final = {
    ChannelKind.EMAIL: "E-mail",
    ChannelKind.WEBHOOK: "Webhook",
    ChannelKind.SERVICE: "Service",
}

STATES: Final = {
    State.WAITING: "Waiting",
    State.SENT: "Sent",
    State.FAILED: "Failed",
    State.FOLDED: "In a digest message",
}


def condition_of(rule: RuleDraft) -> str:
    """What a rule waits for."""
    number, span = f"{rule.threshold:,}", f"{rule.minutes:,} min"
    condition = {
        RuleKind.NEW: "A new issue",
        RuleKind.REGRESSION: "A resolved issue is back",
        RuleKind.UNMUTED: "An issue is no longer muted",
        RuleKind.EVENTS: f"An issue has {number} events or more within {span}",
        RuleKind.USERS: f"An issue has {number} users or more within {span}",
        RuleKind.RATE: f"Less than {number} % of a release's frames are resolved",
        RuleKind.RATE_DROP: f"A release's resolve rate is {number} points or more below that of the one before",
    }[rule.kind]
    parts = [condition]
    if rule.environment:
        parts.append(f"in {rule.environment}")
    if rule.min_level:
        parts.append(f"from level {rule.min_level}")
    return ", ".join(parts)
