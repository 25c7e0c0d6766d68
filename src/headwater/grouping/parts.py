"""What of an event goes into its hashes, where the SDK's own fingerprint does not say."""

from typing import Final

from headwater.grouping.in_app import JAVASCRIPT
from headwater.grouping.known_errors import is_overflow, known_error
from headwater.grouping.message import parameterize
from headwater.grouping.minified import LONGEST_MINIFIED
from headwater.grouping.names.jvm import jvm_name
from headwater.grouping.telling import Level
from headwater.grouping.traces import Traces
from headwater.grouping.wordings import told_as_one
from headwater.grouping.words import encoded
from headwater.protocol.component_stack import is_component_stack
from headwater.protocol.event import Event, ExceptionValue
from headwater.symbolicate.exceptions import original_type

MAX_TYPE: Final = 500
"""Characters of an exception's type that count; types are names."""

ByLevel = tuple[bytes, bytes, bytes]
"""Something as it goes into the hash of each Level."""


def default_parts(event: Event, traces: Traces) -> ByLevel:
    """Exceptions by type and frames, else the message, else what stack trace there is."""
    if event.exceptions:
        return _of_exceptions(event, traces)
    if event.message:
        known = _known(event, None, event.message)
        return _same(*known or ("message", _wording(event.template or event.message, traces)))
    found = [trace for trace in (event.stacktrace, *event.threads[:1]) if trace]
    if found:
        came, bare, full = traces.telling(found[0]).at
        if came.text:
            return came.text, bare.text, full.text
    return _same("empty", event.logger or "", event.transaction or "")


def _of_exceptions(event: Event, traces: Traces) -> ByLevel:
    # Where a component was rendered is no cause: the same error comes of many pages.
    causes = [each for each in event.exceptions if not is_component_stack(each.type)]
    parts = [_of_exception(event, each, traces) for each in causes or event.exceptions]
    if len(parts) == 1:
        return parts[0]
    # Retries and aggregates hold the same exception many times; how many varies.
    came, bare, full = (
        b"".join(dict.fromkeys(part[level] for part in parts)) for level in range(len(Level))
    )
    return came, bare, full


def _of_exception(event: Event, exception: ExceptionValue, traces: Traces) -> ByLevel:
    message = exception.value or ""
    known = _known(event, exception.type, message)
    if known:
        return _same(*known)
    if exception.synthetic and not exception.type:  # captureMessage of the newest JavaScript SDKs
        return _same("message", _wording(message, traces))
    heads = _types(event, exception, traces)
    if exception.stacktrace is None:
        return (heads[0] + encoded("value", _wording(message, traces)),) * 3
    is_full = is_overflow(exception.type, message)
    told = traces.telling(exception.stacktrace, is_overflow=is_full).at
    value = b""
    if exception.synthetic or not all(each.is_telling for each in told):
        # Without one frame that has a name, the message is the better witness.
        value = encoded("value", _wording(message, traces))
    came, bare, full = (
        head + each.text + (b"" if each.is_telling and not exception.synthetic else value)
        for head, each in zip(heads, told, strict=True)
    )
    return came, bare, full


def _types(event: Event, exception: ExceptionValue, traces: Traces) -> ByLevel:
    kind = encoded("type", _type(event, exception))
    if traces.version.counts_minified_types or exception.stacktrace is None:
        return kind, kind, kind
    # That it is a minifier's is only known by the text of the source.
    is_minified = original_type(exception.type, traces.resolved(exception.stacktrace)) is not None
    return kind, kind, encoded("type", "") if is_minified else kind


def _known(event: Event, kind: str | None, message: str) -> tuple[str, ...] | None:
    # These are browsers', bundlers' and frameworks' words; elsewhere they mean something else.
    return known_error(kind, message) if event.platform in JAVASCRIPT else None


def _wording(message: str, traces: Traces) -> str:
    return told_as_one(parameterize(message), joins_engines=traces.version.joins_engines)


def _same(*words: str) -> ByLevel:
    text = encoded(*words)
    return text, text, text


def _type(event: Event, exception: ExceptionValue) -> str:
    name = (exception.type or "")[:MAX_TYPE]
    if event.platform in JAVASCRIPT and len(name) <= LONGEST_MINIFIED:
        return ""  # a minifier's, and another one in the next build
    return jvm_name(name) if event.platform == "java" else name
