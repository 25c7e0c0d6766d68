"""Tokens at the door: which pass, and what the others are told."""

from collections.abc import Iterator

import httpx
import pytest

from headwater.storage.people.tokens import Scope
from tests.upload_side import NOW, UploadSide, serving

OPTIONS = "/api/0/organizations/any/chunk-upload/"
RELEASE = "/api/0/organizations/any/releases/1.0/"


@pytest.fixture
def origin(side: UploadSide) -> Iterator[str]:
    with serving(side.routes()) as origin:
        yield origin


def get(origin: str, authorization: str | None, path: str = OPTIONS) -> httpx.Response:
    headers = {} if authorization is None else {"Authorization": authorization}
    return httpx.get(origin + path, headers=headers)


@pytest.mark.parametrize("spelling", ["Bearer {}", "bearer {}", "Bearer  {} ", "Token {}", "{}"])
def test_a_good_token_passes(side: UploadSide, origin: str, spelling: str) -> None:
    secret = side.token(None)

    assert get(origin, spelling.format(secret).strip()).status_code == 200


@pytest.mark.parametrize(
    "authorization", [None, "Bearer", "Basic dXNlcjpwYXNz", "DSN http://a@b/1"]
)
def test_without_a_token_nothing_is_told(origin: str, authorization: str | None) -> None:
    answer = get(origin, authorization)

    assert answer.status_code == 401
    assert "needs an API token" in answer.json()["detail"]
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["cache-control"] == "no-store"


def test_a_wrong_token_is_named_by_its_beginning_only(origin: str) -> None:
    answer = get(origin, "Bearer sntryu_0123456789abcdef")

    assert answer.status_code == 401
    assert "'sntryu_0'" in answer.json()["detail"]
    assert "sntryu_01" not in answer.text


def test_a_revoked_token_is_told_apart(side: UploadSide, origin: str) -> None:
    token, secret = side.tokens.create("old laptop", Scope.FULL, None, None, NOW)
    side.tokens.revoke(token.id, NOW)

    answer = get(origin, f"Bearer {secret}")

    assert answer.status_code == 401
    assert "revoked" in answer.json()["detail"]
    assert "old laptop" in answer.json()["detail"]
    assert secret[:9] not in answer.text


def test_the_key_of_a_dsn_is_told_apart(side: UploadSide, origin: str) -> None:
    key = side.project("web").public_key

    answer = get(origin, f"Bearer {key}")

    assert answer.status_code == 401
    assert "public key of a DSN" in answer.json()["detail"]


def test_an_upload_token_does_not_delete(side: UploadSide, origin: str) -> None:
    headers = {"Authorization": f"Bearer {side.token(None)}"}
    side.releases.create(None, "1.0", NOW)

    answer = httpx.delete(origin + RELEASE, headers=headers)

    assert answer.status_code == 403
    assert "'upload'; this needs 'full'" in answer.json()["detail"]
    assert side.releases.get(None, "1.0") is not None


def test_a_full_token_deletes(side: UploadSide, origin: str) -> None:
    headers = {"Authorization": f"Bearer {side.token(None, Scope.FULL)}"}
    side.releases.create(None, "1.0", NOW)

    assert httpx.delete(origin + RELEASE, headers=headers).status_code == 204


@pytest.mark.parametrize("secret", ["x" * 50_000, "\N{SNOWMAN}".encode().decode("latin-1")])
def test_odd_tokens_are_unknown(origin: str, secret: str) -> None:
    headers = [(b"Authorization", b"Bearer " + secret.encode("latin-1"))]

    assert httpx.get(origin + OPTIONS, headers=headers).status_code == 401
