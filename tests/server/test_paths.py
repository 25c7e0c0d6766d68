"""Paths under /api/0/: slashes inside of values, slashes at the end, and no caching."""

from collections.abc import Iterator

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from headwater.server.paths import segment, sent_path
from tests.upload_side import serving


async def echo(request: Request) -> Response:
    names = request.path_params
    values = {name: segment(request, name) for name in names}
    return JSONResponse({**values, "sent": sent_path(request)})


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    routes = [
        Route("/api/0/{org}/releases/{version}/", echo, methods=["GET", "POST"]),
        Route("/other/{name}", echo),
    ]
    with serving(routes) as origin:
        yield origin


@pytest.mark.parametrize(
    ("sent", "value"),
    [
        ("1.0", "1.0"),
        ("app%401.0", "app@1.0"),
        ("app@1.0", "app@1.0"),
        ("a%2Fb%2fc", "a/b/c"),
        ("a%252Fb", "a%2Fb"),
        ("a%20b+c", "a b+c"),
        ("%C3%BC", "ü"),
        ("..%2F..%2Fetc", "../../etc"),
    ],
)
def test_a_value_is_one_segment_decoded(origin: str, sent: str, value: str) -> None:
    answer = httpx.get(f"{origin}/api/0/o/releases/{sent}/?cursor=a/b")

    assert answer.json()["version"] == value
    assert answer.json()["sent"] == f"/api/0/o/releases/{sent}/"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_last_slash_is_optional_and_never_redirected_to(origin: str, method: str) -> None:
    answer = httpx.request(method, f"{origin}/api/0/o/releases/1.0", follow_redirects=False)

    assert answer.status_code == 200
    assert answer.json()["version"] == "1.0"


def test_answers_are_never_cached(origin: str) -> None:
    assert httpx.get(f"{origin}/api/0/o/releases/1.0/").headers["cache-control"] == "no-store"
    assert httpx.get(f"{origin}/api/0/x/").headers["cache-control"] == "no-store"


def test_other_paths_are_left_alone(origin: str) -> None:
    answer = httpx.get(f"{origin}/other/x")

    assert answer.json()["name"] == "x"
    assert "cache-control" not in answer.headers
