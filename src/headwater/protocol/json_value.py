"""Tolerant readings of a JSON value: what is of the wrong type is as good as absent."""

from collections.abc import Iterator, Mapping
from typing import Any

from headwater.protocol.event import MAX_NUMBER, Json


def as_object(value: Json) -> Mapping[str, Any]:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: Json) -> list[Any]:
    """The list, or an empty one."""
    return value if isinstance(value, list) else []


def as_values(value: Json) -> Iterator[tuple[tuple[str | int, ...], Json]]:
    """What Sentry calls an interface's values, each with its path: `{"values": […]}`, a bare list, or one object."""
    if isinstance(value, list):
        yield from (((index,), item) for index, item in enumerate(value))
    elif isinstance(value, dict) and isinstance(value.get("values"), list):
        yield from ((("values", index), item) for index, item in enumerate(value["values"]))
    elif isinstance(value, dict) and "values" not in value:
        yield (), value


def as_text(value: Json) -> str | None:
    """Text that says something; numbers and truth values as their JSON spelling."""
    if type(value) is str:
        return value if value and not value.isspace() else None
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else None


def as_number(value: Json) -> int | None:
    """A whole number from 0 to MAX_NUMBER, also if it came as text (`"84"`) or as 84.0."""
    if type(value) is int:
        return value if 0 <= value <= MAX_NUMBER else None
    if isinstance(value, str):
        value = int(value) if value.isascii() and value.isdigit() and len(value) < 11 else None  # noqa: PLR2004
    if isinstance(value, float):
        value = int(value) if value.is_integer() else None
    return value if type(value) is int and 0 <= value <= MAX_NUMBER else None


def as_flag(value: Json) -> bool | None:
    """True, false, or neither."""
    return value if isinstance(value, bool) else None
