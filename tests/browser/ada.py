"""Ada, who fills in the forms of a live server as a browser does, without one."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from headwater.storage.database import Database
from headwater.storage.projects import Projects
from headwater.storage.queue.dead_letters import DeadLetters
from headwater.storage.queue.queue import QueuedEnvelope
from headwater.storage.schema import api_tokens
from tests.browser.conftest import EMAIL, PASSWORD
from tests.browser.demo import send
from tests.browser.errors import Event
from tests.clients.live_server import LiveServer
from tests.clients.patience import until
from tests.clients.reader import signed_in

STORE_SECONDS = 120
ANSWER_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Ada:
    """Signed in."""

    server: LiveServer
    cookies: dict[str, str]

    @classmethod
    def of(cls, server: LiveServer) -> "Ada":
        """At her desk."""
        return cls(server, signed_in(server.origin, EMAIL, PASSWORD).cookies)

    def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        """One request; redirects are the answer unless told otherwise."""
        return httpx.request(
            method,
            self.server.origin + path,
            cookies=self.cookies,
            headers={"Origin": self.server.origin},
            timeout=ANSWER_SECONDS,
            **given,
        )

    def post(self, path: str, form: Mapping[str, str]) -> httpx.Response:
        """Send a form; it must be taken."""
        answer = self.ask("POST", path, data=dict(form))
        assert answer.status_code in (200, 201, 303), (path, answer.status_code, answer.text)
        return answer

    def read(self, path: str) -> str:
        """A page's markup."""
        answer = self.ask("GET", path, follow_redirects=True)
        assert answer.status_code == httpx.codes.OK, (path, answer.text)
        return answer.text

    def project(self, name: str, platform: str) -> tuple[str, str]:
        """Slug and DSN of a new project."""
        to = self.post("/projects/new", {"name": name, "platform": platform}).headers["location"]
        slug = to.split("/")[2]
        found = re.search(r'id="dsn">([^<]+)<', self.read(f"/projects/{slug}/set-up"))
        assert found
        return slug, found[1]

    def token(self, home: str, name: str = "CI") -> str:
        """The secret of a new one that uploads."""
        made = self.post("/settings/tokens", {"name": name, "home": home, "scope": "upload"})
        found = re.search(r'id="secret">([^<]+)<', made.text)
        assert found
        return found[1]

    def tell(self, dsn: str, *events: Event) -> list[str]:
        """Send events and wait until all of them are stored; their ids."""
        ids = [send(self.server.origin, dsn, event | {"event_id": ""}) for event in events]
        self.wait_for(*ids)
        return ids

    def wait_for(self, *events: str) -> None:
        """Until these events are stored."""
        until(lambda: all(map(self._is_stored, events)), STORE_SECONDS, "the events are stored")

    def issue_of(self, event: str) -> str:
        """Its number."""
        answer = self.ask("GET", f"/events/{event}", follow_redirects=True)
        found = re.search(r"/issues/(\d+)", str(answer.url))
        assert found, answer.url
        return found[1]

    def numbers(self, path: str, of: str) -> list[str]:
        """Numbers that a page has links to: `of` is what stands before them."""
        found: dict[str, None] = dict.fromkeys(
            re.findall(re.escape(of) + r"(\d+)", self.read(path))
        )
        return list(found)

    def second_key(self, slug: str) -> str:
        """Make a project another DSN; its number."""
        self.post(f"/projects/{slug}/keys", {})
        return self.numbers(f"/projects/{slug}/keys", f"/projects/{slug}/keys/")[0]

    def bury(self, error: str, envelope: bytes = b"") -> str:
        """Give an envelope up as the digest does, behind the server's back; the dead letter's number."""
        database = self._database()
        letters, now = DeadLetters(database), datetime.now(UTC)
        project = Projects(database).all()[0].id
        queued = QueuedEnvelope(0, project, now, envelope or error.encode(), 3, "e" * 32, "")
        with database.write() as connection:
            letters.bury(connection, queued, error, now)
        number = letters.latest(1)[0].id
        database.close()
        return str(number)

    def expire(self, token: str, moment: datetime) -> None:
        """Let a token's time be over, as if that much of it had gone by."""
        database = self._database()
        with database.write() as connection:
            named = api_tokens.c.name == token
            connection.execute(api_tokens.update().where(named).values(expires_at=moment))
        database.close()

    def _database(self) -> Database:
        its = self.server.environment
        of_file = f"sqlite:///{its['HEADWATER_DATA_DIR']}/headwater.db"
        return Database(its.get("DATABASE_URL", of_file))

    def _is_stored(self, event: str) -> bool:
        return self.ask("GET", f"/events/{uuid.UUID(event).hex}").status_code < 400
