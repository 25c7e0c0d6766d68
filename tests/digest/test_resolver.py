"""Symbolication in a child process: what can end it, and what that costs the others."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import text

from headwater.app import resolver
from headwater.artifacts.inspectors import Inspectors
from headwater.bounded_child.parent import Bounds
from headwater.digest.resolver import (
    EVENT_SECONDS,
    RESOLVER_MEMORY,
    Resolver,
    ResolverUnavailable,
)
from headwater.digest.worker import Worker
from headwater.protocol.bundle import ArtifactType
from headwater.settings import Settings
from headwater.storage.dead_letters import DeadLetters
from headwater.storage.events import Events
from headwater.storage.queue import Queue
from headwater.symbolicate.resolution import Resolution, ResolvedFrame
from headwater.symbolicate.verdicts import Verdict
from tests.event_side import envelope, minified_event
from tests.symbolicate.world import FILE, event, frame, image
from tests.upload_side import MAP, UploadSide, bundle_of, manifest_of

INNOCENT = "11111111-2222-4333-8444-555555555555"
POISON = "99999999-2222-4333-8444-555555555555"
OTHER = "https://shop.example/other.js"
CRASHING = "<T>(" * 105_000
"""Read as JavaScript and then as Flow: the native parser overflows its stack."""
ENDLESS = '"' * 1_000_000
"""Half a minute of parsing."""

Starter = Callable[..., Resolver]


@pytest.fixture
def side(tmp_path: Path) -> Iterator[UploadSide]:
    inspectors = Inspectors()
    side = UploadSide(tmp_path, inspectors)
    side.project("Shop")
    yield side
    inspectors.close()
    side.database.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Starter]:
    started: list[Resolver] = []

    def starter(memory: int = RESOLVER_MEMORY, seconds: float = EVENT_SECONDS) -> Resolver:
        settings = Settings(data_dir=tmp_path, sourcemap_storage_path=tmp_path)
        started.append(resolver(settings, Bounds(memory, seconds)))
        return started[-1]

    yield starter
    for each in started:
        each.close()


def upload(side: UploadSide, debug_id: str, content: bytes) -> None:
    headers = {"debug-id": debug_id}
    described = {"type": ArtifactType.SOURCE_MAP, "url": "~/x.js.map", "headers": headers}
    answer = side.upload(None, bundle_of({"x": content}, manifest_of({"x": described})))
    assert answer.state == "ok", answer


def map_with(source: str) -> bytes:
    """A map whose source is named `.js`, so that it is read as JavaScript."""
    content = {**json.loads(MAP), "sources": ["src/app.js"], "sourcesContent": [source]}
    return json.dumps(content).encode()


def resolved(resolves: Resolver, *debug_ids: str) -> list[ResolvedFrame]:
    """The frames of an event, one in a file of each id."""
    files = {f"https://shop.example/{each}.js": each for each in debug_ids}
    frames = [frame(each, colno=1) for each in files]
    images = tuple(image(path, each) for path, each in files.items())
    found = resolves.resolve(1, event(*frames, images=images))
    return list(found.stacktraces[0].frames)


def detail(found: ResolvedFrame) -> str:
    return found.evidence.detail or ""


def test_a_source_that_crashes_the_parser_costs_only_its_own_names(
    side: UploadSide, start: Starter
) -> None:
    upload(side, INNOCENT, MAP)
    upload(side, POISON, map_with(CRASHING))
    resolves = start()

    innocent, poison = resolved(resolves, INNOCENT, POISON)

    assert [innocent.verdict, poison.verdict] == [Verdict.RESOLVED, Verdict.RESOLVED]
    assert innocent.evidence.named_by == "original source"
    assert poison.evidence.named_by == "raw"


def test_what_the_parser_crashed_on_is_left_alone_in_later_events(
    side: UploadSide, start: Starter
) -> None:
    upload(side, POISON, map_with(CRASHING))
    resolves = start()
    resolved(resolves, POISON)
    child = resolves.pid

    [again] = resolved(resolves, POISON)

    assert again.verdict is Verdict.RESOLVED
    assert resolves.pid == child


def test_a_source_that_takes_too_long_is_ended_and_left_alone_afterwards(
    side: UploadSide, start: Starter
) -> None:
    upload(side, INNOCENT, MAP)
    upload(side, POISON, map_with(ENDLESS))
    resolves = start(seconds=4)

    first = resolved(resolves, INNOCENT, POISON)
    second = resolved(resolves, INNOCENT, POISON)

    assert {each.verdict for each in first} == {Verdict.LIMIT_EXCEEDED}
    assert "more than the 4 seconds that an event may take" in detail(first[1])
    assert {each.verdict for each in second} == {Verdict.RESOLVED}


def test_a_map_that_needs_too_much_memory_costs_only_its_own_frames(
    side: UploadSide, start: Starter
) -> None:
    upload(side, INNOCENT, MAP)
    content = {**json.loads(MAP), "mappings": "AAAA" + ",A" * 7_000_000}
    upload(side, POISON, json.dumps(content).encode())
    resolves = start(memory=400 * 1024**2)

    innocent, poison = resolved(resolves, INNOCENT, POISON)

    assert innocent.verdict is Verdict.RESOLVED
    assert poison.verdict is Verdict.LIMIT_EXCEEDED
    assert "needed more than the 400 MiB of memory" in detail(poison)


def test_innocent_events_behind_a_poison_one_are_digested(side: UploadSide, start: Starter) -> None:
    upload(side, POISON, map_with(CRASHING))
    queue = Queue(side.database)
    ids = [f"{number:032x}" for number in range(6)]
    for number, event_id in enumerate(ids):
        body = minified_event(event_id, debug_id=POISON if number % 2 == 0 else INNOCENT)
        queue.submit(1, envelope(body), datetime.now(UTC)).result(timeout=30)
    worker = Worker(side.database, queue, start().resolve)

    while worker.digest_once():
        pass
    queue.close()

    stored = [Events(side.database).get(1, each) for each in ids]
    verdicts = [
        msgspec.json.decode(each.resolution, type=Resolution).stacktraces[0].frames[0].verdict
        for each in stored
        if each is not None
    ]
    assert verdicts == [Verdict.RESOLVED, Verdict.DEBUG_ID_NOT_UPLOADED] * 3
    assert DeadLetters(side.database).count() == 0


def test_the_child_stays_from_event_to_event(side: UploadSide, start: Starter) -> None:
    upload(side, INNOCENT, MAP)
    resolves = start()
    resolved(resolves, INNOCENT)
    child = resolves.pid

    [found] = resolved(resolves, INNOCENT)

    assert found.verdict is Verdict.RESOLVED
    assert child is not None
    assert resolves.pid == child


def test_a_child_that_was_killed_is_replaced(side: UploadSide, start: Starter) -> None:
    upload(side, INNOCENT, MAP)
    resolves = start()
    resolved(resolves, INNOCENT)
    assert resolves.pid is not None
    os.kill(resolves.pid, signal.SIGKILL)

    [found] = resolved(resolves, INNOCENT)

    assert found.verdict is Verdict.RESOLVED


def test_an_event_without_frames_that_want_maps_needs_no_child(start: Starter) -> None:
    resolves = start()

    found = resolves.resolve(1, event(frame("/srv/app.py"), images=(), platform="python"))

    assert found.stacktraces[0].frames[0].verdict is Verdict.ALREADY_ORIGINAL
    assert resolves.pid is None


def test_a_database_that_refuses_is_no_fault_of_the_event(side: UploadSide, start: Starter) -> None:
    with side.database.write() as connection:
        connection.execute(text("ALTER TABLE artifact_files RENAME TO elsewhere"))
    resolves = start()

    with pytest.raises(ResolverUnavailable, match="artifact_files"):
        resolved(resolves, INNOCENT)


def test_a_resolver_that_does_not_start_is_no_fault_of_the_event(start: Starter) -> None:
    resolves = start(memory=1024**2)

    with pytest.raises(ResolverUnavailable, match=r"headwater\.app didn't start"):
        resolves.resolve(1, event(frame(FILE)))


def test_another_projects_files_are_not_seen(side: UploadSide, start: Starter) -> None:
    web = side.project("Web")
    headers = {"debug-id": INNOCENT}
    described = {"type": ArtifactType.SOURCE_MAP, "url": "~/x.js.map", "headers": headers}
    side.upload(web.id, bundle_of({"x": MAP}, manifest_of({"x": described})))

    [found] = resolved(start(), INNOCENT)

    assert found.verdict is Verdict.DEBUG_ID_NOT_UPLOADED
