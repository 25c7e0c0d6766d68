"""DSNs, read and printed."""

import pytest

from headwater.protocol.dsn import Dsn, InvalidDsn


@pytest.mark.parametrize(
    "text",
    [
        "http://0123456789abcdef0123456789abcdef@localhost:8080/1",
        "https://key@errors.example.com/17",
        "https://key@example.com/under/a/prefix/17",
        "http://key@[::1]:8080/1",
    ],
)
def test_a_dsn_prints_as_it_was_written(text: str) -> None:
    assert str(Dsn.parse(text)) == text


def test_a_dsn_is_taken_apart() -> None:
    dsn = Dsn.parse(" https://key:secret@example.com:444/under/17/ ")

    assert dsn == Dsn("https", "key", "example.com", 444, "/under/", "17")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://example.com/1",
        "key@example.com/1",
        "https://key@example.com",
        "https://@h/1",
        "ftp://k@h/1",
    ],
)
def test_what_is_not_a_dsn_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidDsn, match="https://public_key@host/project_id"):
        Dsn.parse(text)
