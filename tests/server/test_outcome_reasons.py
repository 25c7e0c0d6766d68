"""Every reason that is counted is explained."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from headwater import server
from headwater.protocol.client_report import parse_client_report
from headwater.protocol.item_type import KNOWN
from headwater.server.outcome_reasons import explanation, is_explained

MAKERS = ("EventRefused", "overloaded")
SOURCE = Path(server.__file__).parents[1]


def _refusals() -> Iterator[str]:
    """The reasons of `EventRefused(status, reason, …)` and `overloaded(sentence, reason)`."""
    for path in (SOURCE / "server").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in MAKERS:
                yield from (str(a.value) for a in node.args[1:2] if isinstance(a, ast.Constant))


@pytest.mark.parametrize("reason", sorted(set(_refusals())))
def test_what_the_door_refuses_is_explained_with_what_to_do(reason: str) -> None:
    assert explanation(reason).meaning.endswith(".")
    assert explanation(reason).remedy.endswith(".")


@pytest.mark.parametrize(
    "reason",
    [
        "accepted",
        "duplicate",
        "dead_letter",
        "malformed_event",
        "overloaded",
        "rate_limited:project",
        "rate_limited:instance",
        "unknown_path",
        "csp:extension",
        "malformed_report",
        "malformed_user_report",
        "not_kept:security",
        "too_many_reports",
        "too_many_user_reports",
    ],
)
def test_what_else_is_counted_is_explained(reason: str) -> None:
    assert is_explained(reason)


def test_what_is_not_kept_is_explained_whatever_it_is() -> None:
    assert all(is_explained(f"not_kept:{name}") for name in (*KNOWN, "unknown"))


def test_what_sdks_report_is_explained() -> None:
    # Relay's list; what is not on ours is counted as `other`.
    reported = [
        "backpressure",
        "before_send",
        "buffer_overflow",
        "cache_overflow",
        "event_processor",
        "ignored",
        "insufficient_data",
        "internal_sdk_error",
        "invalid",
        "network_error",
        "no_parent_span",
        "queue_overflow",
        "ratelimit_backoff",
        "sample_rate",
        "send_error",
        "anything_else",
    ]
    lines = [f'{{"reason":"{it}","category":"error","quantity":1}}' for it in reported]
    report = f'{{"discarded_events":[{",".join(lines)}]}}'.encode()

    counted = [f"client:{each.reason}" for each in parse_client_report(report)]

    assert len(set(counted)) == len(reported)
    assert all(is_explained(reason) for reason in counted)
