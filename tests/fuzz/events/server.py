"""A server in a folder, in this process: inputs go through all of it, and what must hold is looked at."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import func, select

from headwater.digest.choices import KnownChoices
from headwater.digest.pipeline import Pipeline
from headwater.digest.worker import Worker
from headwater.protocol import item_type
from headwater.protocol.encoding import decode
from headwater.protocol.envelope import parse_envelope
from headwater.storage.events.payloads import Payloads
from headwater.storage.queue.journal.writer import JournalWriter
from headwater.storage.queue.queue import submit
from headwater.storage.schema import dead_letters, events, outcomes
from tests.event_side import EventSide
from tests.fuzz.events.doors import LIMITS, Offered, Way, differences
from tests.fuzz.events.input import input_of
from tests.fuzz.events.report import SLOW_SECONDS, Report, fault_at_hand, last_lines
from tests.fuzz.events.stored import faults_of
from tests.fuzz.events.visitor import Visitor
from tests.fuzz.events.wire import PATIENCE_SECONDS

SHOWN_ONE_IN = 40
"""Stored events whose pages are asked for."""
KEPT = ("accepted", "duplicate", "malformed_event", "malformed_user_report", "dead_letter")


class TimedPipeline(Pipeline):
    """Says how long each envelope took, and whose it was."""

    def __init__(self, side: EventSide, took: Callable[[float, bytes, int], None]) -> None:
        super().__init__(side.resolve, KnownChoices(side.projects))
        self._took = took

    def digest(self, queued: Any) -> Any:
        began = time.perf_counter()
        found = super().digest(queued)
        seconds = time.perf_counter() - began
        if seconds > SLOW_SECONDS:  # by the clock, perhaps of others
            began = time.thread_time()
            super().digest(queued)
            seconds = time.thread_time() - began
        self._took(seconds, queued.envelope, len(found))
        return found


class Server:
    """One on an empty database."""

    def __init__(self, folder: Path, report: Report) -> None:
        self._report = report
        self._side = EventSide(folder)
        self._journal = JournalWriter(folder / "queue", is_durable=False)
        self._ways = Way(self._side, is_fast=False), Way(self._side, is_fast=True)
        pipeline = TimedPipeline(self._side, self._digested)
        self._worker = Worker(self._side.database, self._side.outlet, pipeline)
        self._visitor = Visitor(self._side, report)
        self._payloads = Payloads(self._side.database)
        self._seeds: dict[bytes, str] = {}
        self._offered: list[Offered] = []
        self._expected: Counter[str] = Counter()
        self._last_event = self._last_letter = 0

    async def check(self, seeds: Sequence[str]) -> None:
        """Send these inputs, digest them, and look at what is stored."""
        for seed in seeds:
            await self._through_doors(seed, input_of(seed, self._side.shop.public_key))
        self._digest(seeds[-1])
        self._look_at_counts(seeds[-1])
        await self._look_at_stored()
        self._seeds.clear()
        self._offered.clear()

    def close(self) -> None:
        """Stop its threads. Raises NoRoom if a request has not given back its room."""
        for way in self._ways:
            way.check_room()
        self._journal.close()
        self._side.close()

    async def _through_doors(self, seed: str, data: bytes) -> None:
        wrong = partial(self._report.wrong, seed)
        random = Random(seed)  # noqa: S311 # what it makes must come again
        cut_at = random.choice((len(data), random.randint(0, len(data))))
        for way in self._ways:
            began = time.perf_counter()
            try:
                await way.ask(data, cut_at)
            except Exception:  # noqa: BLE001 # whatever it is, it is found
                wrong(f"the connection broke: {fault_at_hand()}")
                return
            self._report.took(time.perf_counter() - began, "door, by the clock", seed)
            for what in (*way.faults, *_faults_said(way)):
                wrong(f"at the door: {what}")
        for what in differences(*self._ways):
            wrong(what)
        self._expect(seed, self._ways[-1])

    def _expect(self, seed: str, way: Way) -> None:
        answers = [f"answered {status}" for status, _ in way.answers] or ["not answered"]
        self._report.done.update(answers)
        for offered in way.offered:
            _, body, _, encoding = offered
            self._seeds[body] = seed
            self._offered.append(offered)
            kinds = Counter(
                item.type == item_type.EVENT
                for item in parse_envelope(decode(body, encoding, LIMITS.envelope)).items
            )
            self._expected.update({"error": kinds[True], "feedback": kinds[False]})
            self._report.done["items queued"] += kinds.total()

    def _digest(self, last: str) -> None:
        now = datetime.now(UTC)
        survived = [
            submit(self._journal, project, body, now, event_id, encoding)
            for project, body, event_id, encoding in self._offered
        ]
        for each in survived:
            each.result(timeout=PATIENCE_SECONDS)
        try:
            while self._worker.digest_once():
                pass
        except Exception:  # noqa: BLE001 # whatever it is, it is found
            self._report.wrong(last, f"the worker stopped: {fault_at_hand()}")

    def _digested(self, seconds: float, body: bytes, parts: int) -> None:
        self._report.took(seconds / max(1, parts), "digest", self._seeds.get(body, "?"))

    def _look_at_counts(self, last: str) -> None:
        wanted = select(outcomes.c.category, func.sum(outcomes.c.count))
        of_kept = wanted.where(outcomes.c.reason.in_(KEPT)).group_by(outcomes.c.category)
        with self._side.database.read() as connection:
            new = dead_letters.c.id > self._last_letter
            letters = connection.execute(select(dead_letters).where(new)).all()
            counted = {row[0]: row[1] for row in connection.execute(of_kept)}
        for letter in letters:
            self._last_letter = max(self._last_letter, letter.id)
            whose = self._seeds.get(letter.envelope, "?")
            self._report.wrong(whose, f"a dead letter: {last_lines(letter.error)}")
        for category, expected in self._expected.items():
            found = counted.get(category, 0)
            if found != expected and not letters:
                self._report.wrong(last, f"{expected} of {category} were queued, {found} counted")
            self._expected[category] = found

    async def _look_at_stored(self) -> None:
        new = select(events).where(events.c.id > self._last_event).order_by(events.c.id)
        with self._side.database.read() as connection:
            rows = connection.execute(new).all()
        for row in rows:
            self._last_event = row.id
            self._report.done["events stored"] += 1
            wrong = partial(self._wrong_with, row.event_id)
            for what in faults_of(self._payloads.unpack(row.payload)):
                wrong(what)
            if row.id % SHOWN_ONE_IN == 0:
                await self._visitor.look_at(row.project_id, row.event_id, row.issue_id, wrong)

    def _wrong_with(self, event_id: str, what: str) -> None:
        named = event_id.encode()
        bodies = (
            (self._seeds[body], decode(body, encoding, LIMITS.envelope))
            for _, body, _, encoding in self._offered
        )
        seeds = [seed for seed, body in bodies if named in body.replace(b"-", b"").lower()]
        self._report.wrong(seeds[0] if seeds else f"after {min(self._seeds.values())}", what)


def _faults_said(way: Way) -> list[str]:
    named = {501, 503}  # what is not read here, and a server that is too busy
    return [
        f"answered {status}" for status, _ in way.answers if status >= 500 and status not in named
    ]
