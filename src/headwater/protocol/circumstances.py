"""What an event says of the circumstances, besides its stack traces: for reading, not for deciding."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias

from msgspec import Struct

from headwater.protocol.event import Json
from headwater.protocol.json_text import MalformedJson, decode_json
from headwater.protocol.json_value import as_list, as_object, as_text, as_values
from headwater.protocol.timestamp import parse_timestamp

MAX_VALUE: Final = 4_000
"""Characters of one value; a longer one is cut, and says so."""

MAX_NAME: Final = 200
"""Characters of a field's name."""

MAX_FIELDS: Final = 100
"""Fields of one table; SDKs send a few dozen at most."""

MAX_SECTIONS: Final = 40
"""Contexts of one event; SDKs send about ten."""

MAX_BREADCRUMBS: Final = 100
"""The latest ones; also the SDKs' own limit."""


class Field(Struct, frozen=True):
    """One line of a table. A value that is a list or an object is its JSON."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Section:
    """A titled table. `omitted` counts the fields beyond the limit."""

    title: str
    fields: tuple[Field, ...]
    omitted: int = 0


class Breadcrumb(Struct, frozen=True):
    """One step on the way to the event."""

    timestamp: datetime | None
    category: str
    level: str
    message: str
    data: tuple[Field, ...]


Variables: TypeAlias = Mapping[tuple[str | int, ...], Mapping[int, Section]]
"""The local variables of frames that have some, by their stack trace's path in the event's JSON and
by their place in its list of frames."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Everything that tells how the user got there, in the order to read it."""

    breadcrumbs: tuple[Breadcrumb, ...] = ()
    breadcrumbs_omitted: int = 0
    tags: Section = Section("Tags", ())
    request: Section = Section("Request", ())
    user: Section = Section("User", ())
    contexts: tuple[Section, ...] = ()
    extra: Section = Section("Additional data", ())
    sdk: Section = Section("SDK", ())
    variables: Variables = field(default_factory=dict)


def parse_circumstances(payload: bytes) -> Circumstances:
    """Read an event's JSON; what is of an unexpected type is left out. Never raises."""
    try:
        raw = as_object(decode_json(payload))
    except MalformedJson:
        return Circumstances()
    crumbs = [item for _, item in as_values(raw.get("breadcrumbs")) if isinstance(item, dict)]
    contexts = [
        _section(str(name), value)
        for name, value in list(as_object(raw.get("contexts")).items())[:MAX_SECTIONS]
        if isinstance(value, dict)
    ]
    return Circumstances(
        breadcrumbs=tuple(_breadcrumb(crumb) for crumb in crumbs[-MAX_BREADCRUMBS:]),
        breadcrumbs_omitted=max(0, len(crumbs) - MAX_BREADCRUMBS),
        tags=_section("Tags", raw.get("tags")),
        request=_request(as_object(raw.get("request"))),
        user=_section("User", raw.get("user")),
        contexts=tuple(section for section in contexts if section.fields),
        extra=_section("Additional data", raw.get("extra")),
        sdk=_sdk(as_object(raw.get("sdk"))),
        variables={path: found for path, trace in _traces(raw) if (found := _variables(trace))},
    )


def _traces(raw: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], Json]]:
    for interface in ("exception", "threads"):
        for path, item in as_values(raw.get(interface)):
            yield (interface, *path, "stacktrace"), as_object(item).get("stacktrace")
    yield ("stacktrace",), raw.get("stacktrace")


def _variables(stacktrace: Json) -> dict[int, Section]:
    frames = as_list(as_object(stacktrace).get("frames"))
    tables = (
        (index, _section("Local variables", as_object(frame).get("vars"), leave_out=()))
        for index, frame in enumerate(frames)
    )
    return {index: table for index, table in tables if table.fields}


def _pairs(value: Json) -> list[tuple[Any, Any]]:
    """An object's fields, or a list of pairs as Sentry writes headers and tags."""
    if isinstance(value, dict):
        return list(value.items())
    pairs = []
    for item in as_list(value):
        if isinstance(item, dict):
            item = (item.get("key"), item.get("value"))  # noqa: PLW2901
        if isinstance(item, list | tuple) and len(item) == 2:  # noqa: PLR2004
            pairs.append((item[0], item[1]))
    return pairs


def _section(title: str, value: Json, leave_out: Iterable[str] = ("type",)) -> Section:
    skipped = set(leave_out)
    pairs = [(as_text(name), value) for name, value in _pairs(value) if value not in (None, "")]
    said = [(name, value) for name, value in pairs if name is not None and name not in skipped]
    return Section(
        title[:MAX_NAME],
        tuple(Field(name[:MAX_NAME], _text(value)) for name, value in said[:MAX_FIELDS]),
        max(0, len(said) - MAX_FIELDS),
    )


def _request(raw: Mapping[str, Any]) -> Section:
    places = ("method", "url", "query_string", "data", "fragment", "api_target")
    fields = [Field(name, _text(raw[name])) for name in places if raw.get(name) not in (None, "")]
    for place in ("headers", "cookies", "env"):
        section = _section(place, raw.get(place), leave_out=())
        fields += [
            Field(f"{place}: {field.name}"[:MAX_NAME], field.value) for field in section.fields
        ]
    return Section("Request", tuple(fields[:MAX_FIELDS]), max(0, len(fields) - MAX_FIELDS))


def _sdk(raw: Mapping[str, Any]) -> Section:
    packages = ", ".join(
        " ".join(filter(None, (as_text(item.get("name")), as_text(item.get("version")))))
        for item in map(as_object, as_list(raw.get("packages"))[:MAX_FIELDS])
    )
    integrations = ", ".join(
        text for item in as_list(raw.get("integrations"))[:MAX_FIELDS] if (text := as_text(item))
    )
    fields = (
        ("name", as_text(raw.get("name"))),
        ("version", as_text(raw.get("version"))),
        ("packages", packages),
        ("integrations", integrations),
    )
    return Section("SDK", tuple(Field(name, _cut(value)) for name, value in fields if value))


def _breadcrumb(raw: Mapping[str, Any]) -> Breadcrumb:
    return Breadcrumb(
        timestamp=parse_timestamp(raw.get("timestamp")),
        category=(as_text(raw.get("category")) or as_text(raw.get("type")) or "")[:MAX_NAME],
        level=(as_text(raw.get("level")) or "")[:MAX_NAME],
        message=_text(raw.get("message") or ""),
        data=_section("", raw.get("data"), leave_out=()).fields,
    )


def _text(value: Json) -> str:
    text = value if isinstance(value, str) else None
    if text is None:
        text = json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
    return _cut(text)


def _cut(text: str) -> str:
    if len(text) <= MAX_VALUE:
        return text
    return f"{text[:MAX_VALUE]}… ({len(text) - MAX_VALUE:,} more characters)"
