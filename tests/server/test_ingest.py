"""The door that events come in by."""

import base64
import contextlib
import gzip
import itertools
import json
import random
import re
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import brotli
import httpx
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from headwater.protocol.client_report import MAX_REPORT
from headwater.server import in_flight as in_flight_module
from headwater.server import known_keys as known_keys_module
from headwater.server.ingest import INLINE
from headwater.server.sieve import MAX_CLIENT_REPORTS
from headwater.storage.deleted_projects import DeletedProjects
from headwater.storage.queue import waiting_room
from tests.databases import sqlite_only
from tests.event_side import MAX_ENVELOPE, MAX_EVENT, EventSide, envelope, event_side

ID = "9a00dac2cd571ff910f2694180a6fdc4"
ENCODINGS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("deflate", zlib.compress),
    ("br", brotli.compress),
    ("zstd", zstandard.compress),
    ("identity", bytes),
]


def test_an_event_is_queued_before_its_id_is_answered(events_side: EventSide) -> None:
    body = envelope({"event_id": ID, "message": "hello"}, event_id=ID)

    answer = events_side.client.post(events_side.url, content=body)

    assert (answer.status_code, answer.json()) == (200, {"id": ID})
    (queued,) = events_side.queued()
    assert queued.event_id == ID
    assert [json.loads(item.payload)["message"] for item in queued.items] == ["hello"]


@pytest.mark.parametrize("slash", ["/", ""])
def test_the_address_may_end_in_a_slash_or_not(events_side: EventSide, slash: str) -> None:
    address = f"/api/{events_side.shop.id}/envelope{slash}?sentry_key={events_side.shop.public_key}"

    answer = events_side.client.post(address, content=envelope({}))

    assert answer.status_code == 200


def test_the_key_may_be_in_a_header_the_address_or_the_envelope(events_side: EventSide) -> None:
    key = events_side.shop.public_key
    said = f"Sentry sentry_key={key}, sentry_version=7"
    address = f"/api/{events_side.shop.id}/envelope/"
    dsn = f"http://{key}@localhost/{events_side.shop.id}"

    answers = [
        events_side.client.post(address, headers={"X-Sentry-Auth": said}, content=envelope({})),
        events_side.client.post(address, headers={"Authorization": said}, content=envelope({})),
        events_side.client.post(f"{address}?sentry_key={key}", content=envelope({})),
        events_side.client.post(address, content=envelope({}, dsn=dsn)),
    ]

    assert [answer.status_code for answer in answers] == [200] * 4
    assert len(events_side.queued()) == 4


@pytest.mark.parametrize(("name", "encode"), ENCODINGS)
def test_every_encoding_is_undone(
    events_side: EventSide, name: str, encode: Callable[[bytes], bytes]
) -> None:
    body = envelope({"message": "hello " * 1000}, event_id=ID)

    answer = events_side.client.post(
        events_side.url, content=encode(body), headers={"Content-Encoding": name}
    )

    assert answer.status_code == 200
    assert len(events_side.queued()[0].items[0].payload) > 6000


def test_a_body_in_chunks_without_a_length_or_a_type_is_fine(events_side: EventSide) -> None:
    body = gzip.compress(envelope({"message": "hello"}))

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 10):
            yield body[start : start + 10]

    answer = events_side.client.post(
        events_side.url, content=chunks(), headers={"Content-Encoding": "gzip"}
    )

    assert "content-length" not in answer.request.headers
    assert answer.status_code == 200


def test_store_takes_an_event_alone(events_side: EventSide) -> None:
    address = events_side.url.replace("envelope", "store")

    answer = events_side.client.post(
        address, content=b'{\n"event_id": "%b",\n"message": "a"}' % ID.encode()
    )

    assert answer.json() == {"id": ID}
    (queued,) = events_side.queued()
    assert json.loads(queued.items[0].payload)["message"] == "a"


@pytest.mark.parametrize("body", [b"", b"[]", b"hello", b'{"a":'])
def test_store_refuses_what_is_not_an_event(events_side: EventSide, body: bytes) -> None:
    answer = events_side.client.post(events_side.url.replace("envelope", "store"), content=body)

    assert answer.status_code == 400
    assert "the event is not" in answer.json()["detail"]
    assert events_side.counted() == {("error", "malformed_event"): 1}


def test_the_id_that_is_answered_is_the_one_that_is_stored(events_side: EventSide) -> None:
    made_up = events_side.client.post(events_side.url, content=envelope({"message": "a"}))
    within = events_side.client.post(events_side.url, content=envelope({"event_id": ID.upper()}))

    queued = events_side.outlet.claim(10, datetime.now(UTC))

    assert [one.event_id for one in queued] == [made_up.json()["id"], ID]
    assert within.json() == {"id": ID}


def test_what_is_not_kept_is_accepted_and_counted_and_costs_no_place_in_the_queue(
    events_side: EventSide,
) -> None:
    for kind in ("session", "transaction", "replay_event", "made up by a client"):
        assert (
            events_side.client.post(events_side.url, content=envelope({}, kind=kind)).status_code
            == 200
        )

    assert events_side.queued() == []
    assert events_side.counted() == {
        ("session", "not_kept:session"): 1,
        ("transaction", "not_kept:transaction"): 1,
        ("replay_event", "not_kept:replay_event"): 1,
        ("unknown", "not_kept:unknown"): 1,
    }


def test_an_event_beside_other_items_is_kept(events_side: EventSide) -> None:
    body = envelope({"message": "a"}, event_id=ID) + b'\n{"type":"attachment","length":3}\na\nb\n'

    assert events_side.client.post(events_side.url, content=body).status_code == 200

    assert [item.type for item in events_side.queued()[0].items] == ["event"]
    assert events_side.counted() == {("attachment", "not_kept:attachment"): 1}


def test_what_an_sdk_threw_away_is_counted_in_words_of_ours(events_side: EventSide) -> None:
    report = {
        "discarded_events": [
            {"reason": "ratelimit_backoff", "category": "error", "quantity": 3},
            {"reason": "made up", "category": "made up", "quantity": 1},
            {"reason": "sample_rate", "category": "transaction", "quantity": -5},
            "x",
        ]
    }

    for payload in (report, b"not JSON", {"discarded_events": 5}):
        body = envelope(payload, kind="client_report")
        assert events_side.client.post(events_side.url, content=body).status_code == 200

    assert events_side.counted() == {
        ("error", "client:ratelimit_backoff"): 3,
        ("other", "client:other"): 1,
    }


def test_reports_that_are_too_long_or_too_many_are_counted_and_not_read(
    events_side: EventSide,
) -> None:
    report = {"discarded_events": [{"reason": "send_error", "category": "error", "quantity": 1}]}
    long = {**report, "padding": "x" * MAX_REPORT}

    for body in (
        envelope(long, kind="client_report"),
        envelope(*[report] * (MAX_CLIENT_REPORTS + 2), kind="client_report"),
    ):
        assert events_side.client.post(events_side.url, content=body).status_code == 200

    assert events_side.counted() == {
        ("error", "client:send_error"): MAX_CLIENT_REPORTS,
        ("client_report", "not_kept:client_report"): 3,
    }


def test_browsers_on_any_origin_may_send_and_read_the_answer(events_side: EventSide) -> None:
    answers = [
        events_side.client.post(events_side.url, content=envelope({})),
        events_side.client.post(events_side.url, content=b"nonsense"),
        events_side.client.post(
            events_side.url.replace("sentry_key=", "sentry_key=x"), content=b"{}"
        ),
    ]

    for answer in answers:
        assert answer.headers["access-control-allow-origin"] == "*"
        exposed = answer.headers["access-control-expose-headers"]
        assert exposed == "x-sentry-error, x-sentry-rate-limits, retry-after"


def test_a_preflight_is_allowed(events_side: EventSide) -> None:
    answer = events_side.client.request(
        "OPTIONS",
        events_side.url,
        headers={
            "Origin": "https://shop.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "x-custom",
        },
    )

    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-headers"] == "x-custom"
    assert "POST" in answer.headers["access-control-allow-methods"]


@pytest.mark.parametrize(
    ("path", "status", "complaint", "reason"),
    [
        ("/api/1/envelope/", 401, "no sentry_key", "no_key"),
        ("/api/1/envelope/?sentry_key=" + "f" * 32, 401, "belongs to no project here", "unknown_key"),
    ],
)  # fmt: skip
def test_a_key_that_does_not_fit_is_refused_with_a_sentence(
    events_side: EventSide, path: str, status: int, complaint: str, reason: str
) -> None:
    answer = events_side.client.post(
        path.format(key=events_side.shop.public_key), content=envelope({})
    )

    assert answer.status_code == status
    assert complaint in answer.json()["detail"]
    assert complaint in answer.headers["x-sentry-error"]
    assert events_side.queued() == []
    assert events_side.counted() == {("error", reason): 1}


class Endless:
    """A body that never ends, and how much of it was asked for."""

    def __init__(self, start: bytes = b"") -> None:
        self._start = start
        self.taken = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in itertools.chain([self._start], itertools.repeat(b"x" * 1000)):
            self.taken += len(piece)
            yield piece


@pytest.mark.parametrize(
    "start",
    [b"{}\n", b'{"dsn":"http://nobody@localhost/1"}\n'],
    ids=["no key at all", "a key of nobody"],
)
def test_without_a_key_only_the_first_line_of_an_envelope_is_read(
    events_side: EventSide, start: bytes
) -> None:
    body = Endless(start)

    answer = events_side.client.post("/api/1/envelope/", content=body)

    assert answer.status_code == 401
    assert body.taken <= len(start) + 1000


def test_without_a_key_a_first_line_that_never_ends_is_not_read_to_its_end(
    events_side: EventSide,
) -> None:
    body = Endless()

    answer = events_side.client.post("/api/1/envelope/", content=body)

    assert answer.status_code == 400
    assert "line 1" in answer.json()["detail"] or "at most 65536 bytes" in answer.json()["detail"]
    assert body.taken < 70_000


def test_without_a_key_nothing_of_a_lone_event_is_read(events_side: EventSide) -> None:
    body = Endless()

    answer = events_side.client.post("/api/1/store/", content=body)

    assert answer.status_code == 401
    assert body.taken == 0


def test_a_project_whose_requests_hold_all_that_they_may_costs_no_other_project_its_events(
    events_side: EventSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_flight_module, "MAX_OF_PROJECT", 1000)
    blog = f"/api/{events_side.blog.id}/envelope/?sentry_key={events_side.blog.public_key}"
    answers: list[int] = []

    async def while_others_send() -> AsyncIterator[bytes]:
        yield envelope({"message": "x" * 800})
        for url in (events_side.url, blog):
            sent = await events_side.client.send("POST", url, content=envelope({"a": "x" * 500}))
            answers.append(sent.status_code)

    held = events_side.client.post(events_side.url, content=while_others_send())

    assert answers == [503, 200]
    assert held.status_code == 200
    # And its place is free again.
    again = events_side.client.post(events_side.url, content=envelope({"a": "x" * 500}))
    assert again.status_code == 200


REPORT = {"csp-report": {"document-uri": "https://h/", "effective-directive": "img-src"}}
FORMER_NUMBERS = ["2", "4711", "shop", "no-such-project"]


@pytest.mark.parametrize("project", FORMER_NUMBERS)
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/{project}/envelope/", envelope({"message": "hello"})),
        ("/api/{project}/store/", b'{"message":"hello"}'),
        ("/api/{project}/security/", json.dumps(REPORT).encode()),
        ("/api/{project}/csp-report/", json.dumps(REPORT).encode()),
        (
            "/api/0/projects/any/{project}/user-feedback/",
            json.dumps({"event_id": "a" * 32, "comments": "It broke."}).encode(),
        ),
    ],
)
def test_the_key_decides_whatever_project_the_address_names(
    events_side: EventSide, path: str, body: bytes, project: str
) -> None:
    door = path.format(project=project)

    answer = events_side.client.post(
        f"{door}?sentry_key={events_side.shop.public_key}", content=body
    )

    assert answer.status_code == 200
    (queued,) = events_side.outlet.claim(10, datetime.now(UTC))
    assert queued.project_id == events_side.shop.id


@pytest.mark.parametrize("project", FORMER_NUMBERS)
@pytest.mark.parametrize("dump", ["minidump", "unreal/{key}"])
def test_a_dump_is_counted_where_its_key_belongs(
    events_side: EventSide, dump: str, project: str
) -> None:
    key = events_side.shop.public_key

    answer = events_side.client.post(f"/api/{project}/{dump.format(key=key)}?sentry_key={key}")

    assert answer.status_code == 501
    assert events_side.counted() == {("error", "unsupported_dump"): 1}


def test_a_malformed_envelope_is_refused_saying_where(events_side: EventSide) -> None:
    answer = events_side.client.post(
        events_side.url, content=b'{}\n{"type":"event","length":99}\n{}'
    )

    assert answer.status_code == 400
    assert "says that its payload has 99 bytes" in answer.json()["detail"]
    assert events_side.counted() == {("error", "malformed_envelope"): 1}


@pytest.mark.parametrize(("name", "encode"), ENCODINGS[:-1])
def test_a_truncated_body_is_refused(
    events_side: EventSide, name: str, encode: Callable[[bytes], bytes]
) -> None:
    whole = encode(random.Random(3).randbytes(1000))  # noqa: S311 # the same every time

    answer = events_side.client.post(
        events_side.url, content=whole[:500], headers={"Content-Encoding": name}
    )

    assert answer.status_code == 400
    assert "ends in the middle" in answer.json()["detail"]
    assert events_side.counted() == {("error", "malformed_body"): 1}


@pytest.mark.parametrize(("name", "encode"), ENCODINGS)
def test_a_bomb_is_refused_naming_the_limit(
    events_side: EventSide, name: str, encode: Callable[[bytes], bytes]
) -> None:
    bomb = encode(b"0" * 20 * MAX_ENVELOPE)

    answer = events_side.client.post(
        events_side.url, content=bomb, headers={"Content-Encoding": name}
    )

    assert answer.status_code == 413
    assert str(MAX_ENVELOPE) in answer.json()["detail"].replace(",", "")
    assert "HEADWATER_MAX_ENVELOPE" in answer.json()["detail"]
    assert events_side.counted() == {("error", "too_large"): 1}


def test_an_event_over_its_limit_is_refused_naming_it(events_side: EventSide) -> None:
    answer = events_side.client.post(
        events_side.url, content=envelope({"message": "x" * MAX_EVENT})
    )

    assert answer.status_code == 413
    assert f"the limit is {MAX_EVENT} bytes" in answer.json()["detail"]
    assert events_side.counted() == {("error", "too_large"): 1}


def test_a_lone_event_over_its_limit_is_refused_before_it_is_read_as_json(
    events_side: EventSide,
) -> None:
    bomb = gzip.compress(b"[" * (MAX_EVENT + 1))

    answer = events_side.client.post(
        events_side.url.replace("envelope", "store"),
        content=bomb,
        headers={"Content-Encoding": "gzip"},
    )

    assert answer.status_code == 413
    assert "HEADWATER_MAX_EVENT" in answer.json()["detail"]


def test_an_envelope_too_large_to_be_read_in_passing_is_read_the_same(
    events_side: EventSide,
) -> None:
    attachment = b'\n{"type":"attachment"}\n' + b"x" * (INLINE + 1)

    answer = events_side.client.post(
        events_side.url, content=envelope({"message": "a"}, event_id=ID) + attachment
    )

    assert answer.json() == {"id": ID}
    assert len(events_side.queued()) == 1


def test_an_unknown_encoding_is_named(events_side: EventSide) -> None:
    answer = events_side.client.post(
        events_side.url, content=b"x", headers={"Content-Encoding": "lzma"}
    )

    assert answer.status_code == 400
    assert "'lzma' is not known here" in answer.json()["detail"]


def test_a_full_queue_asks_the_sdk_to_wait(
    events_side: EventSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_room, "MAX_WAITING", 0)

    answer = events_side.client.post(events_side.url, content=envelope({}))

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.headers["x-sentry-rate-limits"].startswith("5::organization")
    assert events_side.counted() == {("error", "overloaded"): 1}


@sqlite_only
def test_a_disk_that_refuses_is_an_overloaded_server_and_no_200(events_side: EventSide) -> None:
    (events_side.folder / "queue").write_text("where the journal's folder should be")

    answer = events_side.client.post(events_side.url, content=envelope({}))

    assert answer.status_code == 503
    assert "the disk did not take it" in answer.json()["detail"]
    assert events_side.counted() == {("error", "overloaded"): 1}


def test_the_key_of_a_deleted_project_answers_as_a_removed_one_once_it_is_forgotten(
    events_side: EventSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, body = events_side.url, envelope({})
    assert events_side.client.post(mine, content=body).status_code == 200

    DeletedProjects(events_side.database).delete(events_side.shop.id, datetime.now(UTC))
    remembered = events_side.client.post(mine, content=body)
    monkeypatch.setattr(known_keys_module, "REMEMBERED_SECONDS", 0.0)
    refused = events_side.client.post(mine, content=body)
    never_was = events_side.client.post(f"/api/1/envelope/?sentry_key={'f' * 32}", content=body)

    assert remembered.status_code == 200
    assert refused.status_code == never_was.status_code == 401
    assert _without_key(refused) == _without_key(never_was)
    assert events_side.counted() == {("error", "unknown_key"): 2}
    events_side.digest()
    assert events_side.counted()[("error", "project_deleted")] == 2


def _without_key(answer: httpx.Response) -> str:
    return re.sub(r"'[0-9a-f]+\.\.\.'", "…", answer.json()["detail"])


def test_keys_that_can_not_be_looked_up_are_an_overloaded_server_unless_they_were_known(
    events_side: EventSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_keys_module, "REMEMBERED_SECONDS", 0.0)
    events_side.client.post(events_side.url, content=envelope({}))
    with events_side.database.write() as connection:
        connection.execute(text("ALTER TABLE projects RENAME TO elsewhere"))

    known = events_side.client.post(events_side.url, content=envelope({}))
    unknown = events_side.client.post(
        f"/api/2/envelope/?sentry_key={events_side.blog.public_key}", content=envelope({})
    )

    assert (known.status_code, unknown.status_code) == (200, 503)
    assert unknown.headers["retry-after"] == "5"


def test_more_bytes_at_once_than_the_server_can_hold_are_refused(
    events_side: EventSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_flight_module, "MAX_IN_FLIGHT", 1000)

    refused = events_side.client.post(events_side.url, content=envelope({"message": "x" * 2000}))
    accepted = events_side.client.post(events_side.url, content=envelope({"message": "x"}))

    assert (refused.status_code, accepted.status_code) == (503, 200)


def test_a_malformed_event_costs_only_itself(events_side: EventSide) -> None:
    answer = events_side.client.post(
        events_side.url, content=envelope(b"{nonsense", {"message": "a"})
    )

    assert answer.status_code == 200
    assert len(events_side.queued()[0].items) == 2


# --- whatever comes in ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tough(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EventSide]:
    """One door for all that is thrown at it."""
    with event_side(tmp_path_factory.mktemp("tough")) as side:
        yield side


def _is_sound(side: EventSide, **request: Any) -> bool:
    answer = side.client.post(**request)
    body = answer.json()
    if answer.status_code == 200:
        return len(body["id"]) == 32
    return 400 <= answer.status_code < 500 and bool(body["detail"])


def _still_works(side: EventSide) -> bool:
    answer = side.client.post(side.url, content=envelope({"message": "alive"}))
    return answer.status_code == httpx.codes.OK


def _mutant(dice: random.Random, body: bytes) -> bytes:
    data = bytearray(body)
    for _ in range(dice.randrange(1, 8)):
        start = dice.randrange(len(data) + 1)
        match dice.randrange(4):
            case 0:
                data[start : start + dice.randrange(20)] = dice.randbytes(dice.randrange(20))
            case 1:
                del data[start:]
            case 2:
                data[start:start] = bytes(data[: dice.randrange(len(data) + 1)])
            case _:
                data[start : start + 1] = dice.choice(
                    [b"\n", b"{", b"}", b'"', b"\\u0000", b"[" * 50]
                )
    return bytes(data[:100_000])


@pytest.mark.parametrize("seed", range(4))
def test_mutated_envelopes_are_accepted_or_refused_and_nothing_else(
    tough: EventSide, seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311
    event = {
        "event_id": ID,
        "exception": {"values": [{"type": "E", "stacktrace": {"frames": [{}]}}]},
    }
    plain = envelope(event, event_id=ID) + b'\n{"type":"attachment","length":4}\nab\nc\n'

    for _ in range(250):
        name, encode = dice.choice(ENCODINGS)
        sent = _mutant(dice, encode(plain)) if dice.random() < 0.5 else encode(_mutant(dice, plain))
        assert _is_sound(tough, url=tough.url, content=sent, headers={"Content-Encoding": name})

    assert _still_works(tough)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(body=st.binary(max_size=300), kind=st.sampled_from(["envelope", "store"]))
def test_random_bodies_are_refused_with_a_sentence(
    tough: EventSide, body: bytes, kind: str
) -> None:
    assert _is_sound(tough, url=tough.url.replace("envelope", kind), content=body)


_HEADER = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=80)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(auth=_HEADER, encoding=_HEADER, project=st.text(max_size=20), key=st.text(max_size=50))
def test_random_headers_and_addresses_are_answered(
    tough: EventSide, auth: str, encoding: str, project: str, key: str
) -> None:
    quoted = base64.urlsafe_b64encode(project.encode("utf-8", "replace")).decode() or "x"

    answer = tough.client.post(
        f"/api/{quoted}/envelope/",
        params={"sentry_key": key.encode("utf-8", "replace")},
        headers={"X-Sentry-Auth": auth, "Content-Encoding": encoding},
        content=b"{}",
    )

    assert 400 <= answer.status_code < 500
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    "hostile",
    [
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b"[" * 100_000,
        b'{"a":"\\ud800"}',
        b'{"event_id":' + b"1" * 5000 + b"}",
        b'{"event_id":{"a":[]}}',
        b"\x00" * 1000,
        b"\xff\xfe{}",
    ],
)
def test_hostile_json_is_harmless_wherever_it_stands(tough: EventSide, hostile: bytes) -> None:
    for body in (hostile, hostile + b"\n{}", b"{}\n" + hostile, envelope(hostile)):
        for kind in ("envelope", "store"):
            assert _is_sound(tough, url=tough.url.replace("envelope", kind), content=body)
    assert _still_works(tough)


def test_a_client_that_hangs_up_in_the_middle_harms_nobody(events_side: EventSide) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield envelope({"message": "a"})[:10]
        raise ConnectionError

    with contextlib.suppress(ConnectionError):
        events_side.client.post(events_side.url, content=broken())

    assert _still_works(events_side)
    assert len(events_side.queued()) == 1
