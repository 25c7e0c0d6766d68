"""How many bytes a map takes on disk: compiled and kept as it came, in a first release and in a next one.

`python -m bench.stored [id …]`. A next release is the same app with one function changed, built again:
in its first module, so that all the rest of the bundle moves, or in its last.
"""

import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.corpus.shelf import Item, NoCorpus, Pair, items, map_of
from bench.measuring.figures import MB, verdict
from headwater.sourcemaps.compile import compile_map
from headwater.sourcemaps.compiled.write import TextPlace
from headwater.storage.blobs import DiskBlobs
from headwater.storage.compiled_files import CompiledFiles
from headwater.storage.database import Database
from headwater.storage.migrate import migrate
from headwater.storage.packs import VERSION, Packs
from headwater.storage.settle import Settling

FIRST_PERCENT = 70
NEXT_PERCENT = 30


class Store:
    """What an instance keeps of maps, in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._database = Database(f"sqlite:///{folder / 'headwater.db'}")
        migrate(self._database)
        packs = CompiledFiles(folder / "packs", VERSION)
        self._raw = DiskBlobs(folder / "files", "sha256")
        self._settling = Settling(self._raw, Packs(self._database), packs)
        self._texts: dict[bytes, TextPlace] = {}
        self._compiled = 0
        (folder / "compiled").mkdir()

    def keep(self, document: Path) -> tuple[int, int]:
        """Bytes that the compiled map and the original take, beside all that was kept before."""
        before = self._packed()
        with document.open("rb") as file:
            sha256, _ = self._raw.put(iter(lambda: file.read(1 << 20), b""))
        later = datetime.now(UTC) + timedelta(days=1)
        assert self._settling.settle_one(sha256, later, later)
        return self._compile(document), self._packed() - before

    def _compile(self, document: Path) -> int:
        self._compiled += 1
        key = str(self._compiled)
        path = self._folder / "compiled" / key
        with path.open("wb") as out:
            written = compile_map(document.read_bytes(), out.write, key, self._known)
        self._texts |= {
            text.digest: TextPlace(text.digest, key, text.ref) for text in written.texts
        }
        return path.stat().st_size

    def _known(self, digests: Sequence[bytes]) -> Mapping[bytes, TextPlace]:
        return {digest: self._texts[digest] for digest in digests if digest in self._texts}

    def _packed(self) -> int:
        """Of raw originals and packs together."""
        folders = (self._folder / "packs", self._folder / "files")
        return sum(
            path.stat().st_size for each in folders for path in each.rglob("*") if path.is_file()
        )


def release(item: Item, of: Item | Pair, store: Store, name: str, target: int) -> bool:
    """Print a line; whether it is within the target."""
    size = map_of(of).stat().st_size
    compiled, original = (100 * each / size for each in store.keep(map_of(of)))
    percent = compiled + original
    print(
        f"{item.id:20} {name:14} {size / MB:7.2f} {compiled:9.1f} % {original:8.1f} % {percent:7.1f} %   "
        f"{target:4} %  {verdict(percent, target)}",
        flush=True,
    )
    return percent <= target


def main() -> None:
    """Print a line for each release of each map."""
    wanted = sys.argv[1:]
    print(
        f"{'map':20} {'release':14} {'MB':>7} {'compiled':>11} {'original':>10} {'sum':>9}   target"
    )
    met = []
    for item in (item for item in items() if item.next and (item.id in wanted or not wanted)):
        with tempfile.TemporaryDirectory(dir=map_of(item).parent) as folder:
            store = Store(Path(folder))
            met.append(release(item, item, store, "first", FIRST_PERCENT))
            for which, pair in item.next.items():
                met.append(release(item, pair, store, f"{which} changed", NEXT_PERCENT))
    print(
        f"{sum(met)} of {len(met)} releases are within their target: {verdict(sum(met), len(met), at_least=True)}"
    )


if __name__ == "__main__":
    try:
        main()
    except NoCorpus as missing:
        print(missing)
