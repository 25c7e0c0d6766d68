"""A small client of a running Headwater, speaking what Sentry's own clients speak."""

import gzip
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from hashlib import sha1
from typing import Any

from msgspec import Struct

ANSWER_SECONDS = 30
"""No answer of ours takes this long; a server that does is down."""


class NoAnswer(Exception):
    """The server said no, or nothing; the message says to what."""


class Client(Struct, frozen=True):
    """Talks to `origin` (`http://localhost:8080`) with an API token."""

    origin: str
    token: str

    def get(self, path: str) -> Any:  # JSON
        """The JSON at an API path. Raises NoAnswer."""
        return self._json(urllib.request.Request(self.origin + path, headers=self._auth()))  # noqa: S310

    def post(self, path: str, value: object) -> Any:  # JSON
        """What is answered to JSON. Raises NoAnswer."""
        request = urllib.request.Request(  # noqa: S310
            self.origin + path,
            data=json.dumps(value).encode(),
            headers={**self._auth(), "Content-Type": "application/json"},
        )
        return self._json(request)

    def read(self, path: str) -> bytes:
        """What is at an API path, as it came. Raises NoAnswer."""
        return self._open(urllib.request.Request(self.origin + path, headers=self._auth()))  # noqa: S310

    def upload(self, bundle: bytes, project: str) -> str:
        """Upload an artifact bundle as a bundler plugin does; the final state, `ok`. Raises NoAnswer."""
        options = self.get("/api/0/organizations/any/chunk-upload/")
        size = options["chunkSize"]
        pieces = [bundle[start : start + size] for start in range(0, len(bundle), size)]
        names = [sha1(piece).hexdigest() for piece in pieces]  # noqa: S324  # the protocol's name for a chunk
        chunks = dict(zip(names, pieces, strict=True))
        wanted = {
            "checksum": sha1(bundle).hexdigest(),  # noqa: S324  # likewise
            "chunks": names,  # in order, and twice where two are alike
            "projects": [project],
        }
        for digest in self._assemble(wanted)["missingChunks"]:
            self._send_chunk(options["url"], digest, chunks[digest])
        answer = self._assemble(wanted)
        if answer["state"] != "ok":
            raise NoAnswer(f"the bundle was not assembled: {answer['detail']}")
        return str(answer["state"])

    def send_event(self, dsn: str, event: Mapping[str, Any]) -> str:
        """Send one event to a DSN as an SDK does; its event id. Raises NoAnswer."""
        key, _, rest = dsn.partition("://")[2].partition("@")
        project = rest.rpartition("/")[2]
        header = json.dumps({"event_id": event["event_id"], "dsn": dsn})
        body = "\n".join([header, '{"type":"event"}', json.dumps(event), ""]).encode()
        request = urllib.request.Request(  # noqa: S310
            f"{self.origin}/api/{project}/envelope/?sentry_key={key}&sentry_version=7",
            data=gzip.compress(body),
            headers={"Content-Encoding": "gzip"},
        )
        return str(self._json(request)["id"])

    def _assemble(self, wanted: Mapping[str, Any]) -> Any:  # JSON
        return self.post("/api/0/organizations/any/artifactbundle/assemble/", wanted)

    def _send_chunk(self, url: str, digest: str, chunk: bytes) -> None:
        boundary = "headwater-" + digest
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file_gzip"; filename="{digest}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        body = head.encode() + gzip.compress(chunk) + f"\r\n--{boundary}--\r\n".encode()
        kind = f"multipart/form-data; boundary={boundary}"
        self._open(
            urllib.request.Request(url, data=body, headers={**self._auth(), "Content-Type": kind})  # noqa: S310
        )

    def _auth(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def _json(self, request: urllib.request.Request) -> Any:  # JSON
        return json.loads(self._open(request))

    def _open(self, request: urllib.request.Request) -> bytes:
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310
                body: bytes = answer.read()
        except urllib.error.HTTPError as error:
            said = error.read().decode(errors="replace")
            raise NoAnswer(f"{request.full_url} answered {error.code}: {said}") from None
        except OSError as error:
            raise NoAnswer(f"{request.full_url} can't be reached: {error}") from None
        return body


def wait_until(happened: Callable[[], bool], seconds: float, what: str) -> None:
    """Ask again and again, a tenth of a second apart, until it has happened. Raises NoAnswer."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if happened():
                return
        except NoAnswer:
            if time.monotonic() > deadline:
                raise
        if time.monotonic() > deadline:
            raise NoAnswer(f"after {seconds:.0f} s {what} was still not there")
        time.sleep(0.1)
