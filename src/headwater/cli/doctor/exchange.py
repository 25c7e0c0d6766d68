"""One request and what came back, whatever it was: a doctor learns from refusals."""

import base64
import http.client
import ssl
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from msgspec import Struct

ANSWER_SECONDS: Final = 60
"""How long an answer is waited for; also 8 MiB at 1.2 Mbit/s."""

MAX_ANSWER: Final = 1024**2
"""Bytes of an answer that are read; ours have some kilobytes."""


class Answer(Struct, frozen=True):
    """`headers` in lower case; `body` at most MAX_ANSWER bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NothingCame(Exception):
    """The connection failed, or ended before there was an answer; the message says how."""


def exchange(
    method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
) -> Answer:
    """Redirects are answers, too; a proxy that the environment names is used. Raises NothingCame."""
    connection, target, more = _connection(url)
    try:
        try:
            connection.request(method, target, body, {**(headers or {}), **more})
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


def _connection(url: str) -> tuple[http.client.HTTPConnection, str, dict[str, str]]:
    """And what to ask for on it: a path, or of a proxy the whole address, with headers of its own."""
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    named = None if proxy_bypass(parts.netloc) else getproxies().get(parts.scheme)
    proxy, pass_on = _proxy(named) if named else ("", {})
    if parts.scheme == "https":
        context = ssl.create_default_context()
        secure = http.client.HTTPSConnection(
            proxy or parts.netloc, timeout=ANSWER_SECONDS, context=context
        )
        if proxy:
            secure.set_tunnel(parts.netloc, headers=pass_on)
        return secure, path, {}
    plain = http.client.HTTPConnection(proxy or parts.netloc, timeout=ANSWER_SECONDS)
    if not proxy:
        return plain, path, {}
    return plain, f"{parts.scheme}://{parts.netloc}{path}", pass_on


def _proxy(named: str) -> tuple[str, dict[str, str]]:
    """Where it is, and what it wants to be told of who asks: `http://user:password@proxy:3128`."""
    parts = urlsplit(named if "://" in named else f"//{named}")
    user, marker, where = parts.netloc.rpartition("@")
    if not marker:
        return where, {}
    secret = base64.b64encode(unquote(user).encode()).decode()
    return where, {"Proxy-Authorization": f"Basic {secret}"}
