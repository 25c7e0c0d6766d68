"""The demo's build and its error, sent as a plugin and an SDK send them."""

import json
import uuid
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

from headwater.cli.client import Client

BUNDLE = files("headwater.cli") / "demo_bundle"


def upload(origin: str, token: str, project: str) -> None:
    """The artifact bundle of the demo's Next.js build."""
    assert Client(origin, token).upload((BUNDLE / "bundle.zip").read_bytes(), project) == "ok"


def demo_event() -> dict[str, Any]:
    """The demo's error, as if thrown just now."""
    event: dict[str, Any] = json.loads((BUNDLE / "event.json").read_bytes())
    return event | {"timestamp": datetime.now(UTC).timestamp()}


def send(origin: str, dsn: str, event: dict[str, Any]) -> str:
    """Send an event under an id of its own; the id."""
    named = event | {"event_id": uuid.uuid4().hex}
    Client(origin, "").send_event(dsn, named)
    return str(named["event_id"])
