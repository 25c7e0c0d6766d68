"""Webhooks to a real receiver on loopback."""

import contextlib
import hashlib
import hmac
import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from headwater.alerts.address_guard import AddressGuard
from headwater.alerts.outcome import NotSent
from headwater.alerts.webhook import Webhook
from headwater.storage.alerts.deliveries import State
from tests.alerts.receivers import WAIT_SECONDS, Receiver
from tests.alerts.side import PUBLIC, AlertSide

TITLE = 'Error: </script><img src=x onerror=alert(1)> "\n\u202e\ud800'


def told(side: AlertSide, hook: Receiver, **columns: Any) -> str:
    """Tell a channel of an issue; its signing key."""
    channel = side.channel(address=hook.url)
    side.rule(channel)
    side.issue(**columns)
    side.look()
    side.send(side.transports())
    return channel.signing_key.reveal()


def test_a_receiver_gets_json_that_it_can_check(side: AlertSide, hook: Receiver) -> None:
    key = told(side, hook, title="Error: no money", culprit="pay · src/cart.ts:2")

    request = hook.received[0]
    timestamp = request.headers["Headwater-Timestamp"]
    made = hmac.new(key.encode(), f"{timestamp}.".encode() + request.body, hashlib.sha256)
    assert request.headers["Headwater-Signature"] == f"v1={made.hexdigest()}"
    assert int(timestamp) == int(side.now.timestamp())
    assert request.path == "/hook?token=hidden-token"
    assert request.headers["Content-Type"] == "application/json"
    row = side.log()[0]
    assert request.headers["Headwater-Delivery"] == str(row.id)
    assert json.loads(request.body) == {
        "version": 1,
        "id": str(row.id),
        "kind": "new",
        "sentence": "New issue",
        "title": "Error: no money",
        "url": f"{PUBLIC}/issues/1",
        "at": side.now.isoformat(),
        "rule": {"id": 1, "name": "Rule"},
        "project": {"slug": "shop", "name": "Shop"},
        "issue": {
            "id": "1",
            "title": "Error: no money",
            "culprit": "pay · src/cart.ts:2",
            "level": "error",
        },
        "release": "1",
        "environment": "production",
        "count": 1,
    }


def test_a_hostile_title_is_text_on_one_line(side: AlertSide, hook: Receiver) -> None:
    told(side, hook, title=TITLE.replace("\ud800", ""))

    title = json.loads(hook.received[0].body)["title"]
    assert title == 'Error: </script><img src=x onerror=alert(1)> "'


def test_a_receiver_that_fails_and_recovers_gets_the_same_message(
    side: AlertSide, hook: Receiver
) -> None:
    hook.statuses = [500, 200]
    told(side, hook)
    failed = side.log()[0]

    side.later(minutes=1)
    side.send(side.transports())

    first, second = hook.received
    assert (failed.state, failed.error) == (State.WAITING, "the receiver answered 500")
    assert first.body == second.body
    assert first.headers["Headwater-Delivery"] == second.headers["Headwater-Delivery"]
    assert side.log()[0].state is State.SENT


def test_what_a_receiver_refuses_is_not_sent_again(side: AlertSide, hook: Receiver) -> None:
    hook.statuses = [401]

    told(side, hook)

    assert side.log()[0].state is State.FAILED
    assert side.log()[0].error == "the receiver answered 401"


def test_a_redirect_is_not_followed(side: AlertSide, hook: Receiver) -> None:
    hook.statuses = [302, 200]
    hook.location = hook.url

    told(side, hook)

    assert len(hook.received) == 1
    assert "redirect" in side.log()[0].error


def test_private_addresses_are_sent_to_only_where_the_setting_allows_it(
    side: AlertSide, hook: Receiver
) -> None:
    side.rule(side.channel(address=f"http://localhost:{hook.port}/"))
    side.issue()
    side.look()

    side.send(side.transports(allows_private=False))

    assert hook.received == []
    assert side.log()[0].state is State.FAILED
    assert "HEADWATER_ALERT_PRIVATE_ADDRESSES" in side.log()[0].error


def test_the_log_says_what_was_wrong_and_nothing_of_the_address(side: AlertSide) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        side.rule(side.channel(address=f"http://127.0.0.1:{port}/hidden-token"))
        side.issue()
        side.look()

        side.send(side.transports())

    assert side.log()[0].error == "the receiver can't be reached: Connection refused"


def test_an_answer_that_is_none_is_a_failure(side: AlertSide) -> None:
    with socket.create_server(("127.0.0.1", 0)) as rude:
        port = rude.getsockname()[1]
        side.rule(side.channel(address=f"http://127.0.0.1:{port}/"))
        side.issue()
        side.look()
        rude.listen()

        def hang_up() -> None:
            connection, _ = rude.accept()
            connection.sendall(b"\x00" * 100_000)
            connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        side.send(side.transports())
        thread.join()

    assert side.log()[0].state is State.WAITING
    assert side.log()[0].error.startswith("the receiver can't be reached")


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"])
def test_a_receiver_that_answers_bit_by_bit_is_cut_off(side: AlertSide, head: bytes) -> None:
    def drip() -> None:
        connection, _ = rude.accept()
        with connection, contextlib.suppress(OSError):
            connection.sendall(head)
            while True:
                connection.sendall(b"H")

    with socket.create_server(("127.0.0.1", 0)) as rude:
        channel = side.channel(address=f"http://127.0.0.1:{rude.getsockname()[1]}/")
        side.rule(channel)
        side.issue()
        side.look()
        thread = threading.Thread(target=drip)
        thread.start()
        hook = Webhook(AddressGuard(allows_private=True), PUBLIC, seconds=0.5)

        with contextlib.suppress(NotSent):
            hook.send(side.log()[0], channel, side.now)
        thread.join()


def test_a_receiver_that_never_answers_is_given_up(side: AlertSide, hook: Receiver) -> None:
    hook.release.clear()
    channel = side.channel(address=hook.url)
    side.rule(channel)
    side.issue()
    side.look()
    webhook = Webhook(AddressGuard(allows_private=True), PUBLIC, seconds=0.5)

    with pytest.raises(NotSent, match="can't be reached"):
        webhook.send(side.log()[0], channel, side.now)


def test_tls_is_checked(
    side: AlertSide, hook: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "both.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")),
        ],
        check=True,
        capture_output=True,
    )
    file.write_text((tmp_path / "key.pem").read_text() + (tmp_path / "cert.pem").read_text())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with tunnel(context, hook.port) as port:
        side.rule(side.channel(address=f"https://127.0.0.1:{port}/hook"))
        side.issue()
        side.look()
        side.send(side.transports())
        distrusted = side.log()[0].error

        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        side.later(minutes=1)
        side.send(side.transports())

    assert distrusted.startswith("the receiver can't be reached: its certificate is not trusted")
    assert side.log()[0].state is State.SENT
    assert len(hook.received) == 1


@contextlib.contextmanager
def tunnel(context: ssl.SSLContext, target: int) -> Iterator[int]:
    """TLS in front of a receiver, for two connections; its port."""

    def carry() -> None:
        for _ in range(2):
            plain, _ = front.accept()
            plain.settimeout(WAIT_SECONDS)
            behind = socket.create_connection(("127.0.0.1", target), WAIT_SECONDS)
            with behind, contextlib.suppress(OSError), context.wrap_socket(plain, True) as safe:
                request = b""
                while not request.endswith(b"}"):
                    request += safe.recv(65536)
                behind.sendall(request)
                safe.sendall(behind.recv(65536))

    with socket.create_server(("127.0.0.1", 0)) as front:
        thread = threading.Thread(target=carry)
        thread.start()
        yield front.getsockname()[1]
        thread.join()
