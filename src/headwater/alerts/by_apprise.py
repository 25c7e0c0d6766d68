"""Chats and telephones, by the library apprise.

It is imported with the first message that needs it: it takes 37 MB and half a second, and most servers
send none.
"""

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import Any, Final

from headwater.alerts.address_guard import CONNECT_SECONDS, AddressGuard, AddressRefused
from headwater.alerts.outcome import NotSent, Refused
from headwater.alerts.wording import worded
from headwater.storage.alerts.deliveries import Delivery
from headwater.storage.secret import Secret

MAX_SAID: Final = 300
"""Characters of what apprise says of a failure."""

_INERT: Final = {"@": "@\u200b", "<!": "<\u200b!", "](": "]\u200b("}
"""In what a client sent, nobody is called by `@everyone` or `<!channel>`, and no words hide a link."""


class Services:
    """One message to one service at a time, in the caller's thread."""

    def __init__(self, guard: AddressGuard, public_url: str) -> None:
        self._guard = guard
        self._public_url = public_url

    def send(self, delivery: Delivery, address: Secret) -> None:
        """Raises NotSent."""
        apprise = _apprise(self._guard)
        asset = apprise.AppriseAsset(
            app_id="Headwater",
            app_url=self._public_url,
            async_mode=False,
            secure_logging=True,
            http_redirects=False,
        )
        service = apprise.Apprise.instantiate(
            address.reveal(), asset=asset, suppress_exceptions=True
        )
        if service is None:
            raise Refused("apprise does not understand this URL: see its manual for the service's")
        service.redirects = False  # whatever the URL says
        words = worded(delivery.message, self._public_url)
        with _heard() as said:
            try:
                is_sent = service.notify(
                    body=inert(words.text),
                    title=inert(words.subject),
                    body_format=apprise.NotifyFormat.TEXT,
                )
            except AddressRefused as error:
                raise Refused(f"not sent: {error}") from None
            except Exception as error:  # noqa: BLE001 # a hundred plugins, not ours
                raise NotSent(f"the service can't be used: {error.__class__.__name__}") from None
        if not is_sent:
            about = address.removed_from(" ".join(said))[:MAX_SAID]
            raise NotSent(f"the service did not take it: {about or 'it did not say why'}")


def inert(text: str) -> str:
    """Text that means nothing to a chat but what it says. Addresses of ours have none of these."""
    for sign, harmless in _INERT.items():
        text = text.replace(sign, harmless)
    return text


@cache
def _apprise(guard: AddressGuard) -> Any:
    import apprise  # noqa: PLC0415 - see above
    import urllib3.util.connection as connecting  # noqa: PLC0415

    # All plugins that are let through connect by it, and nothing else in this process does.
    connecting.create_connection = partial(_connected, guard)
    for name in ("apprise", "urllib3"):
        # What they say holds addresses: it is for `_heard` only.
        logging.getLogger(name).propagate = False
        logging.getLogger(name).addHandler(logging.NullHandler())
    return apprise


def _connected(
    guard: AddressGuard, address: tuple[str, int], timeout: object = None, **_more: object
) -> socket.socket:
    seconds = timeout if isinstance(timeout, int | float) else CONNECT_SECONDS
    connected = guard.connect(*address, timeout=seconds)
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connected


@contextmanager
def _heard() -> Iterator[list[str]]:
    """What apprise says in this thread meanwhile."""
    said: list[str] = []
    logger, thread = logging.getLogger("apprise"), threading.get_ident()

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.thread == thread and record.levelno >= logging.WARNING:
                said.append(record.getMessage())

    ear = Ear()
    logger.addHandler(ear)
    try:
        yield said
    finally:
        logger.removeHandler(ear)
