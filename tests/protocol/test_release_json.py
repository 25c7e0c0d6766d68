"""What clients say of releases and deploys."""

import json
from datetime import UTC, datetime

import pytest

from headwater.protocol.release_json import (
    MalformedRelease,
    ReleaseChanges,
    parse_deploy,
    parse_release,
)


def test_a_finalized_release_with_commits_is_read() -> None:
    body = {
        "version": "app@1.0/x",
        "projects": ["web"],
        "url": "https://example.com",
        "dateReleased": "2026-11-22T10:00:00.123456Z",
        "commits": [{"id": "a" * 40, "message": "fix"}],
        "status": "archived",
    }

    changes = parse_release(json.dumps(body).encode())

    assert changes.version == "app@1.0/x"
    assert changes.url == "https://example.com"
    assert changes.released_at == datetime(2026, 11, 22, 10, 0, 0, 123456, UTC)
    assert changes.commits == '[{"id":"' + "a" * 40 + '","message":"fix"}]'
    assert changes.status == "archived"


def test_fields_of_a_wrong_type_are_passed_over() -> None:
    body = {"version": 1, "url": [], "dateReleased": {}, "commits": "x", "status": "gone"}

    assert parse_release(json.dumps(body).encode()) == ReleaseChanges()


def test_refs_stand_in_for_commits() -> None:
    changes = parse_release(b'{"refs": [{"repository": "r", "commit": "c"}], "commits": []}')

    assert changes.commits == '[{"repository":"r","commit":"c"}]'


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"\xff", b'{"version": "' + b"v" * 251 + b'"}', b"[" * 100_000]
)
def test_what_can_not_be_read_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedRelease):
        parse_release(body)


def test_too_many_commits_are_refused() -> None:
    body = json.dumps({"commits": [{"message": "x" * 1024**2}]}).encode()

    with pytest.raises(MalformedRelease, match="at most 1,048,576 bytes"):
        parse_release(body)


def test_a_deploy_needs_an_environment() -> None:
    deploy = parse_deploy(b'{"environment": "production", "dateFinished": "2026-11-22T10:00:00Z"}')

    assert deploy.environment == "production"
    assert deploy.finished_at == datetime(2026, 11, 22, 10, tzinfo=UTC)
    with pytest.raises(MalformedRelease, match="environment"):
        parse_deploy(b"{}")
