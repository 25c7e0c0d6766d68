"""Fuzzing the reader of compiled files: damage is named, and so is nonsense with right checksums."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec

from headwater.sourcemaps.compiled.parts import CompiledFileDamaged, Parts, range_at
from tests.sourcemaps.compiled.example import answers, of_functions, of_maps, write_all

WHOLE = write_all()
QUESTIONS = (("older", of_maps), ("newer", of_maps), ("functions", of_functions))
RIGHT = [answers(questions(WHOLE)) for _, questions in QUESTIONS]
NONSENSE = 128
"""Bit of the first byte: the rest are contents of parts. Otherwise it damages a file."""


def check(data: bytes) -> None:
    """The first byte says which file; the rest is what becomes of it."""
    first, rest = (data[0], data[1:]) if data else (0, b"")
    if first & NONSENSE:
        nonsense(rest, *QUESTIONS[first % len(QUESTIONS)])
    else:
        damage(rest, first % len(QUESTIONS))


def damage(edits: bytes, number: int) -> None:
    """Three bytes an edit: where, and what is there instead."""
    name, questions = QUESTIONS[number]
    content = bytearray(getattr(WHOLE, name))
    for at in range(0, len(edits) - 2, 3):
        place = int.from_bytes(edits[at : at + 2], "little")
        if place < len(content):
            content[place] ^= edits[at + 2]
        else:
            del content[place % len(content) :]
            break
    found = answers(questions(WHOLE._replace(**{name: bytes(content)})))
    for answer, right in zip(found, RIGHT[number], strict=True):
        assert answer in (right, CompiledFileDamaged)


def nonsense(contents: bytes, name: str, questions: Any) -> None:
    """A list in MessagePack: the head, and parts of which each stands for many."""
    try:
        parts = msgspec.msgpack.decode(contents, type=list[bytes])
    except msgspec.DecodeError:
        return
    if parts:
        with unchecked(parts):
            answers(questions(WHOLE._replace(**{name: b""})))


@contextmanager
def unchecked(contents: Sequence[bytes]) -> Iterator[None]:
    """Files have these parts, at whatever place one looks."""

    def read(_: Parts, address: int) -> bytes:
        return contents[range_at(address)[0] % len(contents)]

    usual = Parts.read, Parts.head
    Parts.read, Parts.head = read, lambda _: contents[0]  # type: ignore[assignment,method-assign]
    try:
        yield
    finally:
        Parts.read, Parts.head = usual  # type: ignore[method-assign]
