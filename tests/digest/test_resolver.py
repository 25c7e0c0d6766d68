"""Symbolication in the worker's own process: what foreign files can do to it, and to other events."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Never

import msgspec
import pytest
from sqlalchemy import text

from headwater.artifacts.compiler import Compiler
from headwater.artifacts.workshop import EVENT_SECONDS
from headwater.bounded_child.parent import Bounds
from headwater.digest.choices import KnownChoices
from headwater.digest.pipeline import Pipeline
from headwater.digest.resolver import Resolver, ResolverUnavailable
from headwater.digest.worker import Worker
from headwater.digest_side import Digest
from headwater.protocol.bundle import ArtifactType
from headwater.protocol.debug_id import DebugId
from headwater.protocol.event import Event
from headwater.settings import Settings
from headwater.storage.events.events import Events
from headwater.storage.queue.dead_letters import DeadLetters
from headwater.storage.queue.queue import submit
from headwater.storage.queue.table.reader import TableReader
from headwater.storage.queue.table.writer import TableWriter
from headwater.symbolicate.resolution import Resolution, ResolvedFrame
from headwater.symbolicate.source_maps import Artifact
from headwater.symbolicate.verdicts import Verdict
from tests.databases import address_in
from tests.event_side import envelope, minified_event
from tests.folders import mark
from tests.symbolicate.world import event, frame, image
from tests.upload_side import MAP, NOW, UploadSide, bundle_of, manifest_of

INNOCENT = "11111111-2222-4333-8444-555555555555"
POISON = "99999999-2222-4333-8444-555555555555"
GIGABYTE = 1024**3

Starter = Callable[..., Digest]


@pytest.fixture
def side(tmp_path: Path, compiler: Compiler) -> Iterator[UploadSide]:
    side = UploadSide(tmp_path, compiler)
    side.project("Shop")
    yield side
    side.database.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Starter]:
    """Digests with processes of their own."""
    started: list[Digest] = []
    mark(tmp_path)

    def starter(memory: int = GIGABYTE, seconds: float = EVENT_SECONDS) -> Digest:
        settings = Settings(
            data_dir=tmp_path,
            database_url=address_in(tmp_path),
            sourcemap_storage_path=tmp_path,
            pending_upload_seconds=0,
        )
        started.append(Digest(settings, Bounds(memory, 60), seconds))
        return started[-1]

    yield starter
    for each in started:
        each.close()


def upload(side: UploadSide, debug_id: str, content: bytes) -> Artifact:
    headers = {"debug-id": debug_id}
    described = {"type": ArtifactType.SOURCE_MAP, "url": "~/x.js.map", "headers": headers}
    answer = side.upload(None, bundle_of({"x": content}, manifest_of({"x": described})))
    assert answer.state == "ok", answer
    return side.maps_of(1).with_debug_id(DebugId(debug_id))[0]


def lose(side: UploadSide, artifact: Artifact) -> None:
    """The map has to be compiled again."""
    side.compiled.retire(side.compiled.find([artifact.key]), NOW)


def make_endless(side: UploadSide, artifact: Artifact) -> None:
    """The map's file is a pipe that nobody writes to, and has to be read again."""
    lose(side, artifact)
    side.files.delete(artifact.key)
    os.mkfifo(side.files.path(artifact.key))


def event_of(*debug_ids: str) -> Event:
    """An event with a frame in a file of each id."""
    files = {f"https://shop.example/{each}.js": each for each in debug_ids}
    frames = [frame(each, colno=1) for each in files]
    return event(*frames, images=tuple(image(path, each) for path, each in files.items()))


def resolved(resolver: Resolver, *debug_ids: str) -> list[ResolvedFrame]:
    return list(resolver.resolve(1, event_of(*debug_ids)).stacktraces[0].frames)


def detail(found: ResolvedFrame) -> str:
    return found.evidence.detail or ""


def test_a_map_that_never_ends_costs_only_its_own_frames(side: UploadSide, start: Starter) -> None:
    upload(side, INNOCENT, MAP)
    make_endless(side, upload(side, POISON, MAP + b" "))
    digest = start(seconds=4)

    innocent, poison = resolved(digest.resolver, INNOCENT, POISON)

    assert innocent.verdict is Verdict.RESOLVED
    assert poison.verdict is Verdict.LIMIT_EXCEEDED
    assert "takes more than 4 seconds" in detail(poison)


def test_what_took_too_long_is_left_alone_in_later_events(side: UploadSide, start: Starter) -> None:
    make_endless(side, upload(side, POISON, MAP))
    digest = start(seconds=4)
    resolved(digest.resolver, POISON)
    child = digest.workshop.pid

    [again] = resolved(digest.resolver, POISON)

    assert again.verdict is Verdict.LIMIT_EXCEEDED
    assert digest.workshop.pid == child


def test_a_map_that_needs_too_much_memory_costs_only_its_own_frames(
    side: UploadSide, start: Starter
) -> None:
    upload(side, INNOCENT, MAP)
    large = {**json.loads(MAP), "sourcesContent": ["const x = 1;\n" * 12_000_000]}
    lose(side, upload_unlimited(side, POISON, json.dumps(large).encode()))
    digest = start(memory=250 * 1024**2)

    innocent, poison = resolved(digest.resolver, INNOCENT, POISON)

    assert innocent.verdict is Verdict.RESOLVED
    assert poison.verdict is Verdict.LIMIT_EXCEEDED
    assert "needed more than the 250 MiB of memory" in detail(poison)


def upload_unlimited(side: UploadSide, debug_id: str, content: bytes) -> Artifact:
    """As of an upload under other limits than those of today."""
    artifact = upload(side, debug_id, MAP + b"  ")
    sha256, _ = side.files.put([content])
    with side.database.write() as connection:
        connection.execute(
            text("UPDATE artifact_files SET sha256 = :new WHERE sha256 = :old"),
            {"new": sha256, "old": artifact.key},
        )
    return side.maps_of(1).with_debug_id(DebugId(debug_id))[0]


def test_innocent_events_behind_a_poison_one_are_digested(side: UploadSide, start: Starter) -> None:
    make_endless(side, upload(side, POISON, MAP))
    intake, outlet = TableWriter(side.database), TableReader(side.database)
    ids = [f"{number:032x}" for number in range(6)]
    for number, event_id in enumerate(ids):
        body = minified_event(event_id, debug_id=POISON if number % 2 == 0 else INNOCENT)
        submit(intake, 1, envelope(body), datetime.now(UTC)).result(timeout=30)
    pipeline = Pipeline(start(seconds=4).resolver.resolve, KnownChoices(side.projects))
    worker = Worker(side.database, outlet, pipeline)

    while worker.digest_once():
        pass
    intake.close()

    stored = [Events(side.database).get(1, each) for each in ids]
    verdicts = [
        msgspec.json.decode(each.resolution, type=Resolution).stacktraces[0].frames[0].verdict
        for each in stored
        if each is not None
    ]
    assert verdicts == [Verdict.LIMIT_EXCEEDED, Verdict.DEBUG_ID_NOT_UPLOADED] * 3
    assert DeadLetters(side.database).count() == 0


def test_what_is_compiled_is_looked_up_without_any_child(side: UploadSide, start: Starter) -> None:
    upload(side, INNOCENT, MAP)
    assert side.second_stage.next()
    digest = start()

    [found] = resolved(digest.resolver, INNOCENT)

    assert found.verdict is Verdict.RESOLVED
    assert found.evidence.named_by == "original source"
    assert digest.workshop.pid is None


def test_a_child_that_was_killed_is_replaced(side: UploadSide, start: Starter) -> None:
    first, second = upload(side, INNOCENT, MAP), upload(side, POISON, MAP + b" ")
    digest = start()
    lose(side, first)
    resolved(digest.resolver, INNOCENT)
    assert digest.workshop.pid is not None
    os.kill(digest.workshop.pid, signal.SIGKILL)
    lose(side, second)

    [found] = resolved(digest.resolver, POISON)

    assert found.verdict is Verdict.RESOLVED


def test_an_event_without_frames_that_want_maps_asks_for_none() -> None:
    resolver = Resolver(lambda _project: pytest.fail("no maps are needed"))

    found = resolver.resolve(1, event(frame("/srv/app.py"), images=(), platform="python"))

    assert found.stacktraces[0].frames[0].verdict is Verdict.ALREADY_ORIGINAL


def test_a_database_that_refuses_is_no_fault_of_the_event(side: UploadSide, start: Starter) -> None:
    with side.database.write() as connection:
        connection.execute(text("ALTER TABLE artifact_files RENAME TO elsewhere"))

    with pytest.raises(ResolverUnavailable, match="artifact_files"):
        resolved(start().resolver, INNOCENT)


def test_a_compiler_that_does_not_start_costs_names_and_no_events(
    side: UploadSide, start: Starter, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(side, INNOCENT, MAP)
    monkeypatch.setenv("PYTHONHOME", "/there/is/no/such/folder")

    [found] = resolved(start().resolver, INNOCENT)

    assert found.verdict is Verdict.RESOLVED
    assert found.evidence.named_by == "raw"


def test_an_error_of_our_own_costs_an_event_its_frames_and_not_the_event() -> None:
    def broken(_project: int) -> Never:
        raise ZeroDivisionError

    found = Resolver(broken).resolve(1, event_of(INNOCENT))

    [only] = found.stacktraces[0].frames
    assert only.verdict is Verdict.LIMIT_EXCEEDED
    assert "the server's log says how" in detail(only)


def test_another_projects_files_are_not_seen(side: UploadSide, start: Starter) -> None:
    web = side.project("Web")
    headers = {"debug-id": INNOCENT}
    described = {"type": ArtifactType.SOURCE_MAP, "url": "~/x.js.map", "headers": headers}
    side.upload(web.id, bundle_of({"x": MAP}, manifest_of({"x": described})))

    [found] = resolved(start().resolver, INNOCENT)

    assert found.verdict is Verdict.UPLOADED_TO_OTHER_PROJECT
