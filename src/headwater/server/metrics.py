"""`/metrics` for Prometheus: any web process answers for all processes of the installation.

What processes count they tell with their signs of life, so that it is up to 15 seconds old; each is a
series of its own, since counts begin anew with a process.
"""

import math
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, cast

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from headwater.server.auth import TokenGuard
from headwater.server.errors import Overloaded
from headwater.storage.database import Database
from headwater.storage.instances import Instance, Instances
from headwater.storage.process_counts import Counted
from headwater.storage.queue.backlog import MAX_COUNTED, MAX_LOOKED_AT, oldest_waiting, waiting
from headwater.storage.table_sizes import TableSizes
from headwater.storage.uploads.stored_bytes import stored_bytes

CHECK_SECONDS: Final = 5.0
"""How long an answer serves for all who ask: nobody can keep the database busy by asking."""

WAIT_SECONDS: Final = 2.0
"""How long one waits for another's answer: a database that hangs takes no more than a few threads."""


@dataclass(frozen=True, slots=True)
class Family:
    """What is counted under a name, and what tells its series apart."""

    counted: str
    about: str
    labels: tuple[str, ...] = ()


FAMILIES: Final = (
    Family("envelopes", "Envelopes that were offered to the queue", ("result",)),
    Family("outcomes", "What became of digested events and reports", ("category", "reason")),
    Family("frames", "Frames of digested events", ("verdict",)),
    Family("compilations", "Uploaded files that were compiled or looked into", ("result",)),
    Family("compilation_seconds", "How long that took, all together"),
    Family("opened", "Look-ups in compiled files, by whether they were open already", ("result",)),
)
"""Each is called `headwater_…_total`, and has the process as a label."""


@dataclass(frozen=True, slots=True)
class Gauges:
    """What is measured when somebody asks. `folders`: by what is said of them."""

    database: Database
    instances: Instances
    queue: Path
    folders: Mapping[str, Path]

    def families(self, now: datetime) -> Iterator[Metric]:
        """Raises SQLAlchemyError; OSError of the queue."""
        counting = self.instances.counts(now)
        yield _processes([instance for instance, _ in counting])
        for family in FAMILIES:
            yield _counter(family, counting)
        oldest = oldest_waiting(self.database, self.queue)
        yield _gauge(
            "queue_events",
            f"Envelopes that wait to be digested; at most {MAX_COUNTED} are counted, and of a journal the"
            f" first {MAX_LOOKED_AT // 1024**2} MiB",
            waiting(self.database, self.queue),
        )
        yield _gauge(
            "queue_oldest_seconds",
            "Age of the oldest of them",
            max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
        )
        sizes = {"database": TableSizes(self.database).total(), **stored_bytes(self.database)}
        yield _labelled("storage_bytes", "What is stored", "part", sizes)
        free = {name: _free(folder) for name, folder in self.folders.items()}
        yield _labelled(
            "disk_free_bytes", "Free on the disk of a folder; NaN: not there", "folder", free
        )


class Metrics:
    """For whoever has a token of an administrator that is good for the whole instance."""

    def __init__(self, guard: TokenGuard, gauges: Gauges) -> None:
        self._guard = guard
        self._gauges = gauges
        self._lock = threading.Lock()
        self._text = b""
        self._asked_at = float("-inf")

    def routes(self) -> list[BaseRoute]:
        """The routes of this door."""
        return [Route("/metrics", self.show, methods=["GET"])]

    def show(self, request: Request) -> Response:
        """Prometheus' text format. Raises as `TokenGuard.require_instance`; Overloaded, DatabaseError,
        OSError."""
        self._guard.require_instance(request)
        if not self._lock.acquire(timeout=WAIT_SECONDS):
            raise Overloaded("The server is still measuring for somebody else; please try again.")
        try:
            if time.monotonic() - self._asked_at >= CHECK_SECONDS:
                self._text = _text(lambda: self._gauges.families(datetime.now(UTC)))
                self._asked_at = time.monotonic()
            text = self._text
        finally:
            self._lock.release()
        return Response(text, media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _text(families: Callable[[], Iterator[Metric]]) -> bytes:
    class Ours:
        def collect(self) -> Iterator[Metric]:
            return families()

    registry = CollectorRegistry()
    registry.register(cast("Collector", Ours()))
    return generate_latest(registry)


def _counter(
    family: Family, counting: Sequence[tuple[Instance, Mapping[Counted, float]]]
) -> CounterMetricFamily:
    metric = CounterMetricFamily(
        f"headwater_{family.counted}", family.about, labels=("process", *family.labels)
    )
    for instance, counts in counting:
        for (counted, *labels), amount in sorted(counts.items()):
            if counted == family.counted and len(labels) == len(family.labels):
                metric.add_metric([_called(instance), *labels], amount)
    return metric


def _processes(alive: Sequence[Instance]) -> GaugeMetricFamily:
    labels = ("process", "role", "host", "version")
    metric = GaugeMetricFamily(
        "headwater_process_up", "Processes with a sign of life", labels=labels
    )
    for each in alive:
        metric.add_metric([_called(each), each.role, each.host, each.version], 1)
    return metric


def _called(instance: Instance) -> str:
    return f"{instance.role}-{instance.id[:8]}"


def _free(folder: Path) -> float:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return math.nan


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"headwater_{name}", about, value=value)


def _labelled(name: str, about: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    metric = GaugeMetricFamily(f"headwater_{name}", about, labels=(label,))
    for each, value in values.items():
        metric.add_metric([each], value)
    return metric
