"""The real Python SDK against the door."""

from typing import Any

import pytest
import sentry_sdk
from sentry_sdk.utils import event_from_exception
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.event_side import EventSide
from tests.upload_side import serving


def _fail() -> None:
    raise ValueError("no money")


def _capture(client: sentry_sdk.Client) -> str | None:
    try:
        _fail()
    except ValueError as error:
        event, hint = event_from_exception(error, client_options=client.options)
        return client.capture_event(event, hint)
    return None


def _client(dsn: str, encoding: str) -> sentry_sdk.Client:
    experiments: Any = {"transport_compression_algo": encoding}
    return sentry_sdk.Client(
        dsn=dsn,
        release="1.0",
        environment="test",
        default_integrations=False,
        _experiments=experiments,
    )


class Recorder:
    """Notes how each request was encoded, and lets it pass."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.encodings: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        self.encodings.append(headers.get(b"content-encoding", b"").decode())
        await self._app(scope, receive, send)


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_its_events_arrive_in_either_encoding(events_side: EventSide, encoding: str) -> None:
    key, project = events_side.shop.public_key, events_side.shop.id
    recorder = Recorder(events_side.app)
    with serving([Mount("/", recorder)]) as origin:
        client = _client(f"http://{key}@{origin.removeprefix('http://')}/{project}", encoding)
        event_id = _capture(client)
        client.close(timeout=30)

    events_side.digest()

    assert recorder.encodings == [encoding]
    assert event_id is not None
    stored = events_side.stored(event_id)
    assert (stored.title, stored.platform) == ("ValueError: no money", "python")
    assert (stored.release, stored.environment) == ("1.0", "test")
    (issue,) = events_side.issues.list().items
    assert issue.culprit.startswith("_fail · ")
