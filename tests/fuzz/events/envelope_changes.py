"""Envelopes made wrong on purpose: their headers, items' lengths and types, their number and order."""

import json
from dataclasses import dataclass
from random import Random
from typing import Any

from headwater.protocol.item_type import KNOWN
from tests.fuzz.events.json_changes import DATES, ODD, Raw, mutate, text_of
from tests.fuzz.events.recorded import recordings

LARGEST = 3 * 1024**2
"""Bytes of a body: beyond the largest event, and not so large that nothing else is tried."""
READ_TYPES = ("event", "feedback", "user_report", "user_report_v2", "client_report", "raw_security")
TYPES = (*sorted(KNOWN), *READ_TYPES, "", " event", "Event", "event\0", "x" * 300)
PAYLOADS = (b"", b"{}", b"null", b"[]", b"\0")
BREAKS = (b"\r\n", b"\n\n", b"\n \n", b"", b"\r", b"\n\0")


@dataclass
class Parts:
    """An envelope's header and items, of any JSON value."""

    header: Any
    items: list[tuple[Any, bytes]]
    line_break: bytes = b"\n"

    def written(self, random: Random) -> bytes:
        """As bytes."""
        parts = [text_of(self.header, random)]
        for header, payload in self.items:
            parts += [text_of(header, random), payload]
        return self.line_break.join(parts)


def taken_apart(body: bytes) -> tuple[dict[str, Any], list[tuple[dict[str, Any], bytes]]]:
    """A recorded envelope."""
    line, _, rest = body.partition(b"\n")
    header, items = json.loads(line), []
    while rest:
        line, _, rest = rest.partition(b"\n")
        head = json.loads(line)
        size = head.get("length", len(rest.split(b"\n", 1)[0]))
        items.append((head, rest[:size]))
        rest = rest[size:].lstrip(b"\n")
    return header, items


def with_length(header: Any, payload: bytes) -> Any:
    return {**header, "length": len(payload)} if "length" in header else header


def change_event(parts: Parts, random: Random) -> None:
    """Some item's JSON."""
    items = parts.items
    readable = [index for index, (_, payload) in enumerate(items) if payload[:1] in b"{["]
    if not readable:
        return
    index = random.choice(readable)
    header, payload = items[index]
    try:
        value = json.loads(payload)
        changed = text_of(mutate(value, random, random.choice((1, 1, 1, 2, 2, 4, 10))), random)
    except (ValueError, RecursionError):  # changed once already, and no JSON any more, or too deep
        return
    items[index] = (with_length(header, changed), changed)


def change_envelope(parts: Parts, random: Random) -> None:
    """Its headers and items."""
    random.choice(WAYS)(parts, random)


def _lengths(parts: Parts, random: Random) -> None:
    for index, (header, payload) in enumerate(parts.items):
        if isinstance(header, dict):
            size = len(payload)
            near: tuple[Any, ...] = (
                size - 1,
                size + 1,
                0,
                -1,
                2**31,
                2**70,
                str(size),
                float(size),
            )
            odd = (*near, 1.5, True, None, [], Raw("NaN"), size)
            parts.items[index] = ({**header, "length": random.choice(odd)}, payload)


def _types(parts: Parts, random: Random) -> None:
    if parts.items:
        index = random.randrange(len(parts.items))
        header, payload = parts.items[index]
        kind = random.choice((*TYPES, *READ_TYPES, None, 1, ["event"], {"a": "event"}))
        parts.items[index] = (
            {**header, "type": kind} if isinstance(header, dict) else header,
            payload,
        )


def _times(parts: Parts, random: Random) -> None:
    size = sum(len(payload) for _, payload in parts.items) or 1
    parts.items *= min(random.choice((2, 2, 5, 99, 999, 1100)), LARGEST // size + 1)


def _order(parts: Parts, random: Random) -> None:
    random.shuffle(parts.items)
    some = parts.items[: random.choice((0, 1, 9))]
    parts.items = [*some, ({"type": "event"}, random.choice(PAYLOADS))]


def _splice(parts: Parts, random: Random) -> None:
    other = taken_apart(random.choice(recordings()).body)[1]
    parts.items += random.sample(other, random.randint(0, len(other)))


def _headers(parts: Parts, random: Random) -> None:
    if parts.items and random.random() < 0.4:
        index = random.randrange(len(parts.items))
        header, payload = parts.items[index]
        parts.items[index] = (mutate(header, random, 1), payload)
        return
    name = random.choice(("event_id", "sent_at", "dsn", "sdk", "trace"))
    if isinstance(parts.header, dict) and random.random() < 0.6:
        parts.header[name] = random.choice(
            (*ODD, *DATES, "http://{key}@x/1", "9A00DAC2-cd57-1ff9-10f2-694180a6fdc4")
        )
    else:
        parts.header = mutate(parts.header, random, 1)


def _breaks(parts: Parts, random: Random) -> None:
    parts.line_break = random.choice(BREAKS)


WAYS = (_lengths, _types, _times, _order, _splice, _headers, _headers, _breaks)
