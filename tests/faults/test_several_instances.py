"""Two instances, each with its own folder, behind nginx: one PostgreSQL, one folder of source maps."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from headwater.server.web.people.throttle import MAX_FAILURES_OF_PAIR
from headwater.storage.database import Database
from headwater.storage.people.roles import Role
from headwater.storage.people.tokens import Scope, Tokens
from headwater.storage.people.users import Users
from headwater.storage.project_keys import ProjectKeys
from headwater.storage.projects import Choices, Projects
from tests.clients.nginx import deployed_nginx
from tests.clients.patience import until
from tests.clients.reader import signed_in
from tests.databases import postgresql_address
from tests.faults.instance import DIGEST, WEB, Instance, beside, instance, path_of
from tests.faults.load import Load, envelope
from tests.folders import mark
from tests.upload_side import DEBUG_ID, BuildTool, cut, pair

PATIENCE_SECONDS = 120
KEY_SECONDS = 30
"""Three times what a server remembers a key for."""

EVENTS = 30
OTHER_ID = "0e6a1b9c-57f7-4f0d-9a9b-3f4a4f2b8f11"
EMAIL, PASSWORD = "ada@example.com", "analytical engine"
CLIENTS = 3
RATE = 2
"""So few a minute that none of them comes in again while two instances are asked."""

SOME = 60
"""Answers before an instance is stopped, and after."""


@dataclass(frozen=True)
class Fleet:
    """`port`: nginx's."""

    one: Instance
    two: Instance
    database: Database
    port: int
    path: str
    headers: dict[str, str]

    @property
    def instances(self) -> tuple[Instance, Instance]:
        """Both."""
        return self.one, self.two

    def client(self, port: int) -> httpx.Client:
        """With a token, to one of them or to nginx."""
        origin = f"http://127.0.0.1:{port}"
        return httpx.Client(base_url=origin, headers=self.headers, timeout=PATIENCE_SECONDS)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """All of it at work."""
    folder, url = tmp_path_factory.mktemp("fleet"), postgresql_address()
    shared = str(folder / "shared")
    Path(shared).mkdir()
    mark(Path(shared))
    with (
        instance(folder, DATABASE_URL=url, SOURCEMAP_STORAGE_PATH=shared) as one,
        beside(one, folder / "two") as two,
        deployed_nginx(folder, one.address, two.address) as port,
        _database(url) as database,
    ):
        Users(database).create(EMAIL, PASSWORD, Role.OWNER, _now())
        _, secret = Tokens(database).create("test", Scope.FULL, None, None, _now())
        for each in (one, two):
            each.start(WEB, DIGEST)
        yield Fleet(one, two, database, port, one.path, {"Authorization": f"Bearer {secret}"})


@contextmanager
def _database(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.close()


def _now() -> datetime:
    return datetime.now(UTC)


def _thrown(number: int, debug_id: str) -> tuple[str, bytes]:
    """An error in a minified file; its id, and its envelope."""
    frame = {"filename": "http://h/app.js", "function": "t", "lineno": 1, "colno": 1}
    event = {
        "event_id": f"{number:032x}",
        "platform": "javascript",
        "exception": {
            "values": [{"type": "Error", "value": "no", "stacktrace": {"frames": [frame]}}]
        },
        "debug_meta": {
            "images": [{"type": "sourcemap", "code_file": frame["filename"], "debug_id": debug_id}]
        },
    }
    parts = ({"event_id": event["event_id"]}, {"type": "event"}, event)
    return str(event["event_id"]), b"\n".join(json.dumps(part).encode() for part in parts)


def _post(fleet: Fleet, port: int, path: str, body: bytes) -> int:
    with fleet.client(port) as client:
        return client.post(path, content=body).status_code


def _file_of(fleet: Fleet, port: int, event_id: str) -> str | None:
    """Of the event's frame, when it is stored."""
    with fleet.client(port) as client:
        answer = client.get(f"/api/0/projects/headwater/shop/events/{event_id}/json/")
    if answer.status_code != httpx.codes.OK:
        return None
    event: dict[str, Any] = answer.json()
    return str(event["exception"]["values"][0]["stacktrace"]["frames"][0]["filename"])


def _are_resolved(fleet: Fleet, event_ids: list[str]) -> bool:
    return all(
        _file_of(fleet, each.port, event_id) not in (None, "http://h/app.js")
        for event_id in event_ids
        for each in fleet.instances
    )


def test_chunks_come_through_one_are_assembled_by_the_other_and_resolve_what_nginx_sends_to_either(
    fleet: Fleet,
) -> None:
    bundle = pair()
    with fleet.client(fleet.one.port) as one, fleet.client(fleet.two.port) as two:
        for chunk in cut(bundle):
            assert BuildTool(one).send(chunk).status_code == httpx.codes.OK
        assert BuildTool(two).upload(bundle)["state"] == "ok"
    before = fleet.one.counts().events

    thrown = [_thrown(number, DEBUG_ID) for number in range(1, EVENTS + 1)]
    answers = {_post(fleet, fleet.port, fleet.path, body) for _, body in thrown}

    assert answers == {httpx.codes.OK}
    until(lambda: fleet.one.counts().events == before + EVENTS, PATIENCE_SECONDS, "all are stored")
    assert _are_resolved(fleet, [event_id for event_id, _ in thrown])
    assert fleet.one.counts().agree()


def test_events_are_healed_once_whichever_instance_has_the_late_upload(fleet: Fleet) -> None:
    thrown = [_thrown(number, OTHER_ID) for number in range(100, 100 + EVENTS)]
    before = fleet.one.counts().events
    resolved, failed = fleet.one.frames()
    for _, body in thrown:
        assert _post(fleet, fleet.port, fleet.path, body) == httpx.codes.OK
    until(lambda: fleet.one.counts().events == before + EVENTS, PATIENCE_SECONDS, "all are stored")

    with fleet.client(fleet.two.port) as client:
        assert BuildTool(client).upload(pair(OTHER_ID))["state"] == "ok"

    event_ids = [event_id for event_id, _ in thrown]
    until(lambda: _are_resolved(fleet, event_ids), PATIENCE_SECONDS, "all are resolved")
    assert fleet.one.counts().agree()
    # Twice would count twice as many as resolved, and fewer than none as failed.
    assert fleet.one.frames() == (resolved + EVENTS, failed)


def test_who_signs_in_through_one_is_signed_in_and_out_everywhere(fleet: Fleet) -> None:
    one, two = (f"http://127.0.0.1:{each.port}" for each in fleet.instances)
    cookies = signed_in(one, EMAIL, PASSWORD).cookies

    def status(origin: str) -> int:
        return httpx.get(f"{origin}/issues", cookies=cookies).status_code

    assert (status(one), status(two)) == (httpx.codes.OK, httpx.codes.OK)
    out = httpx.post(f"{two}/sign-out", cookies=cookies, headers={"Origin": two})
    assert out.status_code == httpx.codes.SEE_OTHER
    assert httpx.codes.OK not in (status(one), status(two))


def test_who_signs_out_everywhere_is_signed_out_at_both(fleet: Fleet) -> None:
    one, two = (f"http://127.0.0.1:{each.port}" for each in fleet.instances)
    here, there = (signed_in(each, EMAIL, PASSWORD).cookies for each in (one, two))

    httpx.post(f"{two}/settings/profile/sessions/end", cookies=there, headers={"Origin": two})

    for origin in (one, two):
        for cookies in (here, there):
            answer = httpx.get(f"{origin}/issues", cookies=cookies)
            assert answer.headers["location"].startswith("/sign-in"), answer


def test_who_guesses_at_one_has_no_more_tries_at_the_other(fleet: Fleet) -> None:
    one, two = (f"http://127.0.0.1:{each.port}" for each in fleet.instances)

    def guess(origin: str) -> str:
        guessed = {"email": "eve@example.com", "password": "a guess"}
        return httpx.post(f"{origin}/sign-in", data=guessed, headers={"Origin": origin}).text

    said = [guess(origin) for origin in (one, two) * (MAX_FAILURES_OF_PAIR // 2)]
    locked = [guess(origin) for origin in (one, two)]

    assert not [text for text in said if "Too many attempts" in text]
    assert all("Too many attempts" in text for text in locked)


def test_what_came_through_one_is_of_the_other_s_rate(fleet: Fleet) -> None:
    limited = Choices(events_per_minute=RATE)
    project = Projects(fleet.database).create("Limited", "node", _now(), limited)
    path = path_of(project)

    def status(each: Instance) -> int:
        return _post(fleet, each.port, path, envelope("f" * 32))

    def shorts() -> list[float]:
        words = [json.loads(told) for (told,) in fleet.one.rows("SELECT told FROM told_rates")]
        return [each[str(project.id)][1] for each in words if str(project.id) in each]

    assert status(fleet.two) == httpx.codes.OK
    while status(fleet.one) == httpx.codes.OK:
        pass
    both = len(fleet.instances)
    until(
        lambda: [each > RATE - 1 for each in shorts()] == [True] * both,
        PATIENCE_SECONDS,
        "both know that there is no room",
    )

    # By its own count there would be all but one.
    assert status(fleet.two) == httpx.codes.TOO_MANY_REQUESTS


def test_new_and_revoked_tokens_and_keys_are_known_everywhere_within_what_is_documented(
    fleet: Fleet,
) -> None:
    tokens, keys = Tokens(fleet.database), ProjectKeys(fleet.database)
    token, secret = tokens.create("short-lived", Scope.FULL, None, None, _now())
    bearer = {"Authorization": f"Bearer {secret}"}
    origins = [f"http://127.0.0.1:{each.port}" for each in fleet.instances]

    def tokens_say() -> set[int]:
        return {httpx.get(f"{at}/api/0/projects/", headers=bearer).status_code for at in origins}

    assert tokens_say() == {httpx.codes.OK}
    tokens.revoke(token.id, _now())
    assert tokens_say() == {httpx.codes.UNAUTHORIZED}

    project = fleet.one.other
    keys.add(project.id, _now())
    (new,) = [each for each in keys.of(project.id) if each.public_key != project.public_key]
    path = f"/api/{project.id}/envelope/?sentry_key={new.public_key}"

    def keys_say() -> set[int]:
        body = envelope("e" * 32)
        return {_post(fleet, each.port, path, body) for each in fleet.instances}

    assert keys_say() == {httpx.codes.OK}
    keys.remove(project.id, new.id)
    until(lambda: keys_say() == {httpx.codes.UNAUTHORIZED}, KEY_SECONDS, "the key is forgotten")


def test_one_after_the_other_is_stopped_and_started_and_no_client_notices(fleet: Fleet) -> None:
    load = Load(fleet, CLIENTS, "rolling")
    with load.running():
        for each in fleet.instances:
            _go_on(load)
            each.stop(WEB, DIGEST)
            _go_on(load)
            each.start(WEB, DIGEST)
        _go_on(load)

    assert load.refused == {}
    assert load.uncertain == set()
    until(lambda: load.answered <= fleet.one.stored(), PATIENCE_SECONDS, "all are stored")
    assert fleet.one.counts().agree()


def _go_on(load: Load) -> None:
    enough = load.answers + SOME
    until(lambda: load.answers >= enough, PATIENCE_SECONDS, "events are answered")
