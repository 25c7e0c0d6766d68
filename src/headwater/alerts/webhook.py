"""JSON to a URL, signed. Redirects are not followed, and of the answer only its status counts."""

import contextlib
import hashlib
import hmac
import http.client
import ssl
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from headwater.alerts.address_guard import AddressGuard, AddressRefused
from headwater.alerts.outcome import ANSWER_SECONDS, SEND_SECONDS, Deadline, NotSent, Refused
from headwater.storage.alerts.channels import Channel
from headwater.storage.alerts.deliveries import Delivery
from headwater.storage.alerts.message import Message
from headwater.storage.secret import Secret

MAX_ANSWER: Final = 4 * 1024
"""Bytes of an answer's body that are read, so that a receiver sees its answer taken; none is kept."""

PAYLOAD_VERSION: Final = 1

_TAKEN: Final = range(200, 300)
_REDIRECTS: Final = range(300, 400)
_FOR_GOOD: Final = (400, 401, 403, 405, 410, 413, 415, 422)
"""What would be answered the next time, too; others, 404 among them, may be a deployment's moment."""


class Webhook:
    """One connection for each message."""

    def __init__(self, guard: AddressGuard, public_url: str, seconds: float = SEND_SECONDS) -> None:
        """`seconds` that a receiver has altogether."""
        self._guard = guard
        self._public_url = public_url
        self._seconds = seconds

    def send(self, delivery: Delivery, channel: Channel, now: datetime) -> None:
        """Raises NotSent."""
        body = payload(delivery, self._public_url)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Headwater",
            "Headwater-Delivery": str(delivery.id),
            **signature(channel.signing_key, int(now.timestamp()), body),
        }
        try:
            status = self._post(channel.address.reveal(), body, headers)
        except AddressRefused as error:
            raise Refused(f"not sent: {error}") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NotSent(f"the receiver can't be reached: {_named(error)}") from None
        if status in _REDIRECTS:
            raise Refused(f"the receiver answered {status}, a redirect, which is not followed")
        if status not in _TAKEN:
            kind = Refused if status in _FOR_GOOD else NotSent
            raise kind(f"the receiver answered {status}")

    def _post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        parts = urlsplit(url)
        host, is_safe = parts.hostname or "", parts.scheme == "https"
        port = parts.port or (443 if is_safe else 80)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        with contextlib.ExitStack() as stack:
            limit = stack.enter_context(Deadline(self._seconds))
            sock = stack.enter_context(self._guard.connect(host, port))
            limit.watch(sock)
            sock.settimeout(ANSWER_SECONDS)
            if is_safe:
                context = ssl.create_default_context()
                sock = stack.enter_context(
                    context.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
                )
                limit.watch(sock)
                sock.do_handshake()
            connection = stack.enter_context(
                contextlib.closing(http.client.HTTPConnection(host, port))
            )
            connection.sock = sock
            connection.request("POST", path, body, {"Host": parts.netloc, **headers})
            answer = connection.getresponse()
            answer.read(MAX_ANSWER)
            return answer.status


def signature(key: Secret, timestamp: int, body: bytes) -> dict[str, str]:
    """Headers by which a receiver knows that a message is ours, and when it was sent."""
    signed = f"{timestamp}.".encode() + body
    made = hmac.new(key.reveal().encode(), signed, hashlib.sha256).hexdigest()
    return {"Headwater-Timestamp": str(timestamp), "Headwater-Signature": f"v1={made}"}


def payload(delivery: Delivery, public_url: str) -> bytes:
    """See docs/alerts.md."""
    message = delivery.message
    fields: dict[str, Any] = {
        "version": PAYLOAD_VERSION,
        "id": str(delivery.id),
        "kind": message.kind,
        "sentence": message.sentence,
        "title": message.title,
        "url": public_url + message.path,
        "at": message.at.isoformat(),
        "rule": {"id": delivery.rule_id, "name": message.rule} if delivery.rule_id else None,
        "project": _project(message),
        "issue": _issue(message),
        "release": message.release or None,
        "environment": message.environment or None,
        "count": message.count,
    }
    if message.total:
        listed = [
            {"sentence": each.sentence, "title": each.title, "url": public_url + each.path}
            for each in message.listed
        ]
        fields |= {"total": message.total, "listed": listed}
    return msgspec.json.encode(fields)


def _project(message: Message) -> dict[str, str] | None:
    if not message.project_slug:
        return None
    return {"slug": message.project_slug, "name": message.project}


def _issue(message: Message) -> dict[str, Any] | None:
    if message.issue_id is None:
        return None
    return {
        "id": str(message.issue_id),
        "title": message.title,
        "culprit": message.culprit,
        "level": message.level,
    }


def _named(error: Exception) -> str:
    # Not the error's own words: some of them hold the address.
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    return getattr(error, "strerror", None) or error.__class__.__name__
