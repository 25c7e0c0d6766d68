"""Connections that are in the way: idle ones, slow ones, too many of them."""

import contextlib
import http.client
import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from pathlib import Path
from uuid import uuid4

import pytest

from tests.clients.patience import until
from tests.faults.instance import DIGEST, WEB, Instance, instance
from tests.faults.load import envelope

PATIENCE_SECONDS = 60
IDLE = 10_000
SLOW = 600
"""Times what each announces, this is more than a project's requests may hold in memory."""


def _open(server: Instance, stack: ExitStack, said: bytes = b"") -> socket.socket:
    made = socket.create_connection(("127.0.0.1", server.port), PATIENCE_SECONDS)
    stack.enter_context(made)
    if said:
        made.sendall(said)
    return made


def _send(server: Instance, connection: http.client.HTTPConnection | None = None) -> str:
    """The id of an event that was accepted. Raises OSError, HTTPException."""
    if connection is None:
        made = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_SECONDS)
        with contextlib.closing(made):
            return _send(server, made)
    event_id = uuid4().hex
    connection.request("POST", server.path, envelope(event_id))
    answer = connection.getresponse()
    said = answer.read()
    assert answer.status == HTTPStatus.OK, said
    return event_id


def _is_accepted(server: Instance) -> bool:
    try:
        return bool(_send(server))
    except (OSError, http.client.HTTPException, AssertionError):
        return False


@contextmanager
def _may_open(files: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < files:
        pytest.skip(f"this machine lets a process have {hard} files, and this takes {files}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, files), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_events_are_accepted_beside_ten_thousand_idle_connections(tmp_path: Path) -> None:
    with _may_open(IDLE + 500), instance(tmp_path) as server, ExitStack() as stack:
        server.limits = "ulimit -S -n 1024"  # as systems have it; the server asks for more
        server.start(WEB)
        for number in range(IDLE):
            _open(server, stack, b"POST /api/1/envelope/ HTTP/1.1\r\n" if number % 2 else b"")

        sent = {_send(server) for _ in range(20)}

        server.start(DIGEST)
        until(lambda: server.stored() == sent, PATIENCE_SECONDS, "they are stored")


def test_events_are_accepted_beside_bodies_that_come_slowly_or_only_in_part(
    tmp_path: Path,
) -> None:
    with _may_open(2 * SLOW), instance(tmp_path) as server, ExitStack() as stack:
        server.start(WEB, DIGEST)
        head = f"POST {server.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 120000\r\n\r\n".encode()
        slow = [_open(server, stack, head + b"{}\n"[: number % 4]) for number in range(SLOW)]

        sent = set()
        for made in slow[:50]:
            made.sendall(b"{")
            sent.add(_send(server))
        for made in slow[50:]:
            made.close()  # in the middle
        sent |= {_send(server) for _ in range(20)}

        until(lambda: server.stored() == sent, PATIENCE_SECONDS, "they, and no others, are stored")
        assert server.counts().agree()


def test_with_all_connections_taken_the_old_ones_work_and_new_ones_do_when_there_is_room(
    tmp_path: Path,
) -> None:
    with instance(tmp_path) as server:
        server.limits = "ulimit -n 200"
        server.start(WEB, DIGEST)
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_SECONDS)
        with contextlib.closing(connection):
            sent = {_send(server, connection)}
            with ExitStack() as stack:
                idle = [_open(server, stack) for _ in range(400)]
                turned_away = idle[-1].recv(1000)
                sent |= {_send(server, connection) for _ in range(20)}
                assert not _is_accepted(server)

        until(lambda: _is_accepted(server), PATIENCE_SECONDS, "events are accepted again")

        assert turned_away.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
        assert "connections were turned away" in server.log.read_text()
        until(lambda: server.stored() > sent, PATIENCE_SECONDS, "they are stored")
