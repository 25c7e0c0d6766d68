"""What lets a browser's page on any origin send events here, and read the answer."""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

HEADERS: Final[Mapping[str, str]] = {
    "Access-Control-Allow-Origin": "*",
    # Without these an SDK in a browser can't see that it should slow down, or why it was refused.
    "Access-Control-Expose-Headers": "x-sentry-error, x-sentry-rate-limits, retry-after",
    # Pages that isolate themselves (COEP) may talk to us as well.
    "Cross-Origin-Resource-Policy": "cross-origin",
}

_USUAL_HEADERS: Final = (
    "authentication, authorization, baggage, content-encoding, content-type, sentry-trace,"
    " x-requested-with, x-sentry-auth"
)

MAX_REQUESTED: Final = 1000
"""Characters of the header names that a preflight may ask for and gets said back."""


def preflight(request: Request) -> Response:
    """The answer to OPTIONS: anything may be sent. SDKs don't ask, custom transports do."""
    requested = request.headers.get("access-control-request-headers", "")
    allowed = requested if 0 < len(requested) <= MAX_REQUESTED else _USUAL_HEADERS
    return Response(
        status_code=204,
        headers={
            **HEADERS,
            "Access-Control-Allow-Methods": "POST, OPTIONS",
            "Access-Control-Allow-Headers": allowed,
            "Access-Control-Max-Age": "86400",
        },
    )
