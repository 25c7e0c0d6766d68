"""How many bytes a map takes on disk: compiled and kept as it came, in a first release and in a next one.

`python -m bench.stored [id …]`. A next release is the same app with one function changed, built again:
in its first module, so that all the rest of the bundle moves, or in its last.
"""

import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from bench.corpus.shelf import Item, NoCorpus, Pair, items, map_of
from bench.measuring.figures import MB, verdict
from headwater.sourcemaps.compiled.cache import Cache
from headwater.sourcemaps.compiled.parts import Bytes
from headwater.sourcemaps.compiled.read import CompiledMap
from headwater.sourcemaps.compiled.write import TextPlace
from headwater.sourcemaps.compiling.compile import compile_map
from headwater.sourcemaps.compiling.compile_functions import Originals, compile_functions
from headwater.storage.database import Database
from headwater.storage.files.blobs import Blobs
from headwater.storage.files.compiled_files import (
    CompiledFile,
    CompiledFiles,
    CompiledName,
    Kind,
    new_name,
)
from headwater.storage.files.folder import Folder
from headwater.storage.files.packs import VERSION, Packs
from headwater.storage.files.settle import Settling
from headwater.storage.migrate import migrate

FIRST_PERCENT = 70
NEXT_PERCENT = 30


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes that one more map takes."""

    compiled: int
    functions: int
    original: int

    def __add__(self, other: "Kept") -> "Kept":
        return Kept(
            self.compiled + other.compiled,
            self.functions + other.functions,
            self.original + other.original,
        )


class Store:
    """What an instance keeps of maps, in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "compiled"
        self._folder.mkdir()
        self._files = Folder(self._folder)
        self._texts: dict[bytes, TextPlace] = {}
        self._functions: dict[bytes, TextPlace] = {}
        database = Database(f"sqlite:///{folder / 'headwater.db'}")
        migrate(database)
        packs = CompiledFiles(Folder(folder / "packs"), VERSION)
        self._raw = Blobs(Folder(folder / "files"), "sha256")
        self._settling = Settling(self._raw, Packs(database), packs)
        self._originals = (folder / "packs", folder / "files")

    def keep(self, document: Path) -> Kept:
        """Compile a map and pack it, beside all that was kept before."""
        before = self._packed()
        content = document.read_bytes()
        sha256, _ = self._raw.put([content])
        later = datetime.now(UTC) + timedelta(days=1)
        assert self._settling.settle_one(sha256, later, later)
        name = str(new_name(sha256, Kind.MAP))
        compiled = self._compile(content, name)
        functions = self._name(content, name, str(new_name(sha256, Kind.FUNCTIONS)))
        return Kept(compiled, functions, self._packed() - before)

    def _compile(self, content: bytes, key: str) -> int:
        with (self._folder / key).open("wb") as out:
            written = compile_map(content, out.write, key, partial(_known, self._texts))
        _remember(self._texts, written.texts, key)
        return written.size

    def _name(self, content: bytes, map_key: str, key: str) -> int:
        compiled = CompiledMap(self._open(map_key), self._open, Cache())
        with (self._folder / key).open("wb") as out:
            written = compile_functions(
                compiled, Originals(content), out.write, key, partial(_known, self._functions)
            )
        _remember(self._functions, written.tables, key)
        return written.size

    def _open(self, key: str) -> Bytes:
        return CompiledFile(CompiledName.parse(key), self._files.reading(key))

    def _packed(self) -> int:
        """Of raw originals and packs together."""
        found = (path for each in self._originals for path in each.rglob("*"))
        return sum(path.stat().st_size for path in found if path.is_file())


def _known(
    places: Mapping[bytes, TextPlace], digests: Sequence[bytes]
) -> Mapping[bytes, TextPlace]:
    return {digest: places[digest] for digest in digests if digest in places}


def _remember(places: dict[bytes, TextPlace], new: Sequence[TextPlace], holder: str) -> None:
    places |= {place.digest: TextPlace(place.digest, holder, place.ref) for place in new}


def line(name: str, release: str, size: int, kept: Kept) -> bool:
    """Print it; whether it is within its target."""
    parts = [100 * each / size for each in (kept.compiled, kept.functions, kept.original)]
    target = FIRST_PERCENT if release == "first" else NEXT_PERCENT
    told = "".join(f"{each:9.1f} %" for each in (*parts, sum(parts)))
    print(
        f"{name:20} {release:14} {size / MB:7.2f}{told}   {target:4} %  {verdict(sum(parts), target)}",
        flush=True,
    )
    return sum(parts) <= target


def measure(item: Item, totals: dict[str, tuple[int, Kept]]) -> list[bool]:
    """Print the lines of a map's releases, and add them to the totals."""
    releases: dict[str, Item | Pair] = {"first": item}
    releases |= {f"{which} changed": pair for which, pair in item.next.items()}
    met = []
    with tempfile.TemporaryDirectory(dir=map_of(item).parent) as folder:
        store = Store(Path(folder))
        for name, of in releases.items():
            size, kept = map_of(of).stat().st_size, store.keep(map_of(of))
            met.append(line(item.id, name, size, kept))
            before, all_kept = totals.get(name, (0, Kept(0, 0, 0)))
            totals[name] = before + size, all_kept + kept
    return met


def main() -> None:
    """Print a line for each release of each map."""
    wanted = sys.argv[1:]
    print(
        f"{'map':20} {'release':14} {'MB':>7} {'compiled':>10} {'functions':>10} {'original':>10} {'sum':>10}   target"
    )
    totals: dict[str, tuple[int, Kept]] = {}
    met = []
    for item in (item for item in items() if item.next and (item.id in wanted or not wanted)):
        met += measure(item, totals)
    for name, (size, kept) in totals.items():
        line("all of them", name, size, kept)
    print(
        f"{sum(met)} of {len(met)} releases are within their target: {verdict(sum(met), len(met), at_least=True)}"
    )


if __name__ == "__main__":
    try:
        main()
    except NoCorpus as missing:
        print(missing)
