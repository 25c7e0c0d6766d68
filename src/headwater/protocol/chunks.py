"""Chunk upload: what the server offers, what clients send to assemble, and the answer to it."""

import re
from enum import StrEnum
from typing import Any, Final, NewType

import msgspec

Sha1 = NewType("Sha1", str)
"""40 lower-case hexadecimal digits: how the protocol names chunks and whole bundles."""

MAX_VERSION: Final = 250
"""Characters of a release's version: the column's width, and Sentry's limit."""

MAX_DIST: Final = 64
"""Characters of a dist: the column's width, and Sentry's limit."""

ACCEPT: Final = ("release_files", "artifact_bundles", "artifact_bundles_v2")
"""The three that make every sentry-cli take the shortest way: ask, upload what is missing, ask."""

COMPRESSION: Final = ("gzip",)
"""Not zstd: for it the TypeScript client sets a Content-Encoding that is not true of the body."""

CONCURRENCY: Final = 8
"""Requests that a client may have under way; the TypeScript client knows no other batching."""

CHUNKS_PER_REQUEST: Final = 64
"""Chunks in one request, as long as they fit into its bytes; as Sentry has it."""

_SHA1 = re.compile(r"[0-9a-f]{40}")

_NO_RELEASE: Final = ("", "undefined")
"""The bundler plugins send a literal `undefined` when they found no release name."""


class MalformedAssemble(Exception):
    """A request to assemble can't be read; the message says what was expected."""


class ChunkUploadOptions(msgspec.Struct, frozen=True, rename="camel"):
    """What `GET …/chunk-upload/` says. Sizes in bytes.

    `url` is absolute and on the origin that the client used: the TypeScript client refuses others.
    """

    url: str
    chunk_size: int
    max_request_size: int
    max_file_size: int
    chunks_per_request: int = CHUNKS_PER_REQUEST
    concurrency: int = CONCURRENCY
    hash_algorithm: str = "sha1"
    compression: tuple[str, ...] = COMPRESSION
    accept: tuple[str, ...] = ACCEPT


class AssembleRequest(msgspec.Struct, frozen=True):
    """Which chunks, in this order, are the bundle; and what it is for. `None`: no release."""

    checksum: Sha1
    chunks: tuple[Sha1, ...]
    version: str | None = None
    dist: str | None = None
    given_version: str | None = None
    """The release in the client's own words, also where they stand for none."""


class AssembleState(StrEnum):
    """The only words that clients understand here."""

    OK = "ok"
    NOT_FOUND = "not_found"
    ASSEMBLING = "assembling"
    ERROR = "error"


class AssembleAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """The answer to a request to assemble: clients need all three fields in every answer."""

    state: AssembleState
    missing_chunks: tuple[Sha1, ...] = ()
    detail: str | None = None


class _Body(msgspec.Struct):
    checksum: str
    chunks: list[str]
    version: str | None = None
    dist: str | None = None
    projects: Any = None  # any value: the token decides where an upload belongs


def parse_sha1(text: str) -> Sha1 | None:
    """`text` as a SHA-1; None if it is none."""
    lowered = text.lower()
    return Sha1(lowered) if _SHA1.fullmatch(lowered) else None


def parse_assemble(body: bytes) -> AssembleRequest:
    """From the request's JSON. Raises MalformedAssemble."""
    try:
        given = msgspec.json.decode(body, type=_Body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedAssemble(f"Expected JSON with a checksum and chunks: {error}") from None
    return AssembleRequest(
        checksum=_sha1(given.checksum, "checksum"),
        chunks=tuple(_sha1(chunk, "chunk") for chunk in given.chunks),
        version=checked_version(given.version),
        dist=checked_dist(given.dist),
        given_version=None if given.version is None else given.version[:MAX_VERSION],
    )


def checked_version(version: str | None) -> str | None:
    """A release's version that can be stored; None for none. Raises MalformedAssemble."""
    version = (version or "").strip()
    if version in _NO_RELEASE:
        return None
    return _checked("A release's version", version, MAX_VERSION)


def checked_dist(dist: str | None) -> str | None:
    """A dist that can be stored; None for none. Raises MalformedAssemble."""
    dist = (dist or "").strip()
    return _checked("A dist", dist, MAX_DIST) if dist else None


def _checked(what: str, text: str, limit: int) -> str:
    if len(text) > limit:
        raise MalformedAssemble(f"{what} has at most {limit} characters; this has {len(text)}.")
    if not text.isprintable():
        raise MalformedAssemble(f"{what} has no control characters; this is {text!r}.")
    return text


def _sha1(text: str, what: str) -> Sha1:
    sha1 = parse_sha1(text)
    if sha1 is None:
        raise MalformedAssemble(f"The {what} {text[:50]!r} is not a SHA-1 of 40 hex digits.")
    return sha1
