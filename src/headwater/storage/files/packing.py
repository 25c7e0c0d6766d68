"""From an uploaded file to a pack: what other packs hold is referred to, the rest is compressed."""

import hashlib
import math
import os
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from msgspec import Struct

from headwater.storage.files.blobs import DigestMismatch
from headwater.storage.files.pack import MAX_FRAME, PackWriter, Run
from headwater.storage.files.pack_reader import PackReader
from headwater.storage.files.pieces import pieces
from headwater.storage.files.places import NewPlace, Place

DICTIONARY_MARGIN: Final = 256 * 1024
"""Bytes before and after what a frame seems to replace that it is compressed against as well: where
much has moved, the counterpart of a frame is only nearly where it was."""

MAX_DICTIONARY: Final = 4 * 1024**2
"""Bytes that one frame is compressed against. Reading the frame decompresses them, too."""


class Piece(Struct, frozen=True):
    """A piece of the original: its SHA-256, and where in the original it is."""

    digest: bytes
    offset: int
    length: int


@dataclass(slots=True)
class Stretch:
    """New pieces one after another, and where the known ones before and after them are."""

    offset: int
    length: int
    before: Place | None
    after: Place | None = None


@dataclass(slots=True)
class Recipe:
    """How an original is put together, while that is found out."""

    key: str
    holders: list[str]
    used: Mapping[str, Sequence[int]]
    """Where in each holder's stream known pieces begin, in order."""
    runs: list[Run] = field(default_factory=list)
    stretches: list[Stretch] = field(default_factory=list)
    new: dict[bytes, Place] = field(default_factory=dict)
    stream: int = 0

    def number(self, holder: str) -> int:
        """The number that the holder has in this recipe."""
        if holder not in self.holders:
            self.holders.append(holder)
        return self.holders.index(holder)

    def add(self, place: Place) -> None:
        """The next bytes of the original are there."""
        holder = self.number(place.holder)
        last = self.runs[-1] if self.runs else None
        if last and last.holder == holder and last.start + last.length == place.offset:
            self.runs[-1] = Run(holder, last.start, last.length + place.length)
        else:
            self.runs.append(Run(holder, place.offset, place.length))


class Packed(Struct, frozen=True):
    """What was written. `size`: bytes of the original."""

    size: int
    uses: Sequence[str]
    pieces: Sequence[NewPlace]


def pack(
    file: BinaryIO,
    key: str,
    sha256: str,
    known: Callable[[Sequence[bytes]], Mapping[bytes, Place]],
    reader: PackReader,
    write: Callable[[bytes], object],
) -> Packed:
    """Write a pack called `key` of a seekable file, of which some megabytes are in memory at a time.

    `known` says which pieces other packs hold, `reader` reads those. Raises DigestMismatch if the
    file is not that of its digest, and PackDamaged if another pack can't be read.
    """
    cut = _cut(file, sha256)
    places = known(list({piece.digest for piece in cut}))
    recipe = _recipe(cut, places, key)
    writer = PackWriter(write, key)
    for stretch in recipe.stretches:
        _write(stretch, file, recipe, reader, writer)
    size = sum(piece.length for piece in cut)
    writer.finish(size, recipe.holders, recipe.runs)
    new = [NewPlace(digest, place.offset, place.length) for digest, place in recipe.new.items()]
    return Packed(size, recipe.holders[1:], new)


def _cut(file: BinaryIO, sha256: str) -> list[Piece]:
    whole = hashlib.sha256()
    cut: list[Piece] = []
    offset = 0
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    for content in pieces(file, size):
        whole.update(content)
        cut.append(Piece(hashlib.sha256(content).digest(), offset, len(content)))
        offset += len(content)
    if whole.hexdigest() != sha256:
        raise DigestMismatch(sha256, whole.hexdigest())
    return cut


def _recipe(cut: Sequence[Piece], known: Mapping[bytes, Place], key: str) -> Recipe:
    used: dict[str, list[int]] = {}
    for place in sorted(known.values(), key=lambda place: place.offset):
        used.setdefault(place.holder, []).append(place.offset)
    recipe = Recipe(key, [key], used)
    before: Place | None = None
    for piece in cut:
        found = known.get(piece.digest)
        if found is not None:
            before = found
            if recipe.stretches and recipe.stretches[-1].after is None:
                recipe.stretches[-1].after = found
        recipe.add(found or recipe.new.get(piece.digest) or _new(piece, recipe, before))
    return recipe


def _new(piece: Piece, recipe: Recipe, before: Place | None) -> Place:
    last = recipe.stretches[-1] if recipe.stretches else None
    if last and last.offset + last.length == piece.offset:
        last.length += piece.length
    else:
        recipe.stretches.append(Stretch(piece.offset, piece.length, before))
    place = recipe.new[piece.digest] = Place(recipe.key, recipe.stream, piece.length)
    recipe.stream += piece.length
    return place


def _write(
    stretch: Stretch, file: BinaryIO, recipe: Recipe, reader: PackReader, writer: PackWriter
) -> None:
    file.seek(stretch.offset)
    for start in range(0, stretch.length, MAX_FRAME):
        length = min(MAX_FRAME, stretch.length - start)
        run = _counterpart(stretch, start, length, recipe, reader)
        dictionary = b""
        if run is not None:
            dictionary = b"".join(reader.run(recipe.key, recipe.holders, run, is_dictionary=True))
        writer.add(file.read(length), dictionary, () if run is None else (run,))


def _counterpart(
    stretch: Stretch, start: int, length: int, recipe: Recipe, reader: PackReader
) -> Run | None:
    """The bytes of an earlier build that a frame seems to stand in the place of."""
    for holder, first, last in _gaps(stretch, recipe):
        pack = reader.pack(holder)
        scale = (min(last, pack.length) - first) / stretch.length
        begin = max(0, first + int(start * scale) - DICTIONARY_MARGIN)
        end = min(pack.length, first + int((start + length) * scale) + DICTIONARY_MARGIN)
        end = min(end, begin + MAX_DICTIONARY)
        if not any(frame.dictionary for frame in pack.frames(begin, end - begin)):
            return Run(recipe.number(holder), begin, end - begin)
    return None


def _gaps(stretch: Stretch, recipe: Recipe) -> Iterator[tuple[str, int, float]]:
    """What lies, in streams of other packs, between pieces that are known: holder, start and end."""
    if stretch.before is not None:
        begin = stretch.before.offset + stretch.before.length
        used = recipe.used[stretch.before.holder]
        index = bisect_left(used, begin)
        yield stretch.before.holder, begin, used[index] if index < len(used) else math.inf
    if stretch.after is not None:
        end = stretch.after.offset
        used = recipe.used[stretch.after.holder]
        index = bisect_left(used, end)
        yield stretch.after.holder, used[index - 1] if index else 0, end
