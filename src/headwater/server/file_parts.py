"""The parts of a single-file upload: one file, written to disk as it comes, and a few fields."""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final

from headwater.artifacts.single_files import SingleFile, SingleFiles
from headwater.protocol.chunks import Sha1
from headwater.protocol.manifest import MAX_URL, parse_headers
from headwater.server.errors import MalformedRequest
from headwater.server.multipart import PartName
from headwater.storage.files.blobs import BlobWriter

MAX_FIELD: Final = 8 * 1024
"""Bytes of a field that is not the file: addresses and headers are shorter."""

MAX_FIELDS: Final = 64
"""Fields of one request: a name, a dist and a few headers."""


class FileParts:
    """Takes the parts of one request. Every method raises MalformedRequest."""

    def __init__(self, files: SingleFiles, max_file: int) -> None:
        """`max_file` in bytes."""
        self._files = files
        self._max_file = max_file
        self._fields: list[tuple[str, bytes]] = []
        self._open = ExitStack()
        self._writer: BlobWriter | None = None
        self._sha1 = hashlib.sha1(usedforsecurity=False)
        self._sha256: str | None = None
        self._size = 0
        self._filename = ""

    def begin(self, part: PartName) -> None:
        """The file, or a field."""
        if part.name == "file":
            if self._filename or self._sha256:
                raise MalformedRequest("A request uploads one file.")
            self._filename = part.filename or "file"
            self._writer = self._open.enter_context(self._files.writer())
            return
        if len(self._fields) >= MAX_FIELDS:
            raise MalformedRequest(f"A request has at most {MAX_FIELDS} fields.")
        self._fields.append((part.name, b""))

    def write(self, piece: bytes) -> None:
        """More bytes of it."""
        if self._writer is not None:
            self._write_file(self._writer, piece)
            return
        name, value = self._fields[-1]
        if len(value) + len(piece) > MAX_FIELD:
            raise MalformedRequest(f"The field {name!r} has more than {MAX_FIELD:,} bytes.")
        self._fields[-1] = (name, value + piece)

    def end(self) -> None:
        """It is complete; the file is durable."""
        if self._writer is not None:
            self._sha256 = self._writer.finish()
            self._size = self._writer.size
            self.close()

    def close(self) -> None:
        """Let go of a file that did not come to its end."""
        self._writer = None
        self._open.close()

    def file(self) -> SingleFile:
        """What was sent, once the request is complete."""
        if self._sha256 is None:
            raise MalformedRequest("The request has no part called 'file'.")
        url = self.field("name") or self._filename
        if "\x00" in url or len(url.encode(errors="replace")) > MAX_URL:
            raise MalformedRequest(f"A file's name has at most {MAX_URL:,} bytes, and no zeros.")
        debug_id, reference = parse_headers(self._headers())
        sha1 = Sha1(self._sha1.hexdigest())
        return SingleFile(url, debug_id, reference, sha1, self._sha256, self._size)

    def field(self, name: str) -> str | None:
        """The first value of a field, if it has any."""
        values = (value.decode("utf-8", "replace") for key, value in self._fields if key == name)
        return next((value for value in values if value), None)

    def _headers(self) -> Iterator[tuple[str, str]]:
        for name, value in self._fields:
            if name == "header":
                key, _, rest = value.decode("utf-8", "replace").partition(":")
                yield key, rest

    def _write_file(self, writer: BlobWriter, piece: bytes) -> None:
        if writer.size + len(piece) > self._max_file:
            raise MalformedRequest(
                f"The file has more than {self._max_file:,} bytes, the limit (HEADWATER_MAX_MAP)."
            )
        writer.write(piece)
        self._sha1.update(piece)
