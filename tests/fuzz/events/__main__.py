"""Fuzzes the path of events: both ways in, the digest, the pages, the API.

`python -m tests.fuzz.events --inputs 100000 --seed 1`: inputs `1:0` to `1:99999`, a new server for
each ROUND of them. `--only 1:4711` sends one input alone; `--show` writes it instead. What does not
hold is printed, and an input for each such thing is left in `found/events/`.
"""

import argparse
import asyncio
import gc
import logging
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import structlog

from tests.fuzz.events.input import input_of
from tests.fuzz.events.report import Report
from tests.fuzz.events.server import Server

FOUND = Path(__file__).parents[1] / "found/events"
BATCH = 100
"""Inputs between two digests."""
ROUND = 5_000
"""Inputs of one server."""


def run(seeds: Sequence[str]) -> Report:
    """All of these inputs."""
    report = Report()
    for start in range(0, len(seeds), ROUND):
        with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
            server = Server(Path(folder), report)
            some = seeds[start : start + ROUND]
            for first in range(0, len(some), BATCH):
                runner.run(server.check(some[first : first + BATCH]))
            report.done["inputs"] += len(some)
            server.close()
    return report


def keep(report: Report) -> None:
    """One input for each thing that was found."""
    FOUND.mkdir(parents=True, exist_ok=True)
    for seeds in report.found.values():
        name = seeds[0].rpartition(" ")[2]
        (FOUND / f"{name.replace(':', '-')}.http").write_bytes(input_of(name, "{key}"))


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--inputs", type=int, default=100_000)
    asked.add_argument("--first", type=int, default=0)
    asked.add_argument("--seed", default="1")
    asked.add_argument("--only", help="the seed of one input, such as 1:4711")
    asked.add_argument("--show", action="store_true")
    options = asked.parse_args()
    numbers = range(options.first, options.first + options.inputs)
    seeds = [options.only] if options.only else [f"{options.seed}:{n}" for n in numbers]
    if options.show:
        sys.stdout.buffer.write(input_of(seeds[0], "{key}"))
        return 0
    gc.freeze()
    gc.set_threshold(20_000)
    logging.disable()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    report = run(seeds)
    keep(report)
    print("\n".join(report.lines()))
    return bool(report.found)


if __name__ == "__main__":
    sys.exit(main())
