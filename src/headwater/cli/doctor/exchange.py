"""One request and what came back, whatever it was: a doctor learns from refusals."""

import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

ANSWER_SECONDS: Final = 60
"""How long an answer is waited for; also 8 MiB at 1.2 Mbit/s."""

MAX_ANSWER: Final = 1024**2
"""Bytes of an answer that are read; ours have some kilobytes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` in lower case; `body` at most MAX_ANSWER bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NothingCame(Exception):
    """The connection failed, or ended before there was an answer; the message says how."""


def exchange(
    method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
) -> Answer:
    """Redirects are answers, too. Raises NothingCame."""
    connection = _connection(url)
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    try:
        try:
            connection.request(method, path or "/", body, dict(headers or {}))
        except (BrokenPipeError, ConnectionResetError):
            # Who refuses a large body answers before it has all of it, and closes.
            if body is None:
                raise
        answer = connection.getresponse()
        read = answer.read(MAX_ANSWER)
    except (OSError, http.client.HTTPException) as error:
        raise NothingCame(str(error) or type(error).__name__) from None
    finally:
        connection.close()
    return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, read)


def _connection(url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    if parts.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(parts.netloc, timeout=ANSWER_SECONDS, context=context)
    return http.client.HTTPConnection(parts.netloc, timeout=ANSWER_SECONDS)
