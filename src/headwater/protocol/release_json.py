"""What clients say of a release and its deploys."""

from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Struct

from headwater.protocol.chunks import MalformedAssemble, checked_version
from headwater.protocol.timestamp import parse_timestamp

STATUSES: Final = ("open", "archived")

MAX_COMMITS: Final = 1024**2
"""Bytes of a release's commits as JSON; clients send 20 commits by default."""

MAX_ENVIRONMENT: Final = 64
"""Characters of an environment's or a deploy's name: the columns' width, and Sentry's limit."""


class MalformedRelease(Exception):
    """What a client says of a release can't be read; the message says what was expected."""


class ReleaseChanges(Struct, frozen=True):
    """What a request sets. None: not mentioned. `commits` is JSON."""

    version: str | None = None
    url: str | None = None
    released_at: datetime | None = None
    commits: str | None = None
    status: str | None = None


class NewDeploy(Struct, frozen=True):
    """A deploy as announced."""

    environment: str
    name: str | None = None
    url: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


def parse_release(body: bytes) -> ReleaseChanges:
    """From the JSON of a POST or PUT; fields of other types are passed over.

    Raises MalformedRelease.
    """
    given = _object(body)
    try:
        named = given.get("version")
        version = checked_version(named if isinstance(named, str) else None)
    except MalformedAssemble as error:
        raise MalformedRelease(str(error)) from None
    status = _text(given, "status")
    return ReleaseChanges(
        version=version,
        url=_text(given, "url"),
        released_at=parse_timestamp(given.get("dateReleased")),
        commits=_commits(given),
        status=status if status in STATUSES else None,
    )


def parse_deploy(body: bytes) -> NewDeploy:
    """From the JSON of a POST. Raises MalformedRelease."""
    given = _object(body)
    environment = (_text(given, "environment") or "").strip()
    if not environment or len(environment) > MAX_ENVIRONMENT:
        raise MalformedRelease(
            f"A deploy names its environment in at most {MAX_ENVIRONMENT} characters."
        )
    name = _text(given, "name")
    return NewDeploy(
        environment=environment,
        name=None if name is None else name[:MAX_ENVIRONMENT],
        url=_text(given, "url"),
        started_at=parse_timestamp(given.get("dateStarted")),
        finished_at=parse_timestamp(given.get("dateFinished")),
    )


def _commits(given: dict[str, Any]) -> str | None:
    # `commits` are whole commits; `refs` are only their ids, for servers that can fetch the rest.
    commits = given.get("commits") or given.get("refs")
    if not isinstance(commits, list) or not commits:
        return None
    encoded = msgspec.json.encode(commits).decode()
    if len(encoded) > MAX_COMMITS:
        raise MalformedRelease(
            f"A release's commits have at most {MAX_COMMITS:,} bytes; these have {len(encoded):,}."
        )
    return encoded


def _object(body: bytes) -> dict[str, Any]:
    try:
        given = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedRelease(f"Expected a JSON object: {error}.") from None
    if not isinstance(given, dict):
        raise MalformedRelease("Expected a JSON object.")
    return given


def _text(given: dict[str, Any], key: str) -> str | None:
    value = given.get(key)
    return value.replace("\x00", "") if isinstance(value, str) and value else None
