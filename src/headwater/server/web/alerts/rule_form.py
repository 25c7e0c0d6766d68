"""From a rule to a form and back."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from headwater.server.numbers import number_in
from headwater.server.web.alerts.words import condition_of
from headwater.server.web.form import Form
from headwater.storage.alerts.channels import Channel
from headwater.storage.alerts.rules import RuleDraft, RuleKind

DEFAULTS: Final = {
    "kind": RuleKind.NEW.value,
    "is_on": "on",
    "events_threshold": "100",
    "events_minutes": "5",
    "users_threshold": "20",
    "users_minutes": "60",
    "rate_threshold": "80",
    "rate_drop_threshold": "20",
}
"""What a new rule's form has in it."""


def empty_form(channels: Sequence[Channel]) -> Form:
    """Of a new rule; where there is one channel, it is meant."""
    chosen = {f"channel-{channels[0].id}": "on"} if len(channels) == 1 else {}
    return DEFAULTS | chosen


def filled_form(rule: RuleDraft) -> Form:
    """As the rule is."""
    own = {f"{rule.kind}_threshold": str(rule.threshold), f"{rule.kind}_minutes": str(rule.minutes)}
    is_on = {"is_on": "on"} if rule.is_on else {}
    rest = {name: text for name, text in DEFAULTS.items() if name != "is_on"}
    return {
        **rest,
        **(own if rule.threshold else {}),
        **is_on,
        "name": rule.name,
        "kind": rule.kind.value,
        "environment": rule.environment,
        "min_level": rule.min_level,
        **{f"channel-{each}": "on" for each in rule.channel_ids},
    }


def draft_of(form: Form, project_id: int | None, channels: Sequence[Channel]) -> RuleDraft:
    """What was filled in; whether it will do, `storage.alerts.rules.checked` says."""
    kind = RuleKind(form["kind"]) if form.get("kind") in list(RuleKind) else RuleKind.NEW
    draft = RuleDraft(
        name="",
        kind=kind,
        project_id=project_id,
        threshold=number_in(form.get(f"{kind}_threshold", "")),
        minutes=number_in(form.get(f"{kind}_minutes", "")),
        environment="" if kind.is_of_release else " ".join(form.get("environment", "").split()),
        min_level="" if kind.is_of_release else form.get("min_level", ""),
        is_on=form.get("is_on") == "on",
        channel_ids=tuple(c.id for c in channels if form.get(f"channel-{c.id}") == "on"),
    )
    name = " ".join(form.get("name", "").split()) or condition_of(draft)
    return replace(draft, name=name)
