"""How an attempt to send can end other than well; each message is for the log page, without secrets."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Final

SEND_SECONDS: Final = 20.0
"""A message has so long to be taken, whatever the receiver does meanwhile."""

ANSWER_SECONDS: Final = 10.0
"""Of silence after which a receiver is given up."""


class NotSent(Exception):
    """It may be taken the next time."""


class Refused(NotSent):
    """It would not be taken the next time either."""


@contextlib.contextmanager
def deadline(connection: socket.socket) -> Iterator[None]:
    """Cut the connection after SEND_SECONDS: a receiver that sends a byte now and then would
    otherwise be waited for without end."""

    def cut() -> None:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(SEND_SECONDS, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
