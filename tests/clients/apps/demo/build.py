"""Makes the demo's data again: a real Turbopack build, its upload and its error, cut to what the demo shows.

    npm ci --ignore-scripts   # beside this file
    python build.py OUT       # writes bundle.zip, event.json and truth.json to the folder OUT

The build runs in a copy in /srv/acme or the folder named by DEMO_ROOT, which must not exist,
since its path gets into the event. It talks to a server of its own, which keeps what the clients send and knows no more
of the protocol than they need.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
import zipfile
from email.parser import BytesParser
from email.policy import HTTP
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

HERE = Path(__file__).parent
ROOT = Path(os.environ.get("DEMO_ROOT", "/srv/acme"))
APP = Path("apps/myapp")

BUNDLE_HEADER = b"SYSB\x02\x00\x00\x00"
"""What every client puts before the ZIP: a magic and version 2 as a little-endian u32."""

TRUTH = [
    ("getPostedInvoice", "src/lib/actions/invoices.ts", 'throw new Error("Invoice not found");'),
    ("fetchInvoiceData", "src/app/invoices/[id]/page.tsx", "await getPostedInvoice(id, locale);"),
    ("generateMetadata", "src/app/invoices/[id]/page.tsx", "await fetchInvoiceData(id);"),
]
"""Function, file and a piece of the line; the line's number is looked up in the file."""

MACHINE = ("app", "cloud_resource", "culture", "device", "os")
"""Contexts that tell about the computer on which the demo was made, and nothing about the app."""

DEADLINE_SECONDS = 60


class Recorder(BaseHTTPRequestHandler):
    """Keeps the chunks, the assembled bundles and the envelopes it is sent."""

    protocol_version = "HTTP/1.1"
    chunks: ClassVar[dict[str, bytes]] = {}
    bundles: ClassVar[list[bytes]] = []
    envelopes: ClassVar[list[bytes]] = []

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
        pass

    def do_GET(self) -> None:
        self.answer()

    do_POST = do_PUT = do_GET

    def answer(self) -> None:
        body = self.body()
        path = self.path.partition("?")[0]
        reply: dict[str, Any] = {}
        if path.endswith("/chunk-upload/"):
            reply = self.keep_chunks(body) if self.command == "POST" else self.upload_options()
        elif path.endswith("/assemble/"):
            reply = self.assemble(json.loads(body))
        elif path.endswith("/envelope/"):
            self.envelopes.append(gzip.decompress(body) if self.headers["content-encoding"] == "gzip" else body)
        elif "/releases/" in path:
            reply = {"version": "any", "dateCreated": "2026-01-01T00:00:00Z", "projects": []}
        encoded = json.dumps(reply).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(encoded)))
        self.end_headers()
        self.wfile.write(encoded)

    def body(self) -> bytes:
        if self.headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def upload_options(self) -> dict[str, Any]:
        return {
            "url": f"http://{self.headers['host']}{self.path}",
            "chunkSize": 2**21,
            "chunksPerRequest": 1,
            "maxRequestSize": 2**22,
            "concurrency": 1,
            "hashAlgorithm": "sha1",
            "compression": ["gzip"],
            "accept": ["release_files", "artifact_bundles", "artifact_bundles_v2"],
        }

    def keep_chunks(self, body: bytes) -> dict[str, Any]:
        header = f"content-type: {self.headers['content-type']}\r\n\r\n".encode()
        for part in BytesParser(policy=HTTP).parsebytes(header + body).iter_parts():
            chunk = gzip.decompress(part.get_payload(decode=True))
            self.chunks[sha1(chunk, usedforsecurity=False).hexdigest()] = chunk
        return {}

    def assemble(self, wanted: dict[str, Any]) -> dict[str, Any]:
        missing = [digest for digest in wanted["chunks"] if digest not in self.chunks]
        if missing:
            return {"state": "not_found", "missingChunks": missing, "detail": None}
        self.bundles.append(b"".join(self.chunks[digest] for digest in wanted["chunks"]))
        return {"state": "ok", "missingChunks": [], "detail": None}


def build_and_fail(origin: str) -> dict[str, Any]:
    """Build the app, start it, ask for an invoice that is still a draft, and return the event it sent."""
    dsn = origin.replace("://", "://" + "0" * 31 + "1@") + "/1"
    environment = {
        **os.environ,
        "APP_RELEASE": "acme@1.0.0",
        "NEXT_PUBLIC_SENTRY_DSN": dsn,
        "NEXT_TELEMETRY_DISABLED": "1",
        "SENTRY_AUTH_TOKEN": "0" * 64,
        "SENTRY_CLI_NO_TELEMETRY": "1",
        "SENTRY_CONFIG_DIR": str(ROOT / ".sentry"),
        "SENTRY_DSN": dsn,
        "SENTRY_ORG": "acme",
        "SENTRY_PROJECT": "myapp",
        "SENTRY_URL": origin,
    }
    folder = ROOT / APP
    next_command = str(ROOT / "node_modules/.bin/next")
    subprocess.run([next_command, "build"], cwd=folder, env=environment, check=True)
    start = [next_command, "start", "--hostname", "127.0.0.1", "--port", "3000"]
    server = subprocess.Popen(start, cwd=folder, env=environment)
    try:
        return event_after_request("http://127.0.0.1:3000/invoices/1042")
    finally:
        server.terminate()
        server.wait()


def event_after_request(url: str) -> dict[str, Any]:
    """The first event whose trace passes through the runtime; whether it does is a matter of timing."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        for envelope in Recorder.envelopes:
            _, header, payload = envelope.split(b"\n")[:3]
            if json.loads(header)["type"] == "event" and b"node:internal/process/task_queues" in payload:
                event: dict[str, Any] = json.loads(payload)
                return event
        try:
            urllib.request.urlopen(url).close()
        except OSError:
            pass
        time.sleep(1)
    raise TimeoutError(f"no event within {DEADLINE_SECONDS} s")


def cut_bundle(debug_ids: set[str]) -> bytes:
    """The uploaded bundle with these debug ids, without the files of any other."""
    for bundle in Recorder.bundles:
        source = zipfile.ZipFile(io.BytesIO(bundle))
        manifest = json.loads(source.read("manifest.json"))
        kept = {
            name: entry for name, entry in manifest["files"].items() if entry["headers"].get("debug-id") in debug_ids
        }
        if not kept:
            continue
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
            for name, content in {
                "manifest.json": json.dumps({**manifest, "files": kept}, indent=1),
                **{name: source.read(name) for name in kept},
            }.items():
                target.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, 9)
        return BUNDLE_HEADER + out.getvalue()
    raise LookupError(f"no bundle was uploaded with any of {debug_ids}")


def true_frames() -> list[dict[str, Any]]:
    """The frames as a reader of the sources would name them, innermost first."""
    frames: list[dict[str, Any]] = []
    for function, file, piece in TRUTH:
        lines = (ROOT / APP / file).read_text().splitlines()
        (number,) = [number for number, line in enumerate(lines, 1) if piece in line]
        frames.append({"function": function, "file": file, "line": number, "context_line": lines[number - 1]})
    runtime = {"function": "process.processTicksAndRejections", "file": "node:internal/process/task_queues"}
    return [*frames[:2], runtime, *frames[2:]]


def main() -> None:
    out = Path(sys.argv[1])
    shutil.copytree(HERE, ROOT, ignore=shutil.ignore_patterns(".next"), symlinks=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    event = build_and_fail(f"http://127.0.0.1:{server.server_port}")
    truth = {"type": "Error", "value": "Invoice not found", "frames": true_frames()}
    server.shutdown()
    shutil.rmtree(ROOT)

    event["contexts"] = {name: value for name, value in event["contexts"].items() if name not in MACHINE}
    debug_ids = {image["debug_id"] for image in event["debug_meta"]["images"]}
    (out / "bundle.zip").write_bytes(cut_bundle(debug_ids))
    (out / "event.json").write_text(json.dumps(event, indent=1, ensure_ascii=False) + "\n")
    (out / "truth.json").write_text(json.dumps(truth, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
