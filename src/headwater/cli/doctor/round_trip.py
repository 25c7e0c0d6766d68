"""The whole way once: a build is uploaded, its error is sent, and comes out as it was written."""

import contextlib
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from msgspec import Struct

from headwater.cli.client import Client, NoAnswer, wait_until
from headwater.cli.doctor.clock import clock_check
from headwater.cli.doctor.exchange import NothingCame, exchange
from headwater.cli.doctor.specimen import FUNCTION, LINE, SOURCE, Specimen
from headwater.server.doctor.check import Check, failed, passed

DIGEST_SECONDS: Final = 60.0
"""How long the event may take; mostly it is there within one."""

CREATED: Final = 201

_HOME: Final = "/api/0/organizations/any/doctor/examinations/"


class _Examination(Struct, frozen=True):
    project: str
    client: Client
    dsn: str


def round_trip_checks(origin: str, token: str) -> Iterator[Check]:
    """In a project for a moment, which is in no list and gone at the end, with all that was tried."""
    headers = {"Authorization": f"Bearer {token}"}
    began = datetime.now(UTC)
    answer = exchange("POST", origin + _HOME, headers, b"")
    asked = began + (datetime.now(UTC) - began) / 2
    if answer.status != CREATED:
        yield failed(
            "round trip",
            f"No project for it could be made: {answer.status} {answer.body[:300].decode(errors='replace')}",
            "Try again in ten minutes; if it stays so, read the server's log.",
        )
        return
    made: dict[str, Any] = json.loads(answer.body)
    yield clock_check(datetime.fromisoformat(made["now"]), asked)
    dsn = f"{urlsplit(origin).scheme}://{made['publicKey']}@{urlsplit(origin).netloc}/{made['id']}"
    examination = _Examination(made["id"], Client(origin, made["token"]), dsn)
    try:
        yield from _steps(examination)
    finally:
        with contextlib.suppress(NothingCame):  # it ends by itself after ten minutes
            own = {"Authorization": f"Bearer {made['token']}"}
            exchange("DELETE", f"{origin}{_HOME}{made['id']}/", own)


def _steps(examination: _Examination) -> Iterator[Check]:
    specimen, client = Specimen.fresh(), examination.client
    try:
        client.upload(specimen.bundle(), "any")
    except (NoAnswer, KeyError, ValueError) as error:
        yield failed(
            "upload", f"The upload failed: {error}.", "Mend what failed above, or read it here."
        )
        return
    yield passed("upload", "A bundle was sent in chunks, and assembled.")
    began = time.monotonic()
    try:
        event_id = client.send_event(examination.dsn, specimen.event())
        yield passed("event", "An event was accepted.")
        path = f"/api/0/projects/any/{examination.project}/events/{event_id}/sourcemaps/"
        wait_until(lambda: bool(client.get(path)), DIGEST_SECONDS, "the event")
        yield _result(client.get(path), time.monotonic() - began)
    except (NoAnswer, KeyError, ValueError) as error:
        yield failed(
            "event",
            f"The event did not come through: {error}.",
            "Look whether the digest is alive and what its log says: `headwater doctor` on the server.",
        )


def _result(verdicts: dict[str, Any], seconds: float) -> Check:
    frame = verdicts["stacktraces"][0]["frames"][0]
    original = frame["original"]
    found = original and (original["filename"], original["function"], original["lineno"])
    if found == (SOURCE, FUNCTION, LINE):
        return passed(
            "resolve",
            f"`x` in doctor.js:2 came back as `{FUNCTION}` in {SOURCE}:{LINE} after {seconds:.1f} s.",
        )
    where = f" at {original['filename']}:{original['lineno']}" if original else ""
    detail = frame["evidence"].get("detail") or ""
    return failed(
        "resolve",
        f"The frame came back as `{frame['verdict']}`{where}: {frame['cause']} {detail}".strip(),
        frame["remedy"] or "Read the digest's log.",
    )
