"""Which issue an event belongs to: two hashes, one for as it came and one for as it was resolved.

Why two, and how they are looked up: docs/decisions/0003-two-hashes.md.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from headwater.grouping.frames import Component, Quality, Resolved, by_path, components
from headwater.grouping.message import parameterize
from headwater.grouping.versions import CURRENT
from headwater.protocol.event import Event, ExceptionValue
from headwater.symbolicate.resolution import Resolution

_VARIABLE: Final = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")

_LOST_CHUNKS: Final = re.compile(
    r"Loading (?:CSS )?chunk \S+ failed|Failed to (?:fetch|load) dynamically imported module"
    r"|Importing a module script failed|error loading dynamically imported module"
    r"|Unable to preload CSS|Failed to load chunk",
    re.IGNORECASE,
)
"""A page from before a deploy asks for files that are gone: one cause, whichever chunk it was."""


@dataclass(frozen=True, slots=True)
class Hashes:
    """32 hexadecimal digits each.

    `is_final` unless `final` rests on minified frames alone, and so is as good a guess as
    `provisional`.
    """

    provisional: str
    final: str
    is_final: bool


@dataclass(frozen=True, slots=True)
class _Part:
    words: tuple[str, ...]
    quality: Quality = Quality.AS_WRITTEN


def hashes(event: Event, resolution: Resolution) -> Hashes:
    """Both hashes of an event."""
    parts = _parts(event, by_path(resolution))
    qualities = {part.quality for part in parts}
    return Hashes(
        provisional=_digest(_parts(event, {})),
        final=_digest(parts),
        is_final=Quality.RESOLVED in qualities or Quality.MINIFIED not in qualities,
    )


def fingerprint(event: Event, resolution: Resolution | None) -> str:
    """The final hash, or the provisional one if there is no resolution."""
    return _digest(_parts(event, by_path(resolution)))


def _parts(event: Event, resolved: Resolved) -> list[_Part]:
    if not event.fingerprint:
        return list(_by_default(event, resolved))
    parts: list[_Part] = []
    for text in event.fingerprint:
        variable = _VARIABLE.fullmatch(text.strip())
        if variable and variable[1] == "default":
            parts += _by_default(event, resolved)
        else:
            value = _variables(event).get(variable[1]) if variable else None
            parts.append(_Part(("given", text if value is None else value)))
    return parts


def _variables(event: Event) -> dict[str, str]:
    """What Sentry's `{{ … }}` may name; anything else counts as it is written."""
    thrown = event.exceptions[-1] if event.exceptions else ExceptionValue()
    values = {
        "error.type": thrown.type,
        "type": thrown.type,
        "error.value": thrown.value,
        "value": thrown.value,
        "level": event.level,
        "logger": event.logger,
        "message": event.message or thrown.value,
        "transaction": event.transaction,
        **{f"tags.{name}": value for name, value in event.tags},
    }
    return {name: value or "" for name, value in values.items()}


def _by_default(event: Event, resolved: Resolved) -> Iterator[_Part]:
    if event.exceptions:
        yield from _of_exceptions(event, resolved)
    elif event.message:
        yield _Part(("message", parameterize(event.template or event.message)))
    else:
        traces = [trace for trace in (event.stacktrace, *event.threads[:1]) if trace]
        found = components(event, traces[0], resolved) if traces else ()
        yield from _of_frames(found)
        if not found:
            yield _Part(("empty", event.logger or "", event.transaction or ""))


def _of_exceptions(event: Event, resolved: Resolved) -> Iterator[_Part]:
    # Retries and aggregates hold the same exception many times; how many varies.
    seen: set[tuple[tuple[str, ...], ...]] = set()
    for exception in event.exceptions:
        parts = list(_of_exception(event, exception, resolved))
        words = tuple(part.words for part in parts)
        if words not in seen:
            seen.add(words)
            yield from parts


def _of_exception(event: Event, exception: ExceptionValue, resolved: Resolved) -> Iterator[_Part]:
    message = parameterize(exception.value or "")
    if exception.type == "ChunkLoadError" or _LOST_CHUNKS.search((exception.value or "")[:500]):
        yield _Part(("lost chunk",))
        return
    if exception.synthetic and not exception.type:  # captureMessage of the newest JavaScript SDKs
        yield _Part(("message", message))
        return
    yield _Part(("type", exception.type or ""))
    trace = exception.stacktrace
    found = components(event, trace, resolved) if trace else ()
    yield from _of_frames(found)
    if exception.synthetic or not any(component.is_telling for component in found):
        # Without one frame that has a name, the message is the better witness.
        yield _Part(("value", message))


def _of_frames(found: tuple[Component, ...]) -> Iterator[_Part]:
    for component in found:
        yield _Part(("frame", *component.parts), component.quality)


def _digest(parts: list[_Part]) -> str:
    # Not for secrecy; 128 bits of BLAKE2 are far beyond accidental collision.
    digest = hashlib.blake2b(CURRENT.encode(), digest_size=16)
    for part in parts:
        for word in part.words:
            encoded = word.encode("utf-8", "replace")
            digest.update(b"\x00%d:" % len(encoded) + encoded)
        digest.update(b"\x01")
    return digest.hexdigest()
