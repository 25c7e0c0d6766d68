"""Dead letters and counts over the API."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from headwater.server.api.dead_letters import DeadLettersDoor
from headwater.server.api.outcomes import OutcomesDoor
from headwater.server.auth import TokenGuard
from headwater.server.errors import EXCEPTION_HANDLERS
from headwater.server.paths import ApiPaths
from headwater.storage.database import Database
from headwater.storage.migrate import migrate
from headwater.storage.people.tokens import Scope, Tokens
from headwater.storage.projects import Projects
from headwater.storage.queue.dead_letters import DeadLetters
from headwater.storage.queue.outcomes import Outcomes
from headwater.storage.queue.queue import QueuedEnvelope
from headwater.storage.queue.retry import Retry
from tests.belt import Belt
from tests.event_side import Client

OF_SHOP = "/api/0/projects/any/shop/dead-letters/"
NOW = datetime(2026, 11, 26, 12, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Letters:
    """Three dead letters of `Shop` (1), one of `Blog` (2), behind the API."""

    database: Database
    belt: Belt
    client: Client

    def ask(
        self, method: str, path: str, project_id: int | None = None, scope: Scope = Scope.FULL
    ) -> httpx.Response:
        """With a new token."""
        _, secret = Tokens(self.database).create("test", scope, project_id, None, NOW)
        return self.client.request(method, path, headers={"Authorization": f"Bearer {secret}"})

    def listed(self, path: str = OF_SHOP) -> list[dict[str, Any]]:
        """What the list says."""
        found: list[dict[str, Any]] = self.ask("GET", path).json()
        return found

    def id(self, envelope: bytes) -> int:
        """The number of the letter with this envelope."""
        every = DeadLetters(self.database).latest(9)
        return next(letter.id for letter in every if letter.envelope == envelope)


@pytest.fixture
def letters(tmp_path: Path) -> Iterator[Letters]:
    database = Database(f"sqlite:///{tmp_path / 'headwater.db'}")
    migrate(database)
    projects, dead, belt = Projects(database), DeadLetters(database), Belt()
    for name in ("Shop", "Blog"):
        projects.create(name, None, NOW)
    outcomes = Outcomes(database)
    with database.write() as connection:
        for number, project_id in enumerate((1, 1, 1, 2)):
            queued = QueuedEnvelope(number, project_id, NOW, b"%d" % number, 3, "e" * 32, "br")
            dead.bury(connection, queued, f"Traceback\nKeyError: {number}", NOW)
    outcomes.count(1, "error", "dead_letter", datetime.now(UTC), 3)
    outcomes.count(0, "error", "unknown_key", datetime.now(UTC), 5)
    outcomes.close()
    guard = TokenGuard(Tokens(database), projects)
    doors = (
        DeadLettersDoor(guard, projects, dead, Retry(database, belt)),
        OutcomesDoor(guard, projects, Outcomes(database)),
    )
    app = Starlette(
        routes=[route for door in doors for route in door.routes()],
        middleware=[Middleware(ApiPaths)],
        exception_handlers=dict(EXCEPTION_HANDLERS),
    )
    client = Client(app)
    yield Letters(database, belt, client)
    client.close()
    database.close()


def test_a_project_s_letters_are_listed_newest_first(letters: Letters) -> None:
    first, *rest = letters.listed()

    assert first == {
        "id": str(letters.id(b"2")),
        "eventID": "e" * 32,
        "dateReceived": "2026-11-26T12:30:00Z",
        "dateFailed": "2026-11-26T12:30:00Z",
        "error": "Traceback\nKeyError: 2",
        "size": 1,
        "encoding": "br",
    }
    assert [each["error"][-1] for each in rest] == ["1", "0"]
    page = letters.ask("GET", OF_SHOP + "?per_page=2")
    assert len(page.json()) == 2
    assert 'rel="next"; results="true"' in page.headers["link"]


def test_one_is_read_with_its_envelope_and_deleted(letters: Letters) -> None:
    path = f"{OF_SHOP}{letters.id(b'2')}/"
    shown = letters.ask("GET", path)
    envelope = letters.ask("GET", path + "envelope/")
    gone = letters.ask("DELETE", path)

    assert shown.json()["error"].endswith("KeyError: 2")
    assert envelope.content == b"2"
    assert gone.status_code == 204
    assert letters.ask("GET", path).status_code == 404
    assert len(letters.listed()) == 2


def test_one_or_all_go_back_to_the_queue(letters: Letters) -> None:
    one = letters.ask("POST", f"{OF_SHOP}{letters.id(b'1')}/retry/")
    every = letters.ask("POST", OF_SHOP + "retry/")

    assert one.json() == {"putBack": 1, "left": 0}
    assert every.json() == {"putBack": 2, "left": 0}
    assert [envelope for _, envelope, *_ in letters.belt.kept] == [b"1", b"0", b"2"]
    assert letters.listed() == []
    assert len(letters.listed("/api/0/projects/any/blog/dead-letters/")) == 1


def test_a_full_queue_is_an_answer_to_come_back_after(letters: Letters) -> None:
    letters.belt.room = 1

    refused = letters.ask("POST", OF_SHOP + "retry/")

    assert refused.status_code == 503
    assert "retry-after" in refused.headers
    assert refused.json()["detail"].startswith(
        "1 are back on the queue; 2 could not be put back: the queue is full."
    )
    assert len(letters.listed()) == 2


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "{}/"),
        ("GET", "{}/envelope/"),
        ("POST", "{}/retry/"),
        ("POST", "retry/"),
        ("DELETE", "{}/"),
    ],
)
def test_another_project_s_token_and_one_for_uploads_may_do_nothing(
    letters: Letters, method: str, path: str
) -> None:
    path = path.format(letters.id(b"0"))

    assert letters.ask(method, OF_SHOP + path, project_id=2).status_code == 404
    assert letters.ask(method, OF_SHOP + path, scope=Scope.UPLOAD).status_code == 403
    assert letters.client.request(method, OF_SHOP + path).status_code == 401
    assert letters.belt.kept == []
    assert len(letters.listed()) == 3


def test_a_letter_of_another_project_is_not_there(letters: Letters) -> None:
    for letter in (str(letters.id(b"3")), "99", "x", "9" * 40):
        assert letters.ask("DELETE", f"{OF_SHOP}{letter}/").status_code == 404
    assert DeadLetters(letters.database).count() == 4


def test_the_account_adds_up_and_explains_itself(letters: Letters) -> None:
    account = letters.ask("GET", "/api/0/projects/any/shop/outcomes/").json()

    assert account["events"]["lastDay"] == 3
    dead = account["events"]["reasons"][-1]
    assert (dead["reason"], dead["lastDay"], dead["lastMonth"]) == ("dead_letter", 3, 3)
    assert dead["meaning"]
    assert dead["remedy"]
    assert (len(account["hours"]), len(account["days"])) == (24, 30)
    assert sum(hour["refused"] for hour in account["hours"]) == 3


def test_the_whole_account_is_of_what_the_token_sees(letters: Letters) -> None:
    path = "/api/0/organizations/any/outcomes/"

    assert letters.ask("GET", path).json()["events"]["lastDay"] == 8
    assert letters.ask("GET", path, project_id=2).json()["events"]["lastDay"] == 0
    assert letters.ask("GET", path, scope=Scope.UPLOAD).status_code == 403
