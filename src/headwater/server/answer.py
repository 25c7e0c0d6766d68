"""JSON answers of the API."""

from collections.abc import Mapping

import msgspec
from starlette.responses import Response


def answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """`value`, a Struct or plain JSON, as `application/json`: sentry-cli reads nothing else."""
    return Response(
        msgspec.json.encode(value), status, dict(headers or {}), media_type="application/json"
    )
