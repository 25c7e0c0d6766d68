"""What one event costs, as measured on two cores; each with the command that measures it."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds are a core's; bytes are stored ones, of an event with 10 KB of JSON."""

    accept: float = 1 / 4_800
    """`python -m bench.ingest accept`: one web process, every event synced to the disk."""
    digest: float = 2.0e-3
    """`python -m bench.ingest digest`: with symbolication, in the steady state."""
    wire: int = 3_100
    """As an SDK sends it, compressed; what waits in the queue."""
    payload: int = 1_600
    """`python -m bench.ingest disk`: compressed with the instance's dictionary."""
    rows: int = 700
    """Of the same: its rows and their part of all indexes and counters."""
    writes: int = 6
    """Rows that are inserted or changed for it, counters of a batch put together."""


MEASURED: Final = Costs()

BATCH: Final = 200
"""Events of one transaction (`digest.worker.BATCH`)."""

ROWS_OF_A_NODE: Final = 25_000
"""Rows a second that one PostgreSQL takes on two cores, measured with COPY; with more cores more."""

HOLD_SECONDS: Final = 0.005
"""How long a batch holds the row of an issue: from its counters to the end of the commit."""
