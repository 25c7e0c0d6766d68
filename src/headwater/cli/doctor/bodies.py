"""How large a request gets through: found out by sending some to a door that forgets them."""

import json
from collections.abc import Iterator
from typing import Final

from headwater.cli.doctor.exchange import Answer, NothingCame, exchange
from headwater.cli.doctor.proxies import larger_bodies, proxy_of
from headwater.server.doctor.check import Check, failed, passed, skipped, warned

KIB: Final = 1024
SIZES: Final = tuple(size * KIB for size in (64, 256, 768, 1_100, 2_048, 4_096, 8_192))
"""Bytes of the bodies, one after the other: below and above what proxies allow by default (nginx: 1 MB)."""

AROUND: Final = 16 * KIB
"""Bytes that multipart adds to the chunks of one request."""

EVENT: Final = 1024**2
"""Bytes of the largest event; SDKs send it in one request, mostly compressed."""


OK: Final = 200
TOO_LARGE: Final = 413


def body_checks(origin: str, token: str) -> Iterator[Check]:
    """What gets through, against what clients are told to send."""
    needed = _told(origin, token)
    if needed is None:
        yield skipped("body sizes", "The server did not say what clients are told to send.")
        return
    largest = 0
    for size in sorted({*SIZES, needed + AROUND}):
        try:
            answer = _post(origin, token, size)
        except NothingCame as error:
            yield _refused(size, largest, needed, f"the connection ended ({error})", None)
            return
        who = answer.headers.get("server", "somebody unnamed")
        if answer.status == TOO_LARGE:
            how = f"{answer.status} by {who}"
            yield _refused(size, largest, needed, how, proxy_of(answer.headers))
            return
        if answer.status != OK:
            yield failed(
                "body sizes",
                f"A request of {_shown(size)} was answered with {answer.status} by {who}.",
                "Read that program's log: a proxy needs a folder to keep bodies in, and a way to here.",
            )
            return
        largest = size
    yield passed("body sizes", f"Requests of {_shown(largest)} get through.")


def _refused(size: int, largest: int, needed: int, how: str, proxy: str | None) -> Check:
    sentence = f"A request of {_shown(size)} was refused: {how}; {_shown(largest)} got through."
    if largest < needed + AROUND:
        told = f" Upload clients are told to send {_shown(needed)} at a time."
        return failed("body sizes", sentence + told, larger_bodies(proxy))
    if largest < EVENT:
        return failed("body sizes", f"{sentence} Events may have 1 MiB.", larger_bodies(proxy))
    return warned(
        "body sizes", f"{sentence} Envelopes with attachments are larger.", larger_bodies(proxy)
    )


def _told(origin: str, token: str) -> int | None:
    """Bytes of chunks that clients put into one request."""
    answer = exchange("GET", f"{origin}/api/0/organizations/any/chunk-upload/", _auth(token))
    try:
        return int(json.loads(answer.body)["maxRequestSize"])
    except (ValueError, KeyError, TypeError):
        return None


def _post(origin: str, token: str, size: int) -> Answer:
    headers = {**_auth(token), "Content-Type": "application/octet-stream"}
    url = f"{origin}/api/0/organizations/any/doctor/body/"
    return exchange("POST", url, headers, bytes(size))


def _auth(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _shown(size: int) -> str:
    return f"{size / KIB:,.0f} KiB" if size < KIB * KIB else f"{size / KIB / KIB:.1f} MiB"
