"""Secrets out of an event, wherever the user's own data may be."""

from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import Any, Final

import msgspec

from headwater.digest.glance import Glance
from headwater.digest.scrubbing_walk import Walk
from headwater.digest.secret_texts import cleaners
from headwater.digest.sensitive_names import SensitiveNames
from headwater.protocol.event import Json
from headwater.protocol.event_parts import open_part
from headwater.protocol.json_value import as_object, as_values

MAX_SCRUBBERS: Final = 200
"""Projects' choices whose scrubber is kept, with the names that it has judged."""

_TEXTS: Final = frozenset(
    [
        "event_id",
        "timestamp",
        "received",
        "start_timestamp",
        "platform",
        "level",
        "logger",
        "server_name",
        "release",
        "dist",
        "environment",
        "transaction",
        "culprit",
        "type",
    ]
)
"""Fields of an event that hold no data of the user's, unless they aren't what they should be."""

_UNTOUCHED: Final = _TEXTS | {
    "fingerprint",
    "sdk",
    "debug_meta",
    "modules",
    "_meta",
    "errors",
    "exception",
    "threads",
    "stacktrace",
    "message",
}
"""Those, what SDKs and servers alone write, and the fields that are gone into."""


class Scrubber:
    """Scrubs the events of projects that made the same choices."""

    def __init__(self, sensitive_fields: tuple[str, ...], *, usual: bool) -> None:
        self._names = SensitiveNames(sensitive_fields, usual=usual)
        self.glance = Glance(self._names)

    def scrub(self, event: dict[str, Any]) -> bool:
        """Change the event in place; whether there was anything to change."""
        suspects = self._suspects(event)
        if not suspects:
            return False
        first = Walk(self._names)
        for suspect in suspects:
            suspect(first)
        looks_for = cleaners(self._names, "\n".join(first.texts), usual=self._names.has_usual)
        if not looks_for:
            return first.has_changed
        second = Walk(self._names, looks_for)
        for suspect in suspects:
            suspect(second)
        return first.has_changed or second.has_changed

    def may_be_in(self, exceptions: Json) -> bool:
        """Whether there can be a secret in an event's exceptions, which are decoded."""
        event = {"exception": exceptions}
        parts = [part for part in _parts(event) if part is not None]
        texts = [text for part, field in _texts(event) if (text := part.get(field))]
        return self.glance.may_hold_secrets(msgspec.json.encode([parts, texts]))

    def _suspects(self, event: dict[str, Any]) -> list[Callable[[Walk], None]]:
        """Where a secret may be, as far as one can see from outside."""
        may_hold_secrets = self.glance.may_hold_secrets
        # With their names, which may be telling.
        fields = {name: event[name] for name in event.keys() - _UNTOUCHED}
        inner = [part for part in _parts(event) if part is not None]
        inner += [text for part, field in _texts(event) if (text := part.get(field))]
        inner += [event[name] for name in event.keys() & _TEXTS]
        if not may_hold_secrets(msgspec.json.encode([fields, inner])):
            return []
        found: list[Callable[[Walk], None]] = []
        for name, value in fields.items():
            if may_hold_secrets(msgspec.json.encode({name: value})):
                open_part(event, name)
                found.append(partial(_walk_field, event, name))
        if may_hold_secrets(msgspec.json.encode(inner)):
            found.append(partial(_walk_inner, event))
        return found


def _walk_field(event: dict[str, Any], name: str, walk: Walk) -> None:
    walk.scrub_field(event, name, event[name])


def _walk_inner(event: dict[str, Any], walk: Walk) -> None:
    for name in event.keys() & _TEXTS:
        walk.scrub_any(event[name])
    for part in _parts(event):
        walk.scrub_any(part)
    for part, field in _texts(event):
        walk.scrub_text(part, field)


@lru_cache(MAX_SCRUBBERS)
def scrubber(scrubs_secrets: bool, sensitive_fields: tuple[str, ...]) -> Scrubber | None:  # noqa: FBT001
    """None where nothing is to be scrubbed."""
    if not scrubs_secrets and not sensitive_fields:
        return None
    return Scrubber(sensitive_fields, usual=scrubs_secrets)


def _parts(event: dict[str, Any]) -> Iterator[Json]:
    """What may hold anything under any name, within the fields that are not walked as a whole."""
    for interface in ("exception", "threads"):
        value = event.get(interface)
        if type(value) is dict and "values" in value and type(value["values"]) is not list:
            yield value["values"]
        for _, item in as_values(value):
            if type(item) is not dict:
                yield item
                continue
            yield as_object(item.get("mechanism")).get("data")
            yield from _variables(item.get("stacktrace"))
            yield from _variables(item.get("raw_stacktrace"))
    yield from _variables(event.get("stacktrace"))
    yield event.get("message")
    fingerprint = event.get("fingerprint")
    yield from fingerprint if type(fingerprint) is list else [fingerprint]


def _variables(stacktrace: Json) -> Iterator[Json]:
    if type(stacktrace) is not dict:
        yield stacktrace
        return
    frames = stacktrace.get("frames")
    if type(frames) is not list:
        yield frames
        return
    for frame in frames:
        if type(frame) is not dict:
            yield frame
        elif found := frame.get("vars"):
            yield found


def _texts(event: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Objects and the field in each that is prose."""
    for _, item in as_values(event.get("exception")):
        if type(item) is dict:
            yield item, "value"
    yield event, "message"
