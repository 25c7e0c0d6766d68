"""What a child and its parent say to each other: a kind, a length, and that many bytes."""

import os
import select
import struct
import time
from enum import IntEnum
from typing import Final, NamedTuple

PIECE: Final = 256 * 1024
"""Bytes read or written at a time."""

MAX_NOTE: Final = 240
"""Bytes of a note: a task and a file's name."""

NOTE: Final = struct.Struct(f">dH{MAX_NOTE}s")
"""When it was written (monotonic clock), the text's length and bytes."""

_HEAD: Final = struct.Struct(">BQ")


class Kind(IntEnum):
    """Who says what."""

    READY = 0
    """The child has started."""
    QUESTION = 1
    """The parent's; or, while the child works on that, one of the child's to its parent."""
    ANSWER = 2


class Message(NamedTuple):
    """One message."""

    kind: Kind
    content: bytes


def packed(kind: Kind, content: bytes) -> bytes:
    """As it goes over a pipe."""
    return _HEAD.pack(kind, len(content)) + content


def write(pipe: int, kind: Kind, content: bytes, until: float) -> None:
    """Write to a pipe that doesn't block. Raises EOFError, TimeoutError."""
    left = memoryview(packed(kind, content))
    while left:
        _wait(pipe, select.POLLOUT, until)
        try:
            left = left[os.write(pipe, left[:PIECE]) :]
        except BlockingIOError:
            continue
        except BrokenPipeError:
            raise EOFError from None


def read(pipe: int, until: float | None = None) -> Message:
    """The next message; None waits for ever. Raises EOFError, TimeoutError."""
    kind, length = _HEAD.unpack(_read_exactly(pipe, _HEAD.size, until))
    return Message(Kind(kind), _read_exactly(pipe, length, until))


def _read_exactly(pipe: int, length: int, until: float | None) -> bytes:
    received = bytearray()
    while len(received) < length:
        if until is not None:
            _wait(pipe, select.POLLIN, until)
        piece = os.read(pipe, min(PIECE, length - len(received)))
        if not piece:
            raise EOFError
        received += piece
    return bytes(received)


def _wait(pipe: int, what: int, until: float) -> None:
    poll = select.poll()  # not `select`, which knows file numbers below 1,024 only
    poll.register(pipe, what)
    if not poll.poll(max(0.0, until - time.monotonic()) * 1000):
        raise TimeoutError
