"""Envelopes in one file, made once a day for each mix: what the load is taken from."""

import gzip
import json
import os
import shutil
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from bench.corpus import shelf
from bench.ingest.events import Written, today
from bench.ingest.issues import Issue, Kind, issues
from bench.ingest.uploads import Upload

SEED = 4
SIZES = (10, 9, 11, 10, 6, 8, 12, 10, 4, 10, 18, 9, 28, 11, 7, 10, 55)
"""KB of an issue's events, as JSON, in turn: most about 10."""

NODE_GZIP = 32 * 1024
"""Bytes above which the Node SDK compresses."""


class Mix(StrEnum):
    """Which bodies."""

    SDKS = "sdks"
    """As SDKs send them: browsers' plain, Node's compressed above NODE_GZIP, Python's compressed."""
    GZIP = "gzip"
    """The same events, all compressed."""
    SMALL = "10 KB"
    """All of about 10 KB, as SDKs send them."""
    LARGE = "50 KB"
    """All of about 50 KB."""


@dataclass(frozen=True, slots=True)
class Bodies:
    """`rows`: offset, bytes, kind's number, 1 if compressed, bytes of the event's JSON; for each."""

    path: Path
    count: int

    def rows(self) -> "array[int]":
        """Five numbers for each body."""
        numbers = array("q")
        numbers.frombytes(self.path.with_suffix(".rows").read_bytes())
        return numbers

    def mean_json(self, count: int) -> float:
        """Bytes of the first events' JSON."""
        return sum(self.rows()[4 : 5 * count : 5]) / count

    def mean_wire(self, count: int) -> float:
        """Bytes of the first bodies as they are sent."""
        return sum(self.rows()[1 : 5 * count : 5]) / count


def bodies(mix: Mix, count: int, uploaded: Upload) -> Bodies:
    """At least that many; kept until tomorrow."""
    made = Bodies(_folder() / f"{mix.replace(' ', '')}-{count}.bodies", count)
    if not made.path.exists():
        made.path.parent.mkdir(parents=True, exist_ok=True)
        _write(made.path, mix, count, uploaded)
    return made


def _folder() -> Path:
    """Of this day and of the code that writes; all others are deleted."""
    digest = sha256(today().isoformat().encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.name in {"bodies.py", "events.py", "issues.py", "uploads.py", "words.py"}:
            digest.update(path.read_bytes())
    parent = shelf.folder() / "ingest"
    name = digest.hexdigest()[:16]
    for other in parent.glob("*"):
        if other.name != name:
            shutil.rmtree(other)
    return parent / name


def _write(path: Path, mix: Mix, count: int, uploaded: Upload) -> None:
    numbers, offset = array("q"), 0
    unfinished = path.with_suffix(f".{os.getpid()}")
    with unfinished.open("wb") as out:
        for kind, body, is_compressed, size in _envelopes(mix, count, uploaded):
            out.write(body)
            numbers.extend((offset, len(body), tuple(Kind).index(kind), is_compressed, size))
            offset += len(body)
    path.with_suffix(".rows").write_bytes(numbers.tobytes())
    unfinished.replace(path)


def _envelopes(mix: Mix, count: int, uploaded: Upload) -> Iterator[tuple[Kind, bytes, bool, int]]:
    sizes: Sequence[int] = {Mix.SMALL: (10,), Mix.LARGE: (50,)}.get(mix, SIZES)
    every = issues(SEED, uploaded.scripts, [size * 1_000 for size in sizes])
    for issue, event_id, event in Written(SEED, every, today()).events(count):
        body = _envelope(issue, event_id, event.encode())
        is_compressed = mix is Mix.GZIP or _compresses(issue.kind, len(body))
        yield (
            issue.kind,
            gzip.compress(body, 6) if is_compressed else body,
            is_compressed,
            len(event),
        )


def _envelope(issue: Issue, event_id: str, event: bytes) -> bytes:
    is_python = issue.kind is Kind.PYTHON
    sdk = {"name": f"sentry.{issue.kind}", "version": "11.12.0"}
    trace = {"trace_id": event_id[::-1], "environment": "production", "release": "shop@4.2.7"}
    head = {"event_id": event_id, "sent_at": "2026-11-22T12:00:00.000Z", "sdk": sdk, "trace": trace}
    item = {"type": "event"}
    if is_python:
        item |= {"content_type": "application/json", "length": str(len(event))}
    described = json.dumps(item).replace(f'"{len(event)}"', str(len(event)))
    return b"\n".join((json.dumps(head).encode(), described.encode(), event)) + b"\n" * is_python


def _compresses(kind: Kind, size: int) -> bool:
    return kind is Kind.PYTHON or (kind is Kind.NODE and size > NODE_GZIP)
