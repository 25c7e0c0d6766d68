"""What Prometheus reads: any web process answers for all of them, and only to whom it may."""

import math
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from headwater.artifacts.opened import OpenedMaps
from headwater.digest.worker import Worker
from headwater.protocol.debug_id import DebugId
from headwater.server import metric_families, metrics
from headwater.server.auth import TokenGuard
from headwater.server.gauges import FAMILIES, Gauges
from headwater.server.metric_families import text_of
from headwater.server.metrics import Metrics
from headwater.storage.files.stores import folder_stores
from headwater.storage.instances import Instance, Instances
from headwater.storage.people.tokens import Scope
from headwater.storage.process_counts import MAX_COUNTED, ProcessCounts
from headwater.storage.queue.queue import submit
from tests.event_side import EventSide, minified_event
from tests.upload_side import DEBUG_ID, UploadSide, pair, serving

PATIENCE_SECONDS = 30

Sample = dict[tuple[str, ...], float]


@pytest.fixture
def origin(events_side: EventSide, tmp_path: Path) -> Iterator[str]:
    guard = TokenGuard(events_side.tokens, events_side.projects)
    with serving(Metrics(guard, _gauges(events_side, tmp_path, tmp_path)).routes()) as found:
        yield found


def _gauges(side: EventSide, folder: Path, measured: Path) -> Gauges:
    instances = Instances(side.database, folder_stores(folder).canaries)
    return Gauges(side.database, instances, folder / "queue", {"data": measured})


def read(origin: str, headers: dict[str, str]) -> dict[str, Sample]:
    """By its name, each series' value by its labels, but for the process."""
    answer = httpx.get(f"{origin}/metrics", headers=headers)
    assert answer.status_code == httpx.codes.OK, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        sample.name: {
            tuple(value for name, value in each.labels.items() if name != "process"): each.value
            for each in family.samples
        }
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def beat(side: EventSide, folder: Path, role: str, counts: ProcessCounts) -> None:
    """As a process of another host does every 15 seconds."""
    now = datetime.now(UTC)
    instance = Instance(role.ljust(32, "0"), role, f"{role}.example", "1.2.3", now, now)
    Instances(side.database, folder_stores(folder).canaries).beat(instance, now, counts.now())


def test_a_web_process_tells_what_all_processes_counted(
    events_side: EventSide, origin: str, tmp_path: Path
) -> None:
    digest = ProcessCounts()
    for _ in range(2):
        submit(events_side.intake, 1, b"no envelope", datetime.now(UTC), "a" * 32, "").result(30)
    events_side.put(minified_event("b" * 32), minified_event("b" * 32))
    outlet, pipeline = events_side.outlet, events_side.pipeline(events_side.resolve)
    worker = Worker(events_side.database, outlet, pipeline, timedelta(0), digest)
    while worker.digest_once():
        pass
    beat(events_side, tmp_path, "web", events_side.counts)
    beat(events_side, tmp_path, "digest", digest)

    found = read(origin, events_side.token())

    assert found["headwater_envelopes_total"] == {("accepted",): 4}
    assert found["headwater_outcomes_total"] == {
        ("error", "accepted"): 1,
        ("error", "duplicate"): 1,
        ("error", "dead_letter"): 2,
    }
    assert sum(found["headwater_frames_total"].values()) == 1
    assert found["headwater_process_up"] == {
        ("digest.example", "digest", "1.2.3"): 1,
        ("web.example", "web", "1.2.3"): 1,
    }
    assert found["headwater_queue_events"] == {(): 0}
    assert found["headwater_storage_bytes"]["database",] > 0
    assert found["headwater_disk_free_bytes"]["data",] > 0


def test_what_waits_is_counted_with_its_age(events_side: EventSide, origin: str) -> None:
    events_side.put(*(minified_event(f"{number:032x}") for number in range(3)))

    found = read(origin, events_side.token())

    assert found["headwater_queue_events"] == {(): 3}
    assert found["headwater_queue_oldest_seconds"][()] >= 0


def test_a_folder_that_is_away_hides_nothing_else(events_side: EventSide, tmp_path: Path) -> None:
    text = text_of(_gauges(events_side, tmp_path, tmp_path / "away"), datetime.now(UTC)).decode()

    found = {each.name: each for each in text_string_to_metric_families(text)}
    disk = found["headwater_disk_free_bytes"]
    assert [math.isnan(each.value) for each in disk.samples] == [True]
    assert len(found) > len(FAMILIES)


def test_who_comes_while_a_measurement_hangs_is_told_to_try_again(
    events_side: EventSide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "WAIT_SECONDS", 0.01)
    hangs, goes_on = threading.Event(), threading.Event()

    def hang(*_question: object) -> None:
        hangs.set()
        goes_on.wait(PATIENCE_SECONDS)

    guard = TokenGuard(events_side.tokens, events_side.projects)
    gauges = _gauges(events_side, tmp_path, tmp_path)
    with serving(Metrics(guard, gauges).routes()) as origin, ThreadPoolExecutor() as others:
        token = events_side.token()
        monkeypatch.setattr(metric_families, "oldest_waiting", hang)
        first = others.submit(
            httpx.get, f"{origin}/metrics", headers=token, timeout=PATIENCE_SECONDS
        )
        assert hangs.wait(PATIENCE_SECONDS)
        second = httpx.get(f"{origin}/metrics", headers=token)
        goes_on.set()

        assert second.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert "try again" in second.text
        assert first.result().status_code == httpx.codes.OK


@pytest.mark.parametrize(
    ("project", "scope", "status"),
    [(None, Scope.FULL, 200), (None, Scope.UPLOAD, 403), (1, Scope.FULL, 403), (None, None, 401)],
)
def test_it_is_for_administrators_tokens_for_the_whole_instance(
    events_side: EventSide, origin: str, project: int | None, scope: Scope | None, status: int
) -> None:
    headers = {} if scope is None else events_side.token(project, scope)

    # From this very machine: a proxy on it would be, too.
    assert httpx.get(f"{origin}/metrics", headers=headers).status_code == status


def test_a_name_that_somebody_made_up_breaks_no_line(
    events_side: EventSide, origin: str, tmp_path: Path
) -> None:
    counts = ProcessCounts()
    counts.add("frames", 'a"b\\c\nheadwater_evil 1')
    beat(events_side, tmp_path, "digest", counts)

    found = read(origin, events_side.token())

    assert found["headwater_frames_total"] == {('a"b\\c\nheadwater_evil 1',): 1}
    assert "headwater_evil" not in found


def test_a_process_counts_only_so_much_apart() -> None:
    counts = ProcessCounts()

    for number in range(MAX_COUNTED + 10):
        counts.add("frames", str(number))
    counts.add("frames", "0")

    assert len(counts.now()) == MAX_COUNTED
    assert counts.now()["frames", "0"] == 2


def test_look_ups_in_compiled_files_are_counted(side: UploadSide) -> None:
    counts = ProcessCounts()
    opened = OpenedMaps(side.compiled_files, side.compiled, counts)
    side.upload(None, pair())
    found = side.artifacts.with_debug_id(1, DebugId(DEBUG_ID))
    names = [name for file in found for name in opened.find(file.sha256).values()]

    for _ in range(2):
        opened.check(names[0])

    assert counts.now() == {("opened", "miss"): 1, ("opened", "hit"): 1}
