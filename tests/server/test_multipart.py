"""multipart/form-data, cut anywhere."""

from dataclasses import dataclass, field
from itertools import pairwise

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.server.errors import MalformedRequest
from headwater.server.multipart import MAX_PARTS, Multipart, PartName


@dataclass
class Parts:
    """Remembers what it was handed."""

    complete: list[tuple[str, str | None, bytes]] = field(default_factory=list)
    now: PartName | None = None
    content: bytes = b""

    def begin(self, part: PartName) -> None:
        self.now, self.content = part, b""

    def write(self, piece: bytes) -> None:
        self.content += piece

    def end(self) -> None:
        assert self.now is not None
        self.complete.append((self.now.name, self.now.filename, self.content))


def parse(content_type: str, body: bytes, cuts: list[int]) -> Parts:
    parts = Parts()
    parser = Multipart(content_type, parts)
    places = sorted({0, len(body), *(cut % (len(body) + 1) for cut in cuts)})
    for start, end in pairwise(places):
        parser.feed(body[start:end])
    parser.finish()
    return parts


@given(
    files=st.lists(
        st.tuples(
            st.sampled_from(["file", "file_gzip", "naïve"]),
            st.text('abcdefü"\\;= ', min_size=1, max_size=8),
            st.binary(max_size=60),
        ),
        min_size=1,
        max_size=4,
    ),
    cuts=st.lists(st.integers(0, 1000), max_size=6),
)
def test_parts_are_the_same_however_the_body_is_cut(
    files: list[tuple[str, str, bytes]], cuts: list[int]
) -> None:
    sent = [(name, (filename, content)) for name, filename, content in files]
    request = httpx.Request("POST", "http://h/", files=sent)

    whole = parse(request.headers["content-type"], request.read(), [])
    cut = parse(request.headers["content-type"], request.read(), cuts)

    assert cut.complete == whole.complete
    assert [content for _, _, content in whole.complete] == [content for _, _, content in files]
    assert [name for name, _, _ in whole.complete] == [name for name, _, _ in files]


def test_a_body_that_ends_in_the_middle_is_refused() -> None:
    request = httpx.Request("POST", "http://h/", files={"file": ("a", b"content")})
    body = request.read()

    for end in range(1, len(body) - 4):
        with pytest.raises(MalformedRequest):
            parse(request.headers["content-type"], body[:end], [])


def test_too_many_parts_are_refused() -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n'

    with pytest.raises(MalformedRequest, match="at most 1,000 parts"):
        parse("multipart/form-data; boundary=x", part * (MAX_PARTS + 1) + b"--x--", [])
