"""Fuzzes for a while: `python tests/fuzz/run.py --minutes 60`.

Installs atheris into a virtual environment of its own, runs one target after another, and leaves
in `corpus/` what the ordinary tests replay: a few inputs that together reach what was reached.
Inputs that crashed, hung or took too much memory are left in `found/`, by target. The target `events`
needs no atheris: its inputs are recorded requests, changed (see `events/`).
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TARGETS = ("decoder", "compiled_reader", "scope_finder")
EVENTS = "events"
EVENTS_A_SECOND = 50
"""On half of a core."""
NEEDED = ("atheris", "isal", "numpy", "msgspec", "zstandard", "tree-sitter")
GRAMMARS = ("tree-sitter-javascript", "tree-sitter-typescript")
ROUND_SECONDS = 120
"""Before a target starts again: atheris itself takes some 10 MB more each second."""
HANG_SECONDS = 10
MEMORY_MB = 3000
LONGEST = 400
"""Bytes of an input."""
MOST_KEPT = 15_000
"""Bytes of one target's corpus."""


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--minutes", type=float, default=60, help="for all targets together")
    asked.add_argument("--python", help="of an environment that has atheris, instead of a new one")
    every = (*TARGETS, EVENTS)
    asked.add_argument("targets", nargs="*", default=every, choices=[[], *every])
    options = asked.parse_args()
    os.nice(15)
    seconds = options.minutes * 60 / len(options.targets)
    if EVENTS in options.targets:
        fuzz_events(seconds)
    with tempfile.TemporaryDirectory() as folder:
        targets = [each for each in options.targets if each in TARGETS]
        python = options.python or ""
        if targets and not python:
            python = environment(Path(folder) / "venv")
        for target in targets:
            work = Path(folder) / target
            shutil.copytree(HERE / "corpus" / target, work)
            fuzz(python, target, work, seconds)
            keep(target, work)
    found = sorted(each for each in (HERE / "found").glob("*/*"))
    print("\n".join(map(str, found)) or "nothing found")
    return bool(found)


def environment(folder: Path) -> str:
    """An environment with atheris; the python in it."""
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    pins = ["-c", str(ROOT / "constraints.txt")]
    subprocess.run([python, "-m", "pip", "install", "-q", *NEEDED, *GRAMMARS, *pins], check=True)
    return python


def fuzz(python: str, target: str, work: Path, seconds: float) -> None:
    """Rounds of a child process each: what kills it costs a round."""
    found = HERE / "found" / target
    found.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 1:
        loop(python, target, f"-max_total_time={min(left, ROUND_SECONDS):.0f}", str(work))


def fuzz_events(seconds: float) -> None:
    """Inputs that nobody has seen, in this environment."""
    command = [sys.executable, "-m", "tests.fuzz.events", "--seed", f"{time.time():.0f}"]
    inputs = f"{max(1, seconds * EVENTS_A_SECOND):.0f}"
    subprocess.run([*command, "--inputs", inputs], cwd=ROOT, check=False)


def keep(target: str, work: Path) -> None:
    """Replace the corpus by what libFuzzer has left, each input the shortest that reaches as much;
    the longest go if there are too many."""
    corpus = HERE / "corpus" / target
    shutil.rmtree(corpus)
    corpus.mkdir()
    size = 0
    for each in sorted(work.iterdir(), key=lambda each: (each.stat().st_size, each.name)):
        size += each.stat().st_size
        if size <= MOST_KEPT:
            shutil.copy(each, corpus)


def loop(python: str, target: str, *arguments: str) -> None:
    """Run libFuzzer on a target."""
    limits = (f"-timeout={HANG_SECONDS}", f"-rss_limit_mb={MEMORY_MB}", f"-max_len={LONGEST}")
    found = f"-artifact_prefix={HERE / 'found' / target}/"
    script = str(HERE / "loop.py")
    subprocess.run([python, script, target, *limits, found, *arguments], check=False)


if __name__ == "__main__":
    sys.exit(main())
