"""Accepting and digesting events as they come from SDKs, beside nginx that answers 200 to the same.

`python -m bench.ingest [what …]`: accept, digest, together, disk, growth, postgresql; all of them if none is named.
"""

import argparse
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.ingest import table
from bench.ingest.bench import Bench
from bench.ingest.bodies import SEED, Mix
from bench.ingest.disk import disk
from bench.ingest.growth import growth
from bench.ingest.measures import accept, digest, together
from bench.ingest.postgresql import postgresql
from bench.ingest.servers import prepared
from bench.ingest.uploads import upload

MEASURES: dict[str, Callable[[Bench], None]] = {
    "accept": accept,
    "digest": digest,
    "together": together,
    "disk": disk,
    "growth": growth,
    "postgresql": postgresql,
}


def main() -> None:
    """Print a table."""
    said = _arguments()
    # As at Ctrl-C: the servers that were started end, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    uploaded = upload(SEED)
    with tempfile.TemporaryDirectory(prefix="headwater-bench-") as name:
        folder = Path(name)
        base = prepared(folder / "base", uploaded)
        bench = Bench(
            folder, uploaded, base, said.events, said.rounds, said.seconds, stored=said.stored
        )
        mix = bench.bodies(Mix.SDKS)
        print(
            f"{mix.count:,} envelopes of 500 issues, {mix.mean_json(mix.count) / 1e3:.1f} KB of JSON on"
            f" average, {mix.mean_wire(mix.count) / 1e3:.1f} KB as sent; maps: {uploaded.said}"
        )
        table.machine()
        table.heading()
        for what in said.what or MEASURES:
            MEASURES[what](bench)
        table.machine()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.ingest", description=__doc__)
    parser.add_argument("what", nargs="*", choices=[*MEASURES, []], help="which measures")
    parser.add_argument("--events", type=int, default=40_000, help="envelopes that are prepared")
    parser.add_argument("--rounds", type=int, default=3, help="of accepting; the best one counts")
    parser.add_argument("--seconds", type=float, default=4, help="that a load lasts at most")
    parser.add_argument("--stored", type=int, default=200_000, help="events stored, for growth")
    return parser.parse_args()


if __name__ == "__main__":
    main()
