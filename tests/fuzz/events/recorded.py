"""What SDKs sent: recordings of three of them (see `record.py`), and the shapes of the others."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tests.digest.test_sdk_shapes import SHAPES

RECORDINGS = Path(__file__).parent / "recordings"


@dataclass(frozen=True, slots=True)
class Recording:
    """A request; its body is unpacked, and `{key}` stands for the project's key."""

    name: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def encoding(self) -> str:
        """How its body was packed."""
        return dict(self.headers).get("content-encoding", "")


@lru_cache
def recordings() -> Sequence[Recording]:
    """All of them, in the same order each time."""
    return (*map(_read, sorted(RECORDINGS.glob("*.http"))), *map(_of_shape, sorted(SHAPES)))


@lru_cache
def recordings_of_events() -> Sequence[Recording]:
    """Those that hold one."""
    return [
        each for each in recordings() if b'"type":"event"' in each.body.replace(b" ", b"")[:5000]
    ]


def _read(file: Path) -> Recording:
    head, _, body = file.read_bytes().partition(b"\r\n\r\n")
    line, *headers = head.decode().split("\r\n")
    pairs = [tuple(each.split(": ", 1)) for each in headers]
    return Recording(
        file.stem, line.split(" ")[1], tuple((name, text) for name, text in pairs), body
    )


def _of_shape(name: str) -> Recording:
    payload = json.dumps(SHAPES[name]).encode()
    header = json.dumps({"sent_at": "2026-11-01T12:00:00Z"})
    item = json.dumps({"type": "event", "length": len(payload)})
    auth = f"Sentry sentry_key={{key}}, sentry_version=7, sentry_client={name.replace(' ', '/')}"
    headers = (("x-sentry-auth", auth), ("content-encoding", "gzip"))
    body = f"{header}\n{item}\n".encode() + payload
    return Recording(name, "/api/1/envelope/", headers, body)
