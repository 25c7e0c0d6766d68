"""Web processes that share one PostgreSQL, each with its own clock and loop: time passes, and words are
exchanged, when a test says so."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx
from msgspec.structs import replace
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette

from headwater.server.errors import EXCEPTION_HANDLERS
from headwater.server.event_refused import EventRefused
from headwater.server.ingest import Ingest, IngestLimits
from headwater.server.rate_exchange import RateExchange
from headwater.server.rate_limits import RateLimits
from headwater.storage.database import Database
from headwater.storage.disk import FreeSpace
from headwater.storage.process_counts import ProcessCounts
from headwater.storage.projects import Project, Projects
from headwater.storage.queue.journal.writer import JournalWriter
from headwater.storage.queue.outcomes import Outcomes
from headwater.storage.told_rates import Heard, Told, ToldRates
from tests.event_side import MAX_ENVELOPE, MAX_EVENT, Client, envelope


class Line:
    """A process's way to the database, which may be cut."""

    is_cut = False

    def __init__(self, database: Database) -> None:
        self._told_rates = ToldRates(database)

    def exchange(self, process: str, told: Mapping[int, Told]) -> Sequence[Heard]:
        """As ToldRates has it."""
        if self.is_cut:
            raise OperationalError("exchange", {}, Exception("the line is cut"))
        return self._told_rates.exchange(process, told)


class Process:
    """A web process's event door. Its clock began long before or after the others'."""

    def __init__(self, folder: Path, database: Database, per_minute: int, started: float) -> None:
        self.seconds = started
        self.line = Line(database)
        self.rates = RateLimits(per_minute, RateExchange(self.line), lambda: self.seconds)
        self._intake, self._outcomes = JournalWriter(folder / "queue"), Outcomes(database)
        ingest = Ingest(
            Projects(database),
            self._intake,
            self._outcomes,
            IngestLimits(MAX_EVENT, MAX_ENVELOPE),
            self.rates,
            FreeSpace(folder, 0),
            ProcessCounts(),
        )
        handlers = dict(EXCEPTION_HANDLERS)
        self._client = Client(Starlette(routes=ingest.routes(), exception_handlers=handlers))
        self._runner = asyncio.Runner()

    def send(self, project: Project) -> httpx.Response:
        """An event, by way of the door."""
        path = f"/api/{project.id}/envelope/?sentry_key={project.public_key}"
        return self._client.post(path, content=envelope({"message": "no"}))

    def statuses(self, project: Project, events: int) -> list[int]:
        """What is answered to so many events, one after the other."""
        return [self.send(project).status_code for _ in range(events)]

    def let_in(self, project: Project, events: int) -> int:
        """How many of so many events there is room for."""

        async def ask() -> int:
            for number in range(events):
                try:
                    self.rates.take(project)
                except EventRefused:
                    return number
            return events

        return self._runner.run(ask())

    def exchange(self) -> None:
        """Tell and hear, and have taken in what was heard."""
        self.rates.exchange()
        for loop in (self._runner.get_loop(), self._client.loop):
            loop.run_until_complete(asyncio.sleep(0))

    def close(self) -> None:
        """Without a word, as if it were killed."""
        self._client.close()
        self._runner.close()
        self._intake.close()
        self._outcomes.close()


class RateSide:
    """All of them."""

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder = folder
        self.database = database
        self.shop = Projects(database).all()[0]
        self.processes: list[Process] = []
        self.statements: list[str] = []
        event.listen(database.engine, "before_cursor_execute", self._note)

    def start(self, per_minute: int = 0) -> Process:
        """One more. `per_minute`: of the whole instance."""
        started = 1e9 * len(self.processes)
        self.processes.append(Process(self._folder, self.database, per_minute, started))
        return self.processes[-1]

    def limited(self, per_minute: int) -> Project:
        """The shop, with a rate of its own."""
        choices = replace(self.shop.choices, events_per_minute=per_minute)
        Projects(self.database).choose(self.shop.id, choices)
        return replace(self.shop, choices=choices)

    def exchange(self) -> None:
        """Twice, so that everybody has heard what everybody has told."""
        for _ in range(2):
            for each in self.processes:
                each.exchange()

    def passes(self, seconds: float) -> None:
        """For everybody, and for the database."""
        for each in self.processes:
            each.seconds += seconds
        earlier = text("UPDATE told_rates SET told_at = told_at - make_interval(secs => :seconds)")
        with self.database.write() as connection:
            connection.execute(earlier, {"seconds": seconds})

    def rows(self) -> int:
        """How many processes' words are there."""
        with self.database.read() as connection:
            return int(connection.execute(text("SELECT count(*) FROM told_rates")).scalar_one())

    def close(self) -> None:
        """End all of them."""
        for each in self.processes:
            each.close()

    def _note(self, *given: object) -> None:
        self.statements.append(str(given[2]))
