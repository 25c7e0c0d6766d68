"""What envelopes may hold; of all this, Headwater keeps events and what users say about them."""

from typing import Final

EVENT: Final = "event"
CLIENT_REPORT: Final = "client_report"
RAW_SECURITY: Final = "raw_security"
USER_REPORT: Final = "user_report"
FEEDBACK: Final = frozenset({"feedback", "user_report_v2"})
"""Two names of one thing."""

SAID_BY_USERS: Final = FEEDBACK | {USER_REPORT}
KEPT: Final = SAID_BY_USERS | {EVENT}
"""What goes on the queue."""

KNOWN: Final = frozenset(
    {
        EVENT,
        CLIENT_REPORT,
        RAW_SECURITY,
        *SAID_BY_USERS,
        "attachment",
        "check_in",
        "form_data",
        "log",
        "metric_buckets",
        "nel",
        "otel_log",
        "profile",
        "profile_chunk",
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
    }
)
"""Relay's list of item types."""


def known_name(item_type: str) -> str:
    """The type, or `unknown`: counts are kept by type, and a client must not be able to invent rows."""
    return item_type if item_type in KNOWN else "unknown"
