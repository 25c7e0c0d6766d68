"""The pages on an empty database, with a browser that is signed in, and ways to fill them."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import zstandard
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import event
from starlette.applications import Starlette

from headwater.artifacts.compiler import Compiler
from headwater.artifacts.compilers import Compilers
from headwater.artifacts.workshop import Workshop
from headwater.server.doctor.inside import Inside, Surroundings
from headwater.server.origin import TrustedProxies
from headwater.server.web.alerts.records import AlertRecords
from headwater.server.web.pages import Pages
from headwater.server.web.storage.records import Limits, StorageRecords
from headwater.server.web.uploads.upload_tools import UploadTools
from headwater.server_side import attempts_of, upload_tools_of
from headwater.settings import Settings
from headwater.storage.database import Database
from headwater.storage.events.events import Events, NewEvent
from headwater.storage.files.stores import folder_stores
from headwater.storage.issues.issues import Issues
from headwater.storage.issues.sighting import Sighting
from headwater.storage.people.roles import Rights, Role
from headwater.storage.people.sessions import Client, Sessions
from headwater.storage.people.tokens import Tokens
from headwater.storage.people.users import User, Users, add_user
from headwater.storage.project_keys import ProjectKeys
from headwater.storage.projects import Project, Projects
from headwater.storage.queue.dead_letters import DeadLetters
from headwater.storage.queue.outcomes import Outcomes
from headwater.storage.queue.queue import QueuedEnvelope
from headwater.storage.queue.retry import Retry
from headwater.storage.schema import events
from headwater.storage.uploads.refusals import Refusals
from headwater.symbolicate.resolution import Resolution
from headwater.upload_side import UploadSide, keeping_of
from tests.belt import Belt
from tests.databases import database_in, folder_of
from tests.folders import mark

ORIGIN = "https://errors.example.com"
PASSWORD = "correct horse"
NOTHING = Resolution(version=1)


@dataclass(frozen=True, slots=True)
class House:
    """A server's pages and what is behind them."""

    database: Database
    pages: Pages
    ada: User
    belt: Belt = field(default_factory=Belt)

    @classmethod
    def build(cls, database: Database) -> "House":
        """On this database, which `furnish` made, or a copy of it."""
        ada = Users(database).by_email("ada@example.com")
        assert ada
        belt = Belt()
        return cls(database, cls.pages_of(database, belt=belt), ada, belt)

    @staticmethod
    def pages_of(
        database: Database,
        public_url: str = "",
        belt: Belt | None = None,
        patience: float = 25,
        tools: UploadTools | None = None,
        storage: StorageRecords | None = None,
        refusals: Refusals | None = None,
    ) -> Pages:
        """The pages of a server with these settings."""
        return Pages(
            database,
            outcomes=Outcomes(database),
            refusals=refusals or Refusals(database),
            retry=Retry(database, belt or Belt()),
            inside=Inside(
                database, surroundings(database), folder_stores(folder_of(database)).canaries
            ),
            storage=storage
            or StorageRecords.of(
                database, limits(database), keeping_of(Settings(), database), patience
            ),
            alerts=AlertRecords.of(database, has_mail=True, patience=patience),
            tools=tools or tools_of(database),
            attempts=partial(attempts_of, database),
            public_url=public_url,
            trusted=TrustedProxies(),
        )

    @property
    def projects(self) -> Projects:
        return Projects(self.database)

    @property
    def tokens(self) -> Tokens:
        return Tokens(self.database)

    @property
    def users(self) -> Users:
        return Users(self.database)

    @property
    def issues(self) -> Issues:
        return Issues(self.database)

    def stranger(self, origin: str = ORIGIN) -> "Browser":
        """A browser that nobody has signed in with."""
        return Browser(Starlette(routes=self.pages.routes()), origin)

    def browser(self, email: str = "ada@example.com") -> "Browser":
        """A browser that Ada, or somebody else, has signed in with."""
        browser = self.stranger()
        user = Users(self.database).by_email(email)
        assert user
        secret = Sessions(self.database).start(
            user.id, datetime.now(UTC), client=Client("127.0.0.1")
        )
        browser.cookies.set("headwater_session", secret, domain="errors.example.com")
        return browser

    def person(
        self,
        email: str,
        role: Role = Role.MEMBER,
        in_projects: Mapping[int, Role] | None = None,
        *,
        all_projects: bool = True,
    ) -> User:
        """Somebody besides Ada, without a password: hashing one takes its time."""
        rights = Rights(role, all_projects, in_projects or {})
        with self.database.write() as connection:
            return add_user(connection, email, "", rights, datetime.now(UTC))

    def project(self, name: str = "Web shop", platform: str = "node") -> Project:
        return self.projects.create(name, platform, datetime.now(UTC))

    def second_key(self, project: Project) -> int:
        """Another one of its DSN's; its number."""
        keys = ProjectKeys(self.database)
        keys.add(project.id, datetime.now(UTC))
        return keys.of(project.id)[0].id

    def bury(self, project: Project, envelope: bytes, error: str, encoding: str = "") -> int:
        """Give an envelope up, as the digest does; the dead letter's id."""
        now = datetime.now(UTC)
        queued = QueuedEnvelope(0, project.id, now, envelope, 3, "e" * 32, encoding)
        with self.database.write() as connection:
            DeadLetters(self.database).bury(connection, queued, error, now)
        self.count(project.id, "error", "dead_letter")
        return DeadLetters(self.database).latest(1)[0].id

    def count(
        self, project_id: int, category: str, reason: str, quantity: int = 1, hours_ago: int = 0
    ) -> None:
        """Count something, so that the pages see it."""
        outcomes = Outcomes(self.database)
        moment = datetime.now(UTC) - timedelta(hours=hours_ago)
        outcomes.count(project_id, category, reason, moment, quantity)
        outcomes.close()

    def store(
        self,
        project: Project,
        payload: dict[str, Any],
        resolution: Resolution = NOTHING,
        issue: int | None = None,
        title: str = "Error: boom",
    ) -> tuple[int, str]:
        """Put an event into an issue, a new one unless told; issue id and event id."""
        now = datetime.now(UTC)
        with self.database.write() as connection:
            event_id = f"{int(now.timestamp() * 1e6):032x}"
            seen = Sighting(event_id, now, title, "main · src/main.ts:1", "error", "node", True)
            issue = issue or self.issues.create(connection, project.id, seen)
            stored = Events(self.database)
            new = NewEvent(
                id=0,
                project_id=project.id,
                event_id=event_id,
                issue_id=issue,
                timestamp=now - timedelta(seconds=1),
                received_at=now,
                title=title,
                level="error",
                platform="node",
                release="shop@1.0",
                dist=None,
                environment="production",
                provisional_hash="0" * 32,
                final_hash="0" * 32,
                payload=msgspec.json.encode(payload),
                resolution=stored.share(msgspec.json.encode(resolution)),
            )
            stored.add_all(connection, [new])
            self.issues.saw(connection, {issue: [seen]})
        return issue, event_id

    def statements(self, act: Callable[[], object]) -> int:
        """How many statements the database gets meanwhile."""
        said: list[str] = []

        def hear(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            if not statement.startswith("BEGIN"):
                said.append(statement)

        event.listen(self.database.engine, "before_cursor_execute", hear)
        try:
            act()
        finally:
            event.remove(self.database.engine, "before_cursor_execute", hear)
        return len(said)

    def replace_payload(self, event_id: str, payload: dict[str, Any]) -> None:
        """The event's JSON, with escapes as clients write them, half surrogates too."""
        packed = zstandard.ZstdCompressor().compress(json.dumps(payload).encode())
        with self.database.write() as connection:
            connection.execute(
                events.update().where(events.c.event_id == event_id).values(payload=packed)
            )


def tools_of(database: Database, compiler: Compiler | None = None) -> UploadTools:
    """On folders beside the database's file; `compiler` compiles what is uploaded."""
    folder = folder_of(database)
    settings = Settings(data_dir=folder, sourcemap_storage_path=folder)
    mark(folder)
    uploads = UploadSide.of(settings, database, folder_stores(folder))
    compiler = compiler or Compiler()
    compilers = Compilers(lambda: compiler, limit=1, per_home=1)
    workshop = Workshop(uploads.making, compiler)
    return upload_tools_of(settings, database, uploads, compilers, workshop)


def surroundings(database: Database) -> Surroundings:
    """Everything in the folder of the database's file."""
    folder = folder_of(database)
    return Surroundings(folder, folder, folder / "queue", 0, trusts_anyone=False, lasting=(folder,))


def limits(database: Database) -> Limits:
    """Everything in the folder of the database's file; events are kept for 90 days."""
    folder = folder_of(database)
    return Limits(folder, folder, folder / "queue", 0, event_days=90, upload_days=0, database=0)


def furnish(folder: Path) -> Database:
    """A database of the present schema, with Ada in it."""
    database = database_in(folder)
    Users(database).create("ada@example.com", PASSWORD, Role.OWNER, datetime.now(UTC))
    return database


class Browser:
    """Asks an application in this process, keeps cookies, says where its forms come from."""

    def __init__(self, app: Starlette, origin: str) -> None:
        self._client = AsyncClient(
            transport=ASGITransport(app), base_url=origin, headers={"Origin": origin}
        )
        self.cookies = self._client.cookies
        self.headers = self._client.headers

    def get(self, path: str, **options: Any) -> Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> Response:
        return self.request("POST", path, **options)

    def request(self, method: str, path: str, **options: Any) -> Response:
        """One request; redirects are the answer, not followed."""
        return asyncio.run(self._client.request(method, path, **options))


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "input", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> at {self.getpos()}")


_ALLOWED = """
html head meta title link script body a header nav ul ol li h1 h2 h3 main p code pre span b strong
div section article details summary table thead tbody tr th td time form label input select
option button fieldset legend textarea tfoot caption svg g rect path dialog progress
"""


def assert_harmless(response: Response) -> None:
    """The page has only elements of ours, closed in order, and nothing in them that runs."""
    parser = _Tags()
    parser.feed(response.text)
    parser.close()
    assert parser.faults == []
    assert parser.open == []
    for tag, attributes in parser.tags:
        assert tag in _ALLOWED.split(), tag
        assert not [name for name in attributes if name.startswith(("on", "style", "srcdoc"))]
        for name in ("href", "src", "action"):
            address = attributes.get(name)
            assert address is None or address.startswith(("/", "#")), address
            assert address is None or not address.startswith("//"), address
    scripts = [attributes for tag, attributes in parser.tags if tag == "script"]
    assert scripts
    assert all(set(attributes) == {"type", "src"} for attributes in scripts)
