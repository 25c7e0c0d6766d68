"""`/metrics` for Prometheus: any web process answers for all processes of the installation.

What processes count they tell with their signs of life, so that it is up to 15 seconds old; each is a
series of its own, since counts begin anew with a process.
"""

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
from headwater.server.errors import NotAllowed
from headwater.storage.database import Database
from headwater.storage.instances import Instance, Instances
from headwater.storage.process_counts import Counted
from headwater.storage.queue.backlog import MAX_COUNTED, oldest_waiting, waiting
from headwater.storage.table_sizes import TableSizes
from headwater.storage.uploads.stored_bytes import stored_bytes

CHECK_SECONDS: Final = 5.0
"""How long an answer serves for all who ask: nobody can keep the database busy by asking."""


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
        """Raises SQLAlchemyError, OSError."""
        counting = self.instances.counts(now)
        yield _processes([instance for instance, _ in counting])
        for family in FAMILIES:
            yield _counter(family, counting)
        oldest = oldest_waiting(self.database, self.queue)
        yield _gauge(
            "queue_events",
            f"Envelopes that wait to be digested; at most {MAX_COUNTED} are counted",
            waiting(self.database, self.queue),
        )
        yield _gauge(
            "queue_oldest_seconds",
            "Age of the oldest of them",
            max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
        )
        sizes = {"database": TableSizes(self.database).total(), **stored_bytes(self.database)}
        yield _labelled("storage_bytes", "What is stored", "part", sizes)
        free = {name: shutil.disk_usage(folder).free for name, folder in self.folders.items()}
        yield _labelled("disk_free_bytes", "Free on the disk of a folder", "folder", free)


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
        """Prometheus' text format. Raises as `TokenGuard.require_whole`; DatabaseError, OSError."""
        token = self._guard.require_whole(request)
        if token.project_id is not None:
            raise NotAllowed(
                f"The token that starts with '{token.prefix}' ({token.name}) is good for one project; this"
                " is about the whole server, and needs one for the whole instance."
            )
        with self._lock:
            if time.monotonic() - self._asked_at >= CHECK_SECONDS:
                self._text = _text(lambda: self._gauges.families(datetime.now(UTC)))
                self._asked_at = time.monotonic()
            text = self._text
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


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"headwater_{name}", about, value=value)


def _labelled(name: str, about: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    metric = GaugeMetricFamily(f"headwater_{name}", about, labels=(label,))
    for each, value in values.items():
        metric.add_metric([each], value)
    return metric
