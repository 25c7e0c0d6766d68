"""Makes the dictionaries of compiled files anew: `python -m bench.corpus.dictionaries`.

Whoever does so raises `parts.VERSION`. Columns of mappings, which are numbers, are those of the corpus;
texts and functions are those of this project's own JavaScript, so that nobody else's text is in them. The
largest maps are not learned from, which shows that it makes no difference: parts of those that are become
0.92 to 0.94 of what they are without, and of the others as well.
"""

import json
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import zstandard

from bench.corpus.shelf import items, map_of
from bench.measuring.compiled import no_other
from headwater.sourcemaps.compiled import dictionaries
from headwater.sourcemaps.compiled.cache import Cache
from headwater.sourcemaps.compiled.dictionaries import LEVEL, Shared, name_of
from headwater.sourcemaps.compiled.memory import MemoryBytes
from headwater.sourcemaps.compiled.parts import PartWriter, Ref
from headwater.sourcemaps.compiled.read import CompiledMap
from headwater.sourcemaps.compiling.compile import compile_map, nothing_known
from headwater.sourcemaps.compiling.compile_functions import Originals, compile_functions

KEY: Final = "learned from"
SMALLEST: Final = 200_000
LARGEST: Final = 6_000_000
"""Bytes of the maps that are learned from."""
BLOCKS: Final = 150
"""Blocks of mappings of one map."""
BYTES: Final = {Shared.NUMBERS: 4096, Shared.TEXT: 8192, Shared.FUNCTIONS: 4096}
ENDINGS: Final = (".ts", ".tsx", ".js", ".mjs", ".jsx", ".vue", ".svelte")

Samples = dict[Shared, list[bytes]]


@contextmanager
def recorded() -> Iterator[Samples]:
    """The contents of parts that are written meanwhile, by what they share."""
    samples: Samples = defaultdict(list)
    add = PartWriter.add

    def noted(writer: PartWriter, content: bytes, shared: Shared = Shared.NOTHING) -> Ref:
        samples[shared].append(content)
        return add(writer, content, shared)

    PartWriter.add = noted  # type: ignore[method-assign, assignment]
    try:
        yield samples
    finally:
        PartWriter.add = add  # type: ignore[method-assign]


def blocks_of_mappings() -> list[bytes]:
    """From all over each map."""
    found: list[bytes] = []
    for item in items(SMALLEST):
        if item.map_bytes < LARGEST:
            with recorded() as samples:
                compile_map(map_of(item).read_bytes(), _forgotten, KEY)
            of_map = samples[Shared.NUMBERS]
            found += of_map[:: max(1, len(of_map) // BLOCKS)]
    return found


def own() -> Samples:
    """Parts of a map whose sources are the project's JavaScript."""
    listed = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True).stdout
    names = [each for each in listed.splitlines() if each.endswith(ENDINGS)]
    texts = [Path(name).read_text() for name in names]
    document = {"version": 3, "sources": names, "sourcesContent": texts, "mappings": ""}
    data = json.dumps(document).encode()
    written: list[bytes] = []
    with recorded() as samples:
        compile_map(data, written.append, KEY)
        compiled = CompiledMap(MemoryBytes(KEY, b"".join(written)), no_other, Cache())
        compile_functions(compiled, Originals(data), _forgotten, KEY, nothing_known)
    return samples


def _forgotten(_content: bytes) -> None:
    """Only the parts matter."""


def main() -> None:
    """Write them where they are read."""
    samples = {**own(), Shared.NUMBERS: blocks_of_mappings()}
    for shared, size in BYTES.items():
        made = zstandard.train_dictionary(size, [*samples[shared]], level=LEVEL).as_bytes()
        path = Path(dictionaries.__file__).with_name(name_of(shared))
        path.write_bytes(made)
        print(f"{path.name}: {len(made):,} bytes of {len(samples[shared]):,} parts")


if __name__ == "__main__":
    main()
