"""How an attempt to send can end other than well; each message is for the log page, without secrets."""

import contextlib
import socket
import threading
from types import TracebackType
from typing import Final, Self

SEND_SECONDS: Final = 20.0
"""A message has so long to be taken, whatever the receiver does meanwhile."""

ANSWER_SECONDS: Final = 10.0
"""Of silence after which a receiver is given up."""


class NotSent(Exception):
    """It may be taken the next time."""


class Refused(NotSent):
    """It would not be taken the next time either."""


class Deadline:
    """Cuts a connection when its time is over: a receiver that sends a byte now and then would otherwise
    be waited for without end."""

    def __init__(self, seconds: float = SEND_SECONDS) -> None:
        self._sock: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def watch(self, sock: socket.socket | None) -> None:
        """This is the connection; TLS makes another of it."""
        self._sock = sock

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()

    def _cut(self) -> None:
        if self._sock is not None:
            with contextlib.suppress(OSError):
                # The plain socket's own: TLS is not to be taken from the thread that is in it.
                socket.socket.shutdown(self._sock, socket.SHUT_RDWR)
