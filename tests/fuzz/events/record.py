"""Records what real SDKs send: `python -m tests.fuzz.events.record`; needs the packages of `tests/clients`.

A recording is a request as it came, but its body is unpacked (`recorded.py` packs it again as its
`Content-Encoding` says), and what tells one machine from another is replaced.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import sync_playwright

from headwater.protocol.encoding import decode

HERE = Path(__file__).parent
PROGRAMS = HERE.parents[1] / "clients/apps/recorded"
PACKAGES = HERE.parents[1] / "clients/node_modules"
KEY = "0123456789abcdef0123456789abcdef"
LARGEST = 200_000
"""Bytes of a body; all are smaller."""
KEPT_HEADERS = ("content-type", "content-encoding", "x-sentry-auth", "user-agent")
BROWSERS = ("browser-7", "browser-8", "browser-11")


class _Server(ThreadingHTTPServer):
    """`pages` are those it has; `came` is what was sent."""

    def __init__(self, pages: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Recorder)
        self.pages = pages
        self.came: list[bytes] = []


class _Recorder(BaseHTTPRequestHandler):
    """Answers everything with 200, and keeps what is sent to the API."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:  # as the library calls it
        body = self.server.pages.get(self.path)
        self._answer(404 if body is None else 200, body or b"")

    def do_POST(self) -> None:
        body = decode(self._body(), self.headers.get("content-encoding", ""), LARGEST)
        headers = {name.lower(): value for name, value in self.headers.items()}
        kept = [f"{name}: {headers[name]}" for name in KEPT_HEADERS if name in headers]
        head = "\r\n".join([f"POST {self.path} HTTP/1.1", *kept, "", ""]).encode()
        self.server.came.append(head + body)
        self._answer(200, b"{}")

    def _body(self) -> bytes:
        if "content-length" in self.headers:
            return self.rfile.read(int(self.headers["content-length"]))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if self.path == "/" else "text/javascript")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@contextmanager
def _recorder(pages: dict[str, bytes]) -> Iterator[tuple[int, list[bytes]]]:
    server = _Server(pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1], server.came
    server.shutdown()


def _of_program(command: list[str], folder: Path) -> tuple[list[bytes], int]:
    with _recorder({}) as (port, came):
        dsn = f"http://{KEY}@127.0.0.1:{port}/1"
        env = {"PATH": os.environ["PATH"], "SENTRY_DSN": dsn, "NODE_PATH": str(PACKAGES)}
        subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True)
        return came, port


def _of_browser(sdk: str, folder: Path) -> tuple[list[bytes], int]:
    script = folder / "app.js"
    esbuild = [str(PACKAGES / ".bin/esbuild"), str(PROGRAMS / "browser.js"), "--bundle"]
    options = ["--minify", "--log-level=error", f"--alias:SDK={PACKAGES / sdk}"]
    subprocess.run([*esbuild, *options, f"--outfile={script}"], check=True)
    pages = {"/app.js": script.read_bytes()}
    with _recorder(pages) as (port, came), sync_playwright() as playwright:
        dsn = f"http://{KEY}@127.0.0.1:{port}/1"
        pages["/"] = f"<script>DSN='{dsn}'</script><script src=app.js></script>".encode()
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{port}/")
        page.wait_for_function("document.title === 'done'")
        browser.close()
        return came, port


def _anonymous(request: bytes, folder: Path, port: int) -> bytes:
    replaced = {
        str(folder).encode(): b"/srv/shop",
        str(HERE.parents[2]).encode(): b"/srv",
        sys.base_prefix.encode(): b"/usr/local",
        sys.prefix.encode(): b"/srv/.venv",
        f"127.0.0.1:{port}".encode(): b"errors.example",
        KEY.encode(): b"{key}",
        os.uname().nodename.encode(): b"till-3",
    }
    head, _, body = request.partition(b"\r\n\r\n")
    for old, new in replaced.items():
        head = head.replace(old, new)
        body = _with_lengths(body, old, new)
    return head + b"\r\n\r\n" + body


def _with_lengths(body: bytes, old: bytes, new: bytes) -> bytes:
    """Items' lengths stay true."""
    header, _, rest = body.partition(b"\n")
    found = [header.replace(old, new)]
    while rest:
        item, _, rest = rest.partition(b"\n")
        length = re.search(rb'"length":\s?(\d+)', item)
        size = int(length[1]) if length else (rest + b"\n").index(b"\n")
        payload, rest = rest[:size].replace(old, new), rest[size:].lstrip(b"\n")
        if length:
            item = item.replace(length[1], str(len(payload)).encode())
        found += [item, payload]
    return b"\n".join(found)


def main() -> None:
    """All of them anew."""
    out = HERE / "recordings"
    for old in out.glob("*.http"):
        old.unlink()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for each in PROGRAMS.iterdir():
            shutil.copy(each, folder)
        recorded = {
            "python": _of_program([sys.executable, str(folder / "python.py")], folder),
            "node": _of_program(["node", str(folder / "node.cjs")], folder),
            **{sdk: _of_browser(sdk, folder) for sdk in BROWSERS},
        }
        for sdk, (came, port) in recorded.items():
            for number, request in enumerate(came, 1):
                kept = _anonymous(request, folder, port)
                (out / f"{sdk}-{number:02}.http").write_bytes(kept)


if __name__ == "__main__":
    main()
