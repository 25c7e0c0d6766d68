"""What `/metrics` answers, measured when somebody asks."""

import math
import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, cast

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from headwater.server.gauges import FAMILIES, Family, Gauges
from headwater.storage.instances import Instance
from headwater.storage.process_counts import Counted
from headwater.storage.queue.backlog import MAX_COUNTED, MAX_LOOKED_AT, oldest_waiting, waiting
from headwater.storage.table_sizes import TableSizes
from headwater.storage.uploads.stored_bytes import stored_bytes

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST


def text_of(gauges: Gauges, now: datetime) -> bytes:
    """Everything, in the format of CONTENT_TYPE. Raises SQLAlchemyError; OSError of the queue."""

    class Ours:
        def collect(self) -> Iterator[Metric]:
            return _families(gauges, now)

    registry = CollectorRegistry()
    registry.register(cast("Collector", Ours()))
    return generate_latest(registry)


def _families(gauges: Gauges, now: datetime) -> Iterator[Metric]:
    counting = gauges.instances.counts(now)
    yield _processes([instance for instance, _ in counting])
    for family in FAMILIES:
        yield _counter(family, counting)
    oldest = oldest_waiting(gauges.database, gauges.queue)
    yield _gauge(
        "queue_events",
        f"Envelopes that wait to be digested; at most {MAX_COUNTED} are counted, and of a journal the"
        f" first {MAX_LOOKED_AT // 1024**2} MiB",
        waiting(gauges.database, gauges.queue),
    )
    yield _gauge(
        "queue_oldest_seconds",
        "Age of the oldest of them",
        max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
    )
    sizes = {"database": TableSizes(gauges.database).total(), **stored_bytes(gauges.database)}
    yield _labelled("storage_bytes", "What is stored", "part", sizes)
    free = {name: _free(folder) for name, folder in gauges.folders.items()}
    yield _labelled(
        "disk_free_bytes", "Free on the disk of a folder; NaN: not there", "folder", free
    )


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
