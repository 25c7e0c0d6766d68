"""What clients ask to assemble."""

import json

import pytest

from headwater.protocol.chunks import MalformedAssemble, parse_assemble, parse_sha1

CHUNK = "1" * 40


def body(**more: object) -> bytes:
    return json.dumps({"checksum": "A" * 40, "chunks": [CHUNK], **more}).encode()


def test_a_request_is_read_with_any_projects() -> None:
    spellings: list[object] = [["web"], [1], "web", None, {}]
    for projects in spellings:
        request = parse_assemble(body(projects=projects, version="1.0", dist="d1"))

        assert request.checksum == "a" * 40
        assert request.chunks == (CHUNK,)
        assert (request.version, request.dist) == ("1.0", "d1")


@pytest.mark.parametrize("version", [None, "", " ", "undefined"])
def test_the_plugins_word_for_no_release_is_none(version: str | None) -> None:
    assert parse_assemble(body(version=version)).version is None


def test_a_dist_without_a_version_is_accepted() -> None:
    request = parse_assemble(body(dist="d1"))

    assert (request.version, request.dist) == (None, "d1")


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"not JSON",
        b"\xff\xfe",
        b"[]",
        b'{"checksum": "1"}',
        body(chunks="x"),
        body(chunks=["short"]),
        body(checksum="../../etc/passwd"),
        body(version=5),
        body(version="v" * 251),
        body(version="a\nb"),
        body(dist="d" * 65),
    ],
)
def test_what_can_not_be_read_is_refused_with_a_sentence(wrong: bytes) -> None:
    with pytest.raises(MalformedAssemble, match=r".{20}"):
        parse_assemble(wrong)


def test_a_sha1_is_forty_hexadecimal_digits() -> None:
    assert parse_sha1("AB" * 20) == "ab" * 20
    assert parse_sha1("ab" * 19) is None
    assert parse_sha1("zz" * 20) is None
