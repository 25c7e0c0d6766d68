"""From what went wrong to a status and a sentence."""

import errno
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import psycopg
import pytest
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headwater.server import errors
from headwater.storage.people.tokens import UnknownToken
from headwater.storage.uploads.unnamed import BlobsMissing
from tests.upload_side import serving

RAISED: dict[str, Exception] = {
    "malformed": errors.MalformedRequest("Expected a horse."),
    "unknown": UnknownToken("0123456789abcdef"),
    "nothing": errors.NothingThere("There is no horse."),
    "there": errors.AlreadyThere("There is a horse."),
    "large": errors.BodyTooLarge("Too large a horse."),
    "slow": errors.TooSlow("Too slow a horse."),
    "overloaded": errors.Overloaded("Too many horses."),
    "http": HTTPException(410, "Gone."),
    "full": OSError(errno.ENOSPC, "No space left on device"),
    "quota": OSError(errno.EDQUOT, "Quota exceeded"),
    "denied": PermissionError(errno.EACCES, "Permission denied"),
    "broken": OSError(errno.EIO, "Input/output error"),
    "locked": OperationalError("x", {}, Exception("database is locked")),
    "database full": OperationalError("x", {}, Exception("database or disk is full")),
    "readonly": OperationalError("x", {}, Exception("attempt to write a readonly database")),
    "cut off": OperationalError("x", {}, psycopg.OperationalError("server closed the connection")),
    "all connections": NoConnectionFree("QueuePool limit of size 5 overflow 10 reached"),
    "no rights": OperationalError("x", {}, Exception("permission denied for table events")),
    "damaged": DatabaseError("x", {}, Exception("database disk image is malformed")),
    "meanwhile": BlobsMissing("Files were deleted; please send it again."),
    "bug": KeyError("secret"),
}


def fail(request: Request) -> Response:
    raise RAISED[request.path_params["what"]]


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    routes = [Route("/api/0/{what}/", fail), Route("/page/{what}", fail)]
    with serving(routes) as origin:
        yield origin


@pytest.mark.parametrize(
    ("what", "status", "said"),
    [
        ("malformed", 400, "Expected a horse."),
        ("unknown", 401, "'01234567'"),
        ("nothing", 404, "There is no horse."),
        ("there", 409, "There is a horse."),
        ("large", 413, "Too large a horse."),
        ("slow", 408, "Too slow a horse."),
        ("overloaded", 503, "Too many horses."),
        ("http", 410, "Gone."),
        ("full", 507, "disk is full"),
        ("quota", 507, "disk is full"),
        ("denied", 500, "SOURCEMAP_STORAGE_PATH"),
        ("broken", 500, "its log says what"),
        ("locked", 503, "busy"),
        ("database full", 507, "disk is full"),
        ("readonly", 503, "may not write to its database"),
        ("cut off", 503, "can't reach its database"),
        ("all connections", 503, "busy"),
        ("no rights", 503, "DATABASE_URL"),
        ("damaged", 500, "its log says what"),
        ("meanwhile", 503, "send it again"),
        ("bug", 500, "its log says what"),
    ],
)
def test_every_failure_is_a_status_and_a_sentence_in_json(
    origin: str, what: str, status: int, said: str
) -> None:
    answer = httpx.get(f"{origin}/api/0/{what}/")

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    assert said in answer.json()["detail"]
    assert "secret" not in answer.text


@pytest.mark.parametrize("what", ["overloaded", "locked", "cut off"])
def test_who_should_try_again_is_told_when(origin: str, what: str) -> None:
    assert int(httpx.get(f"{origin}/api/0/{what}/").headers["retry-after"]) > 0


def test_a_page_gets_the_sentence_as_text(origin: str) -> None:
    answer = httpx.get(f"{origin}/page/nothing")

    assert answer.status_code == 404
    assert answer.text == "There is no horse.\n"


def test_a_wrong_method_is_told_in_json(origin: str) -> None:
    answer = httpx.post(f"{origin}/api/0/malformed/")

    assert answer.status_code == 405
    assert answer.json() == {"detail": "Method Not Allowed"}


def test_every_refusal_has_a_handler() -> None:
    handlers: dict[Any, Any] = dict(errors.EXCEPTION_HANDLERS)

    assert all(refusal in handlers for refusal in errors.STATUS)


@pytest.mark.parametrize("what", ["bug", "broken", "damaged", "database full"])
def test_a_connection_outlives_a_fault(origin: str, what: str) -> None:
    with socket.create_connection(("127.0.0.1", urlsplit(origin).port), timeout=30) as client:
        file = client.makefile("rb")
        statuses = []
        for path in (f"/api/0/{quote(what)}/", "/page/nothing"):
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            statuses.append(int(file.readline().split()[1]))
            length = 0
            while (line := file.readline()) != b"\r\n":
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            file.read(length)
        file.close()

    assert statuses[0] in (500, 507)
    assert statuses[1] == 404


def test_a_fault_is_logged_once_with_its_cause(
    origin: str, capsys: pytest.CaptureFixture[str]
) -> None:
    httpx.get(f"{origin}/api/0/bug/")

    printed = capsys.readouterr()
    assert (printed.out + printed.err).count("KeyError: 'secret'") == 1
