"""An event id that comes again is counted and not stored, wherever and whenever it comes."""

import json
from http import HTTPStatus
from pathlib import Path
from uuid import uuid4

from tests.clients.patience import until
from tests.faults.instance import DIGEST, WEB, Instance, instance, path_of
from tests.faults.load import envelope, post

PATIENCE_SECONDS = 120
TIMES = 5


def test_an_event_id_is_stored_once_in_each_project(tmp_path: Path) -> None:
    event_id, spelled = uuid4().hex, uuid4()
    with instance(tmp_path) as server:
        server.start(WEB)
        for _ in range(TIMES):  # of one batch, since nothing is digested yet
            _send(server, envelope(event_id))
        _send(server, _twice(uuid4().hex))
        for text in (spelled.hex, str(spelled), str(spelled).upper()):
            _send(
                server, envelope(text.replace("-", "")).replace(spelled.hex.encode(), text.encode())
            )
        _send(server, envelope(event_id), path_of(server.other))
        _settled(server, accepted=4, duplicate=TIMES - 1 + 1 + 2)

        _send(server, envelope(event_id))  # of another batch
        _settled(server, accepted=4, duplicate=TIMES + 3)

        server.stop(DIGEST)
        server.kill(WEB)
        server.start(WEB)
        _send(server, envelope(event_id))
        _settled(server, accepted=4, duplicate=TIMES + 4)

        assert server.counts().agree()
        assert len(server.stored()) == 3


def _send(server: Instance, body: bytes, path: str = "") -> None:
    assert post(server, path or server.path, body)[0] == HTTPStatus.OK


def _twice(event_id: str) -> bytes:
    """Two items with one id, in one envelope."""
    event = json.dumps({"event_id": event_id, "message": "twice"}).encode()
    item = b'{"type":"event"}\n' + event
    return b"\n".join((b"{}", item, item))


def _settled(server: Instance, **outcomes: int) -> None:
    if not server.has(DIGEST):
        server.start(DIGEST)
    until(
        lambda: sum(server.outcomes().values()) >= sum(outcomes.values()),
        PATIENCE_SECONDS,
        "everything is counted",
    )
    assert server.outcomes() == outcomes
