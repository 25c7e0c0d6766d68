"""Stands before an HTTP server, and fails as it is told to."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

SECONDS = 30


class Fault(StrEnum):
    """What it does to every request."""

    NONE = "none"
    ERROR = "error"
    """Answers 500."""
    SILENT = "silent"
    """Answers nothing until it is told something else."""
    TRUNCATED = "truncated"
    """Sends half of every body that it should, and closes the connection."""
    GONE = "gone"
    """Closes the connection at once."""
    GARBLED = "garbled"
    """Stores something else than what came, and says that all is well."""


class FaultyProxy:
    """`fault` may be changed at any time, by any thread."""

    def __init__(self, origin: str) -> None:
        self._behind = urlsplit(origin).netloc
        self._fault = Fault.NONE
        self._changed = threading.Condition()
        self.requests = 0
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                proxy.pass_on(self)

            do_PUT = do_POST = do_DELETE = do_HEAD = do_GET  # noqa: N815 - http.server's names

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever)

    @property
    def fault(self) -> Fault:
        """What it does now."""
        return self._fault

    @fault.setter
    def fault(self, fault: Fault) -> None:
        with self._changed:
            self._fault = fault
            self._changed.notify_all()

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def close(self) -> None:
        """Let go of everybody."""
        self.fault = Fault.GONE
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def pass_on(self, handler: BaseHTTPRequestHandler) -> None:
        """One request."""
        self.requests += 1
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        with self._changed:
            self._changed.wait_for(lambda: self._fault is not Fault.SILENT)
            fault = self._fault
        with suppress(ConnectionError):  # whoever asked has gone
            self._answer(handler, body, fault)

    def _answer(self, handler: BaseHTTPRequestHandler, body: bytes, fault: Fault) -> None:
        if fault is Fault.GONE:
            handler.close_connection = True
            return
        if fault is Fault.ERROR:
            said = b"<Error><Code>InternalError</Code><Message>Please try again.</Message></Error>"
            self._send(handler, 500, [], said, len(said))
            return
        if fault is Fault.GARBLED and handler.command == "PUT":
            body = bytes(255 - byte for byte in body)
        status, headers, found = self._asked(handler, body)
        length = len(found)
        if handler.command == "HEAD":
            length = int(dict(headers).get("Content-Length", 0))
        elif fault is Fault.TRUNCATED:
            found = found[: length // 2]
            handler.close_connection = True
        self._send(handler, status, headers, found, length)

    def _asked(
        self, handler: BaseHTTPRequestHandler, body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        behind = http.client.HTTPConnection(self._behind, timeout=SECONDS)
        try:
            behind.request(handler.command, handler.path, body, dict(handler.headers.items()))
            answer = behind.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            behind.close()

    def _send(
        self,
        handler: BaseHTTPRequestHandler,
        status: int,
        headers: list[tuple[str, str]],
        body: bytes,
        length: int,
    ) -> None:
        handler.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(length))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(body)


@contextmanager
def faulty_proxy(origin: str) -> Iterator[FaultyProxy]:
    """In front of a server; faultless at first."""
    proxy = FaultyProxy(origin)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.close()
