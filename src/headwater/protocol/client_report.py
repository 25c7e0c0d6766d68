"""What an SDK says that it threw away before it came here."""

from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from headwater.protocol.json_text import MalformedJson, decode_json
from headwater.protocol.json_value import as_list, as_number, as_object, as_text

MAX_REPORT: Final = 32 * 1024
"""Bytes of one report: MAX_ENTRIES of 80 bytes are 8 KB. A longer one is not read at all."""

MAX_ENTRIES: Final = 100
"""Entries of one report that are read; there are fewer pairs of reason and category than this."""

MAX_QUANTITY: Final = 1_000_000
"""The most that is believed of one entry: a report covers a minute of one process."""

_REASONS: Final = frozenset(
    {
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
    }
)
_CATEGORIES: Final = frozenset(
    {
        "attachment",
        "default",
        "error",
        "feedback",
        "internal",
        "log_byte",
        "log_item",
        "metric_bucket",
        "monitor",
        "profile",
        "profile_chunk",
        "replay",
        "security",
        "session",
        "span",
        "trace_metric",
        "transaction",
    }
)


class Discarded(Struct, frozen=True):
    """So many things of a category were thrown away for a reason, both from closed lists."""

    reason: str
    category: str
    quantity: int


def parse_client_report(payload: bytes) -> tuple[Discarded, ...]:
    """Read `{"discarded_events": [{"reason", "category", "quantity"}]}`; what isn't that is nothing.

    At most MAX_REPORT bytes are read; it is for the caller to say that a longer one was not.
    """
    if len(payload) > MAX_REPORT:
        return ()
    try:
        report = as_object(decode_json(payload))
    except MalformedJson:
        return ()
    return tuple(_entries(as_list(report.get("discarded_events"))[:MAX_ENTRIES]))


def _entries(raw: list[Any]) -> Iterator[Discarded]:
    for entry in raw:
        fields = as_object(entry)
        quantity = min(as_number(fields.get("quantity")) or 0, MAX_QUANTITY)
        reason, category = as_text(fields.get("reason")), as_text(fields.get("category"))
        if quantity and reason and category:
            yield Discarded(
                reason if reason in _REASONS else "other",
                category if category in _CATEGORIES else "other",
                quantity,
            )
