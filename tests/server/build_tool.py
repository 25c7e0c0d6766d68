"""A server with the doors of build tools, and a tool that is signed in."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx

from headwater.storage.people.tokens import Scope
from headwater.storage.uploads.home import Home
from tests.upload_side import BuildTool, UploadSide, pair, serving, sha1_of


@contextmanager
def build_tool(
    side: UploadSide, home: Home = None, scope: Scope = Scope.UPLOAD
) -> Iterator[BuildTool]:
    """A tool with a token for `home`, and a server of its own."""
    with serving(side.routes()) as origin, http(origin, side.token(home, scope)) as client:
        yield BuildTool(client)


@contextmanager
def http(origin: str, secret: str) -> Iterator[httpx.Client]:
    """A client that sends the token with every request."""
    headers = {"Authorization": f"Bearer {secret}"}
    with httpx.Client(base_url=origin, headers=headers, timeout=60) as client:
        yield client


def half_a_chunk(origin: str, secret: str) -> socket.socket:
    """A connection in the middle of an upload."""
    host = urlsplit(origin)
    body = (
        '--x\r\nContent-Disposition: form-data; name="file"; '
        f'filename="{sha1_of(pair())}"\r\n\r\nhalf of'
    )
    head = (
        "POST /api/0/organizations/any/chunk-upload/ HTTP/1.1\r\n"
        f"Host: {host.netloc}\r\nAuthorization: Bearer {secret}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 10000\r\n\r\n"
    )
    connection = socket.create_connection((host.hostname or "", host.port or 0))
    connection.sendall((head + body).encode())
    return connection
