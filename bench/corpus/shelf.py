"""The corpus on disk: where it is, and which maps it has."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

FOLDER_VARIABLE = "HEADWATER_BENCH_CORPUS"
INDEX = "index.json"
HOW_TO_BUILD = (
    "No corpus in {folder}: build it with `python -m bench.corpus.build` (bench/corpus/README.md)."
)


class Pair(msgspec.Struct, frozen=True):
    """A minified file and its map, as paths relative to the corpus."""

    js: str
    map: str


class Item(msgspec.Struct, frozen=True):
    """A map of the corpus: sizes in bytes, and later releases by which module of the app changed."""

    id: str
    producer: str
    how: str
    js: str
    map: str
    js_bytes: int
    map_bytes: int
    next: Mapping[str, Pair] = {}


class NoCorpus(Exception):
    """There is no index where the corpus should be."""


def folder() -> Path:
    """Where the corpus is kept, outside the repository."""
    named = os.environ.get(FOLDER_VARIABLE)
    return Path(named) if named else Path.home() / ".cache" / "headwater-bench"


def items(smallest: int = 0, largest: int = 1 << 40) -> tuple[Item, ...]:
    """The maps of those sizes in bytes, smallest first; raises `NoCorpus`."""
    try:
        listed = (folder() / INDEX).read_bytes()
    except FileNotFoundError:
        raise NoCorpus(HOW_TO_BUILD.format(folder=folder())) from None
    every = msgspec.json.decode(listed, type=tuple[Item, ...])
    chosen = [item for item in every if smallest <= item.map_bytes <= largest]
    return tuple(sorted(chosen, key=lambda item: item.map_bytes))


def js_of(item: Item | Pair) -> Path:
    return folder() / item.js


def map_of(item: Item | Pair) -> Path:
    return folder() / item.map
