"""The address that envelopes come in by whose DSN is in their own first line alone."""

import json

import pytest

from headwater.server.ingest import TUNNEL
from tests.event_side import EventSide, envelope

ID = "9a00dac2cd571ff910f2694180a6fdc4"
TEXT = {"Content-Type": "text/plain;charset=UTF-8", "Origin": "null"}
EVERY_DOOR = [
    TUNNEL + "/",
    "/api/1/envelope/",
    "/api/1/store/",
    "/api/1/security/",
    "/api/1/csp-report/",
    "/api/1/nel/",
    "/api/1/minidump/",
    "/api/1/unreal/key/",
    "/api/embed/error-page/",
    "/api/0/projects/any/shop/user-feedback/",
]


@pytest.mark.parametrize("slash", ["/", ""])
def test_the_key_decides_whatever_host_and_project_the_dsn_names(
    events_side: EventSide, slash: str
) -> None:
    dsn = f"https://{events_side.shop.public_key}@o1.somewhere.example:8443/under/a/path/99"

    answer = events_side.client.post(
        TUNNEL + slash, content=envelope({"message": "hello"}, event_id=ID, dsn=dsn), headers=TEXT
    )

    assert (answer.status_code, answer.json()) == (200, {"id": ID})
    assert answer.headers["access-control-allow-origin"] == "*"
    (queued,) = events_side.outlet.claim(10, events_side.shop.created_at)
    assert (queued.project_id, queued.event_id) == (events_side.shop.id, ID)


def test_what_is_not_kept_is_counted_here_too(events_side: EventSide) -> None:
    dsn = f"https://{events_side.shop.public_key}@h/1"

    for kind in ("session", "replay_event"):
        body = envelope({}, kind=kind, dsn=dsn)
        assert events_side.client.post(TUNNEL, content=body, headers=TEXT).status_code == 200

    assert events_side.queued() == []
    assert events_side.counted() == {
        ("session", "not_kept:session"): 1,
        ("replay_event", "not_kept:replay_event"): 1,
    }


@pytest.mark.parametrize(
    ("dsn", "reason"), [("https://" + "f" * 32 + "@sentry.io/1", "unknown_key"), (None, "no_key")]
)
def test_it_leads_nowhere_but_here(events_side: EventSide, dsn: str | None, reason: str) -> None:
    answer = events_side.client.post(TUNNEL, content=envelope({}, dsn=dsn), headers=TEXT)

    assert answer.status_code == 401
    assert events_side.counted() == {("error", reason): 1}


def test_nothing_in_its_address_is_what_ad_blockers_look_for() -> None:
    assert not any(
        word in TUNNEL
        for word in ("sentry", "envelope", "api", "track", "log", "event", "monitor", "tunnel")
    )


@pytest.mark.parametrize("path", EVERY_DOOR)
def test_a_page_of_any_origin_and_of_none_may_send_but_no_cookies(
    events_side: EventSide, path: str
) -> None:
    asked = {
        "Origin": "null",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type",
    }

    preflight = events_side.client.request("OPTIONS", path, headers=asked)
    refused = events_side.client.post(path, content=json.dumps({}), headers={"Origin": "null"})

    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-headers"] == "authorization, content-type"
    assert refused.status_code == 401
    for answer in (preflight, refused):
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("path", ["/api/1/minidump/?sentry_key={key}", "/api/1/unreal/{key}/"])
def test_a_crash_dump_is_turned_down_with_a_sentence_and_counted(
    events_side: EventSide, path: str
) -> None:
    address = path.format(key=events_side.shop.public_key)

    answer = events_side.client.post(address, content=b"MDMP")

    assert answer.status_code == 501
    assert "does not read minidumps" in answer.json()["detail"]
    assert events_side.queued() == []
    assert events_side.counted() == {("error", "unsupported_dump"): 1}


def test_attachments_are_counted_each(events_side: EventSide) -> None:
    body = envelope({"message": "a"}, event_id=ID)
    body += b'\n{"type":"attachment","length":3}\na\nb'
    body += b'\n{"type":"attachment","attachment_type":"event.view_hierarchy"}\n{}'

    assert events_side.client.post(events_side.url, content=body).status_code == 200

    assert events_side.counted() == {("attachment", "not_kept:attachment"): 2}
