"""A newly opened compiled map beside Sentry's `symbolic`, which reads the whole map for each event.

The same events by turns, in the same run. `symbolic` is installed into an environment of its own,
kept with the corpus.
"""

import json
import subprocess
import sys
import venv
from pathlib import Path

from bench.corpus.asked import FRAMES, asked_of
from bench.corpus.shelf import Item, NoCorpus, folder, items, js_of, map_of
from bench.measuring.compiled import Compiled, Opened, compiled
from bench.measuring.figures import MB, Times, verdict

VERSION = "13.9.0"
MAP = "office-esbuild"
EVENTS = 20
TIMES_FASTER = 500


def environment() -> Path:
    """A Python that has `symbolic`."""
    place = folder() / f"symbolic-{VERSION}"
    python = place / "bin" / "python"
    if not (place / "installed").exists():
        venv.create(place, with_pip=True, clear=True)
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*command, f"symbolic=={VERSION}"], check=True)
        (place / "installed").touch()
    return python


def measure(item: Item, paths: Compiled) -> tuple[Times, list[float]]:
    """Times of ours, seconds of theirs."""
    script = Path(__file__).parent / "rivals" / "symbolic_events.py"
    ours, theirs = Times(), []
    with subprocess.Popen(
        [environment(), script, js_of(item), map_of(item)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        for event in asked_of(item).events[:EVENTS]:
            print(json.dumps(event), file=child.stdin, flush=True)
            theirs.append(float(child.stdout.readline()))
            with Opened(paths) as one:
                ours.add(lambda one=one, event=event: one.resolve(event))  # type: ignore[misc]
        child.stdin.close()
    return ours, theirs


def main() -> None:
    """Print both, and the ratio of the medians."""
    wanted = sys.argv[1:] or [MAP]
    for item in (item for item in items() if item.id in wanted):
        ours, theirs = measure(item, compiled(item))
        ratio = Times(theirs).median / ours.median
        print(
            f"{item.id}, {item.map_bytes / MB:.1f} MB, {EVENTS} events of {FRAMES} frames: ms p50, p95, p99"
        )
        print(f"symbolic {VERSION}, built per event  {Times(theirs)}")
        print(f"headwater, newly opened           {ours}")
        print(
            f"{ratio:.0f} times faster (target {TIMES_FASTER}): {verdict(ratio, TIMES_FASTER, at_least=True)}"
        )


if __name__ == "__main__":
    try:
        main()
    except NoCorpus as missing:
        print(missing)
