"""multipart/form-data as it streams in: each part's bytes go on to whoever asked for them."""

from collections.abc import Callable
from typing import Final, Protocol

from msgspec import Struct
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from headwater.server.errors import MalformedRequest

MAX_PARTS: Final = 1_000
"""Parts of one request: clients send at most 64 chunks, or a file with a handful of fields."""

MAX_HEADER: Final = 8 * 1024
"""Bytes of one header of a part, as web servers have it for their own."""


class PartName(Struct, frozen=True):
    """What a part says of itself."""

    name: str
    filename: str | None


class PartSink(Protocol):
    """Takes the parts of one request, one after the other."""

    def begin(self, part: PartName) -> None:
        """A part begins."""
        ...

    def write(self, piece: bytes) -> None:
        """More bytes of this part."""
        ...

    def end(self) -> None:
        """The part is complete."""
        ...


class Multipart:
    """Parses one request. Every method raises MalformedRequest, and what the sink raises."""

    def __init__(self, content_type: str, sink: PartSink, max_parts: int = MAX_PARTS) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary", b"")
        if kind != b"multipart/form-data" or not boundary:
            raise MalformedRequest(
                f"Expected multipart/form-data with a boundary, not {content_type[:100]!r}."
            )
        self._sink = sink
        self._max_parts = max_parts
        self._header = b""
        self._value = b""
        self._disposition = b""
        self._parts = 0
        self._is_empty = True
        self._is_complete = False
        callbacks: dict[str, Callable[..., None]] = {
            "on_part_begin": self._begin,
            "on_header_field": self._add_to_header,
            "on_header_value": self._add_to_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._end_headers,
            "on_part_data": lambda data, start, end: sink.write(data[start:end]),
            "on_part_end": sink.end,
            "on_end": self._complete,
        }
        try:
            self._parser = MultipartParser(
                boundary,
                callbacks,  # type: ignore[arg-type]  # a TypedDict of the same keys
                max_header_size=MAX_HEADER,
            )
        except FormParserError as error:
            raise MalformedRequest(f"The request is not multipart/form-data: {error}.") from None

    def feed(self, piece: bytes) -> None:
        """More bytes of the body."""
        self._is_empty = self._is_empty and not piece
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise MalformedRequest(f"The request is not multipart/form-data: {error}.") from None

    def finish(self) -> None:
        """The body is over. None at all counts as one without parts."""
        if not self._is_complete and not self._is_empty:
            raise MalformedRequest("The multipart request ends in the middle of a part.")

    def _begin(self) -> None:
        self._parts += 1
        self._disposition = b""
        if self._parts > self._max_parts:
            raise MalformedRequest(f"A request has at most {self._max_parts:,} parts.")

    def _add_to_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _add_to_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header = self._value = b""

    def _end_headers(self) -> None:
        # Latin-1 keeps every byte, so that the names can be read as the UTF-8 that they are.
        _, options = parse_options_header(self._disposition.decode("latin-1"))
        filename = options.get(b"filename")
        self._sink.begin(
            PartName(
                options.get(b"name", b"").decode("utf-8", "replace"),
                None if filename is None else filename.decode("utf-8", "replace"),
            )
        )

    def _complete(self) -> None:
        self._is_complete = True
