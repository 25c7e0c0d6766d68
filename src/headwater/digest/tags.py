"""What events are counted by at their issue: the SDK's tags, and what the event itself says."""

from collections.abc import Iterator

from headwater.protocol.event import Event
from headwater.storage.issues.tag_counts import MAX_KEY, MAX_VALUE


def tags_of(event: Event) -> Iterator[tuple[str, str]]:
    """(Name, value), each name once; what the event says wins over a tag that is called the same."""
    said = {
        "level": event.level,
        "release": event.release,
        "environment": event.environment,
        "transaction": event.transaction,
        "user": event.user,
    } | event.client._asdict()
    every = dict(event.tags) | {name: value for name, value in said.items() if value}
    for name, value in every.items():
        if name and value:
            yield name[:MAX_KEY], value[:MAX_VALUE]
