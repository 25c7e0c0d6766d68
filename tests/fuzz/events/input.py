"""An input: a recorded request, with secrets put into it, and changed as its seed says."""

import json
from random import Random
from typing import Any

from tests.fuzz.events.body_changes import PACKERS, change_bytes, change_packing
from tests.fuzz.events.envelope_changes import (
    LARGEST,
    Parts,
    change_envelope,
    change_event,
    taken_apart,
    with_length,
)
from tests.fuzz.events.head_changes import change_head
from tests.fuzz.events.recorded import Recording, recordings, recordings_of_events
from tests.fuzz.events.request import Request

OF_EVENTS = 0.8
"""The part of inputs that are made of a recorded event; the others are made of anything."""
PACKED_OTHERWISE = 0.2
ONCE_MORE = 0.02
"""The part of events that may be one that came before."""
MARK = "PLANTED"
"""Begins every secret that is put into events before they are changed."""
SECRET_NAMES = ("password", "api_key", "secret", "authorization", "token", "passwd", "auth_token")
CHANGES = {"event": 60, "envelope": 16, "bytes": 8, "packing": 6, "head": 6, "nothing": 4}
"""What is changed, and how often."""


def input_of(seed: str, key: str) -> bytes:
    """The bytes of the request that a seed stands for; `key` is that of project 1, `Shop`."""
    random = Random(seed)  # noqa: S311 # what it makes must come again
    recording = random.choice(
        recordings_of_events() if random.random() < OF_EVENTS else recordings()
    )
    changes = random.choices([*CHANGES], [*CHANGES.values()], k=random.choice((1, 1, 2, 3)))
    parts = _parts(recording, random)
    for _ in range(changes.count("event")):
        change_event(parts, random)
    for _ in range(changes.count("envelope")):
        change_envelope(parts, random)
    body = parts.written(random)[:LARGEST]
    for _ in range(changes.count("bytes")):
        body = change_bytes(body, random)
    body, encoding = _packed(body, recording.encoding, random)
    for _ in range(changes.count("packing")):
        body, encoding = change_packing(body, encoding, random)
    request = _request(recording, body, encoding, key)
    for _ in range(changes.count("head")):
        change_head(request, random)
    return request.wire


def _parts(recording: Recording, random: Random) -> Parts:
    header, items = taken_apart(recording.body)
    # Each time another event, but now and then the same again.
    event_id = f"{random.getrandbits(8 if random.random() < ONCE_MORE else 128):032x}"
    if "event_id" in header:
        header["event_id"] = event_id
    parts = Parts(header, [])
    for head, payload in items:
        if head["type"] in ("event", "feedback"):
            event = _with_secrets(json.loads(payload))
            if "event_id" in event:
                event["event_id"] = event_id
            payload = json.dumps(event).encode()  # noqa: PLW2901
        parts.items.append((with_length(head, payload), payload))
    return parts


def _with_secrets(event: dict[str, Any]) -> dict[str, Any]:
    secrets = (f"{MARK}{number}" for number in range(100))
    event.setdefault("extra", {})["password"] = next(secrets)
    event["extra"]["inner"] = {"api_key": next(secrets), "list": [{"secret": [next(secrets)]}]}
    event.setdefault("contexts", {})["basket"] = {"secret": next(secrets)}
    request = event.setdefault("request", {})
    request["headers"] = {**request.get("headers", {}), "authorization": next(secrets)}
    for crumb in _values(event.get("breadcrumbs"))[:3]:
        crumb["data"] = {**crumb.get("data", {}), "token": next(secrets)}
    for error in _values(event.get("exception"))[:1]:
        for frame in error.get("stacktrace", {}).get("frames", [])[-2:]:
            frame["vars"] = {**frame.get("vars", {}), "passwd": next(secrets)}
    if isinstance(event.get("tags", {}), dict):
        event["tags"] = {**event.get("tags", {}), "auth_token": next(secrets)}
    return event


def _values(interface: Any) -> list[Any]:
    return interface.get("values", []) if isinstance(interface, dict) else interface or []


def _packed(body: bytes, encoding: str, random: Random) -> tuple[bytes, str]:
    if random.random() < PACKED_OTHERWISE:
        encoding = random.choice(("", *PACKERS))
    return (PACKERS[encoding](body), encoding) if encoding else (body, "")


def _request(recording: Recording, body: bytes, encoding: str, key: str) -> Request:
    headers = [(name, value.replace("{key}", key)) for name, value in recording.headers]
    headers = [each for each in headers if each[0] != "content-encoding"]
    headers += [("content-encoding", encoding)] if encoding else []
    headers += [("content-length", str(len(body))), ("host", "x")]
    return Request("POST", recording.path.replace("{key}", key), "HTTP/1.1", headers, body)
