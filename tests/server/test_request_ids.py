"""Each request has a name, in its answer and in the log."""

from collections.abc import Iterator

import pytest
import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from structlog.testing import capture_logs

from headwater.server.errors import EXCEPTION_HANDLERS, Faults
from headwater.server.request_ids import HEADER, RequestIds
from tests.event_side import Client


def show(_request: Request) -> Response:
    structlog.get_logger().warning("seen")
    return PlainTextResponse("here")


def fail(_request: Request) -> Response:
    raise ZeroDivisionError


@pytest.fixture
def client() -> Iterator[Client]:
    app = Starlette(
        routes=[Route("/show", show), Route("/fail", fail)],
        middleware=[Middleware(RequestIds), Middleware(Faults)],
        exception_handlers=EXCEPTION_HANDLERS,
    )
    client = Client(app)
    yield client
    client.close()


def test_each_answer_has_another(client: Client) -> None:
    names = {client.get("/show").headers[HEADER] for _ in range(3)}

    assert len(names) == 3
    assert all(name.isalnum() for name in names)


def test_a_plain_one_of_the_client_is_kept(client: Client) -> None:
    assert client.get("/show", headers={HEADER: "trace-1.a_B"}).headers[HEADER] == "trace-1.a_B"


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, 'a"b', "-rf", "ä", "<b>", "a\tb"])
def test_any_other_is_not(client: Client, given: str) -> None:
    answer = client.get("/show", headers={HEADER: given.encode()})

    assert answer.headers[HEADER] != given
    assert answer.headers[HEADER].isalnum()


def test_the_log_names_it_also_where_the_request_fails(client: Client) -> None:
    processors = [structlog.contextvars.merge_contextvars]
    with capture_logs(processors) as lines:
        client.get("/show", headers={HEADER: "one"})
        answer = client.get("/fail", headers={HEADER: "two"})

    assert answer.status_code == 500
    assert answer.headers[HEADER] == "two"
    assert [(line["event"], line["request_id"]) for line in lines] == [
        ("seen", "one"),
        ("request failed", "two"),
    ]
