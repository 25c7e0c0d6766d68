"""What happens to an envelope, in order. Each line is a step in another file."""

from collections.abc import Callable
from typing import TypeAlias

from headwater.digest.choices import KnownChoices
from headwater.digest.digested import Digested, Part
from headwater.digest.normalize import Arrival, normalize
from headwater.grouping.fingerprint import hashes
from headwater.grouping.title import culprit, title
from headwater.grouping.versions import CURRENT, version_named
from headwater.protocol.event import Event
from headwater.storage.projects import Choices
from headwater.storage.queue.queue import QueuedEnvelope
from headwater.symbolicate.resolution import Resolution

Resolve: TypeAlias = Callable[[int, Event], Resolution]
"""Symbolicates an event of a project; raises ResolverUnavailable."""


class Pipeline:
    """`resolve` symbolicates; `choices` knows what projects decide.

    `refresh` is called when envelopes were claimed: whatever was uploaded before they came counts.
    `seen` says how many changes to what is uploaded that were.
    """

    def __init__(
        self,
        resolve: Resolve,
        choices: KnownChoices,
        refresh: Callable[[], None] = lambda: None,
        seen: Callable[[], int] = lambda: 0,
    ) -> None:
        self._resolve = resolve
        self._choices = choices
        self.refresh = refresh
        self._seen = seen

    def digest(self, queued: QueuedEnvelope) -> tuple[Part, ...]:
        """Everything that is to be known of an envelope's events before they are saved.

        Raises ResolverUnavailable, DatabaseError; MalformedEnvelope, though the door lets none pass.
        """
        choices = self._choices.of(queued.project_id)
        return tuple(
            self._digest(queued.project_id, choices, arrival)
            if isinstance(arrival, Arrival)
            else arrival
            for arrival in normalize(queued, choices)
        )

    def again(self, project_id: int, event: Event, payload: bytes) -> Digested:
        """A stored event as it would be digested now. Raises as `digest`, and ProjectGone."""
        return self._digest(project_id, self._choices.of(project_id), Arrival(event, payload))

    def told(
        self, project_id: int, event: Event, payload: bytes, resolution: Resolution
    ) -> Digested:
        """What a stored event's resolution tells. Raises ProjectGone, DatabaseError."""
        return self._told(self._choices.of(project_id), Arrival(event, payload), resolution)

    def _digest(self, project_id: int, choices: Choices, arrival: Arrival) -> Digested:
        return self._told(choices, arrival, self._resolve(project_id, arrival.event))

    def _told(self, choices: Choices, arrival: Arrival, resolution: Resolution) -> Digested:
        event = arrival.event
        return Digested(
            event=event,
            payload=arrival.payload,
            resolution=resolution,
            hashes=hashes(
                event,
                resolution,
                version_named(choices.grouping) or CURRENT,
                version_named(choices.earlier_grouping),
            ),
            title=title(event, resolution),
            culprit=culprit(event, resolution),
            seen=self._seen(),
        )
