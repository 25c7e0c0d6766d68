"""A web site of a folder on the loopback, as an application is deployed."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

GZIP = b"\x1f\x8b"
"""Begins what is sent packed, whether it was asked for so or not."""


@contextmanager
def site(pages: Mapping[str, bytes | str]) -> Iterator[str]:
    """The origin of one that serves bytes at paths; a text there is where it redirects to."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the library's name
            found = pages.get(self.path)
            status = 404 if found is None else 302 if isinstance(found, str) else 200
            body = found if isinstance(found, bytes) else b""
            self.send_response(status)
            if isinstance(found, str):
                self.send_header("Location", found)
            if body.startswith(GZIP):
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
