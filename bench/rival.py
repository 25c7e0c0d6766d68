"""A newly opened compiled map beside Sentry's `symbolic`, which reads the whole map for each event.

By turns, in the same run: one event of theirs, then all of ours. The first of ours finds the
processor's caches full of what theirs worked with, which is given apart; the others find there what a
server that resolves events has there. `symbolic` is installed into an environment of its own, kept
with the corpus.
"""

import json
import subprocess
import sys
import venv
from functools import partial
from pathlib import Path
from typing import NamedTuple

from bench.corpus.asked import FRAMES, asked_of
from bench.corpus.shelf import Item, NoCorpus, folder, items, js_of, map_of
from bench.measuring.compiled import Compiled, Opened, compiled
from bench.measuring.figures import MB, Times, verdict
from bench.measuring.states import settled
from headwater.sourcemaps.compiled.cache import Cache

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


class Measured(NamedTuple):
    """Theirs, ours right after one of theirs, ours after one of ours."""

    theirs: Times
    after_theirs: Times
    after_ours: Times


def measure(item: Item, paths: Compiled) -> Measured:
    """Events by turns."""
    script = Path(__file__).parent / "rivals" / "symbolic_events.py"
    found, cache = Measured(Times(), Times(), Times()), Cache()
    events = asked_of(item).events[:EVENTS]
    settled()
    with subprocess.Popen(
        [environment(), script, js_of(item), map_of(item)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        for turn, theirs in enumerate(events):
            print(json.dumps(theirs), file=child.stdin, flush=True)
            found.theirs.clock.append(float(child.stdout.readline()))
            for number in range(EVENTS):
                times = found.after_ours if number else found.after_theirs
                with Opened(paths, cache=cache) as one:
                    times.add(partial(one.resolve, events[(turn + number) % EVENTS]))
        child.stdin.close()
    return found


def main() -> None:
    """Print both, and the ratio of the medians."""
    wanted = sys.argv[1:] or [MAP]
    for item in (item for item in items() if item.id in wanted):
        theirs, *ours = measure(item, compiled(item))
        print(
            f"{item.id}, {item.map_bytes / MB:.1f} MB, {EVENTS} events of {FRAMES} frames: ms p50, p95, p99"
        )
        print(f"symbolic {VERSION}, built per event           {theirs}")
        for name, times in zip(("right after it", "after one of ours"), ours, strict=True):
            ratio = theirs.median / times.median
            print(
                f"headwater, newly opened, {name:17} {times}: {ratio:.0f} times faster"
                f" (target {TIMES_FASTER}): {verdict(ratio, TIMES_FASTER, at_least=True)}"
            )


if __name__ == "__main__":
    try:
        main()
    except NoCorpus as missing:
        print(missing)
