"""What happens to an envelope, in order. Each line is a step in another file."""

from collections.abc import Callable
from typing import TypeAlias

from headwater.digest.choices import KnownChoices
from headwater.digest.digested import Digested, Part
from headwater.digest.known_exceptions import KnownExceptions
from headwater.digest.normalize import Arrival, normalize
from headwater.digest.told import TellingOnce, Told, told
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
        self._known = KnownExceptions()
        self._telling = TellingOnce()

    def digest(self, queued: QueuedEnvelope) -> tuple[Part, ...]:
        """Everything that is to be known of an envelope's events before they are saved.

        Raises ResolverUnavailable, ProjectGone, DatabaseError; MalformedEnvelope, though the door lets none pass.
        """
        choices = self._choices.of(queued.project_id)
        return tuple(
            self._digest(queued.project_id, choices, arrival)
            if isinstance(arrival, Arrival)
            else arrival
            for arrival in normalize(queued, choices, self._known)
        )

    def again(self, project_id: int, event: Event, payload: bytes) -> Digested:
        """A stored event as it would be digested now. Raises as `digest`, and ProjectGone."""
        return self._digest(project_id, self._choices.of(project_id), Arrival(event, payload))

    def told(
        self, project_id: int, event: Event, payload: bytes, resolution: Resolution
    ) -> Digested:
        """What a stored event's resolution tells. Raises ProjectGone, DatabaseError."""
        choices = self._choices.of(project_id)
        return self._digested(Arrival(event, payload), resolution, told(event, resolution, choices))

    def _digest(self, project_id: int, choices: Choices, arrival: Arrival) -> Digested:
        resolution = self._resolve(project_id, arrival.event)
        told_once = self._telling.of(project_id, arrival.event, resolution, choices)
        return self._digested(arrival, resolution, told_once)

    def _digested(self, arrival: Arrival, resolution: Resolution, told: Told) -> Digested:
        return Digested(
            event=arrival.event,
            payload=arrival.payload,
            resolution=resolution,
            hashes=told.hashes,
            title=told.title,
            culprit=told.culprit,
            seen=self._seen(),
        )
