"""The parts of an upload by hand: files of a folder or one ZIP, and a few fields."""

from contextlib import ExitStack
from typing import BinaryIO, Final

from headwater.artifacts.by_hand.bundle import BundleByHand
from headwater.artifacts.by_hand.names import clean_prefix
from headwater.artifacts.members import BundleLimits
from headwater.artifacts.upload import UploadedChunks
from headwater.protocol.bundle import MAX_ENTRIES, BundleRefused, open_archive
from headwater.protocol.chunks import Sha1
from headwater.server.errors import MalformedRequest
from headwater.server.multipart import PartName

MAX_HAND_PARTS: Final = MAX_ENTRIES + 10
"""Files, and the form's fields."""

MAX_FIELD: Final = 4 * 1024
"""Bytes of a field: a release has 250 characters, an address 2,000."""

MAX_CHUNK_SIZE: Final = 2**31 - 1
"""Bytes of a bundle that comes as one chunk: the database's column."""

FIELDS: Final = ("release", "dist", "prefix")


class HandParts:
    """Takes the parts of one request. Every method raises MalformedRequest and BundleRefused."""

    def __init__(self, chunks: UploadedChunks, limits: BundleLimits) -> None:
        self._chunks = chunks
        self._limits = limits
        self._open = ExitStack()
        self._writer = self._open.enter_context(chunks.writer())
        self._bundle = BundleByHand(self._writer, limits)
        self._open.callback(self._bundle.close)
        self._zip: BinaryIO | None = None
        self._is_folder = False
        self._now = ""
        self._fields: dict[str, bytes] = {}

    def begin(self, part: PartName) -> None:
        """A file, or a field. A field for files that none was chosen in has no file's name."""
        self._now = part.name if part.filename or part.name in FIELDS else ""
        if self._now == "folder":
            self._is_folder = True
            self._bundle.begin(part.filename or "")
        elif self._now == "zip":
            if self._zip is not None:
                raise MalformedRequest("One ZIP is uploaded at a time.")
            self._zip = self._open.enter_context(self._chunks.scratch())
        elif self._now in FIELDS:
            self._fields[self._now] = b""

    def write(self, piece: bytes) -> None:
        """More bytes of it."""
        if self._now == "folder":
            self._bundle.write(piece)
        elif self._now == "zip" and self._zip is not None:
            self._zip.write(piece)
        elif self._now in FIELDS:
            self._fields[self._now] += piece
            if len(self._fields[self._now]) > MAX_FIELD:
                raise MalformedRequest(
                    f"The field {self._now!r} has more than {MAX_FIELD:,} bytes."
                )

    def end(self) -> None:
        """It is complete."""
        if self._now == "folder":
            self._bundle.end()

    def field(self, name: str) -> str:
        """What was typed, as far as it came."""
        return self._fields.get(name, b"").decode("utf-8", "replace").replace("\x00", "\ufffd")

    def finish(self) -> tuple[Sha1, int]:
        """The bundle, durable as a chunk: its SHA-1, and its bytes."""
        prefix = clean_prefix(self.field("prefix"))
        if prefix is None:
            raise MalformedRequest(
                "An address begins like `~/` or `https://cdn.example.com/`, and has no blanks."
            )
        if self._zip is not None:
            self._zip.seek(0)
            with open_archive(self._zip) as archive:
                self._bundle.add_all(archive)
        self._bundle.finish(prefix, is_chosen=self._is_folder)
        if self._writer.size > min(self._limits.bundle, MAX_CHUNK_SIZE):
            raise BundleRefused(
                f"it has {self._writer.size:,} bytes; the limit is {self._limits.bundle:,}"
                " (HEADWATER_MAX_BUNDLE)"
            )
        return Sha1(self._writer.finish()), self._writer.size

    def close(self) -> None:
        """Let go of everything that is not durable."""
        self._open.close()
