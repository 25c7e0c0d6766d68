"""What envelopes may hold; of all this, Headwater keeps events."""

from typing import Final

EVENT: Final = "event"
CLIENT_REPORT: Final = "client_report"

KNOWN: Final = frozenset(
    {
        EVENT,
        CLIENT_REPORT,
        "attachment",
        "check_in",
        "feedback",
        "form_data",
        "log",
        "metric_buckets",
        "nel",
        "otel_log",
        "profile",
        "profile_chunk",
        "raw_security",
        "replay_event",
        "replay_recording",
        "replay_video",
        "security",
        "session",
        "sessions",
        "span",
        "statsd",
        "trace_metric",
        "transaction",
        "unreal_report",
        "user_report",
        "user_report_v2",
    }
)
"""Relay's list of item types."""


def known_name(item_type: str) -> str:
    """The type, or `unknown`: counts are kept by type, and a client must not be able to invent rows."""
    return item_type if item_type in KNOWN else "unknown"
