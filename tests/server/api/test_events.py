"""Events over the API: in Sentry's shape, as stored, and with verdicts."""

from typing import Any

import httpx
import pytest

from headwater.protocol.bundle import ArtifactType
from headwater.storage.people.tokens import Scope
from tests.event_side import DEBUG_ID, EventSide, minified_event, source_map

A, B, C = ("a" * 32, "b" * 32, "c" * 32)


@pytest.fixture
def shop(events_side: EventSide) -> EventSide:
    """A resolved event `A`, one without a map `B`, both of `Shop`."""
    events_side.maps.add(ArtifactType.SOURCE_MAP, "~/app.js.map", source_map(), DEBUG_ID)
    events_side.digest(
        minified_event(
            A,
            release="1.0",
            user={"id": 7},
            tags={"shop": "north"},
            contexts={"os": {"name": "Linux"}},
            breadcrumbs={"values": [{"message": "click"}]},
            request={"url": "https://h/cart", "query_string": "a=1"},
            sdk={"name": "sentry.javascript.browser", "version": "11.12.0"},
        ),
        minified_event(B, debug_id="11111111-2222-3333-4444-555555555555"),
    )
    return events_side


def _get(side: EventSide, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
    return side.client.get(f"/api/0/projects/any/{path}", headers=headers or side.token())


def _json(side: EventSide, path: str) -> Any:
    answer = _get(side, path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_an_event_has_sentry_s_shape(shop: EventSide) -> None:
    event = _json(shop, f"shop/events/{A}/")

    assert (event["id"], event["eventID"], event["projectID"]) == (A, A, "1")
    assert event["groupID"] == str(shop.stored(A).issue_id)
    assert (event["title"], event["platform"]) == ("Error: no money", "javascript")
    assert event["dateReceived"] == shop.stored(A).received_at.isoformat().replace("+00:00", "Z")
    assert event["release"]["version"] == "1.0"
    assert {"key": "shop", "value": "north"} in event["tags"]
    assert event["user"] == {"id": 7}
    assert event["contexts"] == {"os": {"name": "Linux"}}
    kinds = [entry["type"] for entry in event["entries"]]
    assert kinds == ["exception", "breadcrumbs", "request", "debugmeta"]
    assert (event["previousEventID"], event["nextEventID"]) == (None, B)


def test_its_frames_are_the_original_ones_with_the_raw_ones_beside(shop: EventSide) -> None:
    event = _json(shop, f"shop/events/{A}/")

    (value,) = event["entries"][0]["data"]["values"]
    (frame,) = value["stacktrace"]["frames"]
    assert (frame["filename"], frame["function"]) == ("src/cart.ts", "pay")
    assert (frame["lineNo"], frame["colNo"], frame["inApp"]) == (2, 3, True)
    assert [2, "  throw new Error('no money');"] in frame["context"]
    assert [1, "export function pay(cart) {"] in frame["context"]
    (raw,) = value["rawStacktrace"]["frames"]
    assert (raw["function"], raw["lineNo"], raw["colNo"]) == ("t", 1, 10)


def test_the_event_s_own_json_has_original_frames_in_place(shop: EventSide) -> None:
    event = _json(shop, f"shop/events/{A}/json/")

    assert (event["event_id"], event["project"]) == (A, 1)
    value = event["exception"]["values"][0]
    frame = value["stacktrace"]["frames"][0]
    assert (frame["filename"], frame["function"], frame["lineno"]) == ("src/cart.ts", "pay", 2)
    assert frame["data"]["symbolicated"] is True
    assert value["raw_stacktrace"]["frames"][0]["function"] == "t"


def test_every_frame_has_a_verdict_with_its_evidence_cause_and_remedy(shop: EventSide) -> None:
    resolved, missing = (_json(shop, f"shop/events/{one}/sourcemaps/") for one in (A, B))

    (found,) = resolved["stacktraces"][0]["frames"]
    assert (found["verdict"], found["is_resolved"]) == ("resolved", True)
    assert found["raw"]["function"] == "t"
    assert found["original"]["function"] == "pay"
    assert found["evidence"]["debug_id"] == DEBUG_ID
    (lost,) = missing["stacktraces"][0]["frames"]
    assert (lost["verdict"], lost["original"]) == ("debug_id_not_uploaded", None)
    assert lost["cause"]
    assert lost["remedy"]
    assert missing["summary"] == {"debug_id_not_uploaded": 1}
    assert missing["stacktraces"][0]["path"] == ["exception", "values", 0, "stacktrace"]


def test_event_ids_may_have_dashes_and_the_project_may_be_its_id(shop: EventSide) -> None:
    dashed = "-".join((A[:8], A[8:12], A[12:16], A[16:20], A[20:]))

    assert _json(shop, f"1/events/{dashed}/")["id"] == A


def test_a_project_s_token_sees_its_own_project_s_events_and_no_others(
    shop: EventSide,
) -> None:
    own, foreign = shop.token(1), shop.token(2)

    assert _get(shop, f"shop/events/{A}/", own).status_code == 200
    for path in ("", "json/", "sourcemaps/"):
        answer = _get(shop, f"shop/events/{A}/{path}", foreign)
        assert answer.status_code == 404
        assert "sees no project 'shop'" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        (f"shop/events/{C}/", "no event"),
        ("shop/events/nonsense/", "no event 'nonsense'"),
        (f"nowhere/events/{A}/", "sees no project 'nowhere'"),
    ],
)
def test_what_is_not_there_is_named(shop: EventSide, path: str, complaint: str) -> None:
    answer = _get(shop, path)

    assert answer.status_code == 404
    assert complaint in answer.json()["detail"]


def test_reading_events_needs_a_token_of_full_scope(shop: EventSide) -> None:
    path = f"shop/events/{A}/"

    assert shop.client.get(f"/api/0/projects/any/{path}").status_code == 401
    assert _get(shop, path, shop.token(scope=Scope.UPLOAD)).status_code == 403


@pytest.mark.parametrize(
    "odd",
    [
        {"message": {"a": 1}, "exception": "text", "breadcrumbs": 5, "tags": [1, [2], "x"]},
        {"exception": [None, {"stacktrace": {"frames": [None, {"context_line": "x"}]}}]},
        {"threads": {"values": [{"stacktrace": {"frames": [{"lineno": "x"}]}}]}, "request": []},
        {"contexts": [], "user": "me", "debug_meta": "x", "extra": 3, "errors": "no"},
        {"timestamp": 1e999, "tags": {"a": None}},
    ],
)
def test_events_of_any_form_can_be_read(events_side: EventSide, odd: dict[str, Any]) -> None:
    events_side.digest({"event_id": A, "platform": "javascript", **odd})

    for path in ("", "json/", "sourcemaps/"):
        assert _get(events_side, f"shop/events/{A}/{path}").status_code == 200


def test_an_event_is_there_as_markdown(shop: EventSide) -> None:
    answer = _get(shop, f"shop/events/{A}.md")

    assert answer.headers["content-type"].startswith("text/markdown")
    assert "1. `pay` at `src/cart.ts:2:3`" in answer.text
    assert f"<http://localhost/events/{A}>" in answer.text
    assert _get(shop, f"shop/events/{A}.md", shop.token(2)).status_code == 404


def test_an_event_s_project_is_found_by_its_id(shop: EventSide) -> None:
    path = f"/api/0/organizations/any/eventids/{A}/"

    found = shop.client.get(path, headers=shop.token()).json()

    assert (found["projectSlug"], found["eventId"]) == ("shop", A)
    assert found["groupId"] == str(shop.stored(A).issue_id)
    assert shop.client.get(path, headers=shop.token(2)).status_code == 404
