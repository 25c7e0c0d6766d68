"""Maps that npm packages ship, asked at random positions, beside @jridgewell/trace-mapping.

The same on all of a large corpus: `bench/positions.py`.
"""

import json
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest

from bench.corpus.asked import Answer, Asked
from bench.corpus.constructed import index_map
from headwater.sourcemaps.in_memory import source_map_in_memory
from headwater.sourcemaps.source_map import SourceMap
from tests.clients.toolbox import CLIENTS, install

PACKAGES = CLIENTS / "node_modules"
SCRIPTS = Path(__file__).parents[2] / "bench/corpus/producers"
POSITIONS = 300
ORACLE_SECONDS = 60

UGLIFIED = "source-map/dist/source-map.min.js"
ROLLED_UP = "@sentry/server-utils/build/esm/vendored/esquery/dist/esquery.esm.min.js"
ESBUILT = "glob/dist/esm/index.min.js"


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the oracle's script, and the packages that it needs beside it.

    They are installed here, or waited for: others install them at the same time.
    """
    install(CLIENTS, tmp_path_factory.mktemp("home"))
    folder = tmp_path_factory.mktemp("oracle")
    for name in ("oracle.mjs", "order.mjs"):
        shutil.copy(SCRIPTS / name, folder)
    (folder / "node_modules").symlink_to(PACKAGES)
    return folder


def asked(oracle: Path, script: Path) -> Asked:
    """What the oracle answers for a minified file with its map beside it."""
    to = oracle / "asked.json"
    files = {"js": str(script), "map": f"{script}.map", "to": str(to)}
    order = json.dumps({**files, "positions": POSITIONS, "events": 0, "frames": 0})
    command = ["node", str(oracle / "oracle.mjs"), order]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=ORACLE_SECONDS
    )
    assert done.returncode == 0, done.stderr
    return msgspec.json.decode(to.read_bytes(), type=Asked)


def answered(found: SourceMap, line: int, column: int) -> Answer | None:
    mapping = found.lookup(line, column)
    if mapping is None or mapping.source is None:
        return None
    name = found.source(mapping.source).name
    return name, mapping.source_line, mapping.source_column, found.name(mapping)


@pytest.mark.parametrize("path", [UGLIFIED, ROLLED_UP, ESBUILT])
def test_a_map_says_what_another_implementation_says(oracle: Path, path: str) -> None:
    script = PACKAGES / path
    found = source_map_in_memory(Path(f"{script}.map").read_bytes())

    questions = asked(oracle, script)

    assert questions.positions
    for line, column, _, last in questions.positions:
        assert answered(found, line, column) == last, (line, column)


@pytest.mark.parametrize("how", ["lines", "columns", "nested"])
def test_an_index_map_says_what_another_implementation_says(
    oracle: Path, tmp_path: Path, how: str
) -> None:
    scripts = [PACKAGES / path for path in (UGLIFIED, ROLLED_UP, ESBUILT)]
    parts = [(each.read_text(), Path(f"{each}.map").read_bytes()) for each in scripts]
    code, document = index_map(parts, how)
    joined = tmp_path / "joined.js"
    joined.write_text(code)
    Path(f"{joined}.map").write_bytes(document)
    found = source_map_in_memory(document)

    questions = asked(oracle, joined)

    assert questions.sources > 1
    for line, column, _, last in questions.positions:
        assert answered(found, line, column) == last, (line, column)
