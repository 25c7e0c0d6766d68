"""A server with the doors of build tools, and a tool that is signed in."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from headwater.storage.home import Home
from headwater.storage.tokens import Scope
from tests.upload_side import BuildTool, UploadSide, serving


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
