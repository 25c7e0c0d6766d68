"""What users say about an error comes in by five ways, and is kept with its event."""

import json
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from headwater.server.bodies import MAX_FORM
from headwater.storage.events.user_reports import MAX_COMMENTS, MAX_OF_EVENT, UserReport
from headwater.storage.people.tokens import Scope
from tests.event_side import EventSide, envelope

ID = "9a00dac2cd571ff910f2694180a6fdc4"
OWN = "b" * 32
SAID = {"event_id": ID, "name": "Jo", "email": "jo@example.com", "comments": "It broke."}
FEEDBACK_URL = "/api/0/projects/any/shop/user-feedback/"


def _feedback(**context: Any) -> dict[str, Any]:
    said = {"name": "Jo", "contact_email": "jo@example.com", "message": "It broke.", **context}
    return {"event_id": OWN, "type": "feedback", "level": "info", "contexts": {"feedback": said}}


def _kept(side: EventSide, event_id: str = ID) -> tuple[UserReport, ...]:
    side.digest()
    return side.user_reports.of_event(side.shop.id, event_id)


def _dsn(side: EventSide) -> str:
    return f"http://{side.shop.public_key}@localhost/{side.shop.id}"


def _assert_said(report: UserReport) -> None:
    assert (report.name, report.email, report.comments) == ("Jo", "jo@example.com", "It broke.")


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("user_report", SAID),
        ("feedback", _feedback(associated_event_id=ID)),
        ("user_report_v2", _feedback(associated_event_id=ID)),
    ],
)
def test_an_sdk_s_item_is_kept_with_the_event_that_it_is_about(
    events_side: EventSide, kind: str, payload: dict[str, Any]
) -> None:
    answer = events_side.client.post(events_side.url, content=envelope(payload, kind=kind))

    assert answer.status_code == 200
    (report,) = _kept(events_side)
    _assert_said(report)
    assert events_side.counted() == {("feedback", "accepted"): 1}


def test_feedback_about_no_event_is_kept_under_its_own_id(events_side: EventSide) -> None:
    answer = events_side.client.post(
        events_side.url, content=envelope(_feedback(), kind="feedback")
    )

    assert answer.json() == {"id": OWN}
    (report,) = _kept(events_side, OWN)
    _assert_said(report)


def test_an_item_without_an_id_is_about_its_envelope_s_event(events_side: EventSide) -> None:
    body = envelope({"comments": "It broke."}, kind="user_report", event_id=ID)

    events_side.client.post(events_side.url, content=body)

    assert [report.comments for report in _kept(events_side)] == ["It broke."]


def test_a_report_may_come_in_one_envelope_with_its_event(events_side: EventSide) -> None:
    body = envelope({"event_id": ID, "message": "a"}, event_id=ID)
    body += b'\n{"type":"user_report"}\n' + json.dumps(SAID).encode()

    assert events_side.client.post(events_side.url, content=body).status_code == 200

    assert len(_kept(events_side)) == 1
    assert events_side.stored(ID).title == "a"
    assert events_side.counted() == {("error", "accepted"): 1, ("feedback", "accepted"): 1}


@pytest.mark.parametrize("scheme", ["DSN", "dsn"])
def test_a_form_of_the_app_s_own_may_send_it_with_the_dsn(
    events_side: EventSide, scheme: str
) -> None:
    answer = events_side.client.post(
        FEEDBACK_URL, json=SAID, headers={"Authorization": f"{scheme} {_dsn(events_side)}"}
    )

    assert (answer.status_code, answer.json()) == (200, {"id": ID})
    assert answer.headers["access-control-allow-origin"] == "*"
    _assert_said(*_kept(events_side))


def test_a_script_may_send_it_with_a_token_and_read_all_that_was_said(
    events_side: EventSide,
) -> None:
    token = events_side.token()

    answer = events_side.client.post(FEEDBACK_URL, json=SAID, headers=token)
    events_side.digest()
    listed = events_side.client.get(FEEDBACK_URL, headers=token)

    assert answer.status_code == 200
    (shown,) = listed.json()
    assert shown.pop("dateCreated")
    assert shown == {
        "eventID": ID, "name": "Jo", "email": "jo@example.com", "comments": "It broke.",
    }  # fmt: skip
    assert 'results="false"' in listed.headers["link"]


def test_nobody_else_may(events_side: EventSide) -> None:
    dsn = {"Authorization": f"DSN {_dsn(events_side)}"}
    upload, of_blog = events_side.token(scope=Scope.UPLOAD), events_side.token(events_side.blog.id)

    answers = [
        events_side.client.post(FEEDBACK_URL, json=SAID),
        events_side.client.post(FEEDBACK_URL, json=SAID, headers={"Authorization": "DSN x"}),
        events_side.client.post(FEEDBACK_URL, json=SAID, headers=upload),
        events_side.client.post(FEEDBACK_URL, json=SAID, headers=of_blog),
        events_side.client.get(FEEDBACK_URL, headers=dsn),
    ]

    assert [answer.status_code for answer in answers] == [401, 401, 403, 404, 401]
    assert _kept(events_side) == ()


def test_the_crash_dialog_s_form_is_kept(events_side: EventSide) -> None:
    answer = events_side.client.post(
        "/api/embed/error-page/",
        params={"dsn": _dsn(events_side), "eventId": ID},
        data={name: SAID[name] for name in ("name", "email", "comments")},
    )

    assert (answer.status_code, answer.json()) == (200, {"id": ID})
    _assert_said(*_kept(events_side))


def test_the_crash_dialog_is_a_script_that_holds_nothing_of_the_request(
    events_side: EventSide,
) -> None:
    address = "/api/embed/error-page/?title=%3C/script%3E&dsn="

    shown = events_side.client.get(address + _dsn(events_side))

    assert shown.status_code == 200
    assert shown.headers["content-type"].startswith("text/javascript")
    assert shown.headers["access-control-allow-origin"] == "*"
    assert shown.content == events_side.client.get("/api/embed/error-page/").content


@pytest.mark.parametrize("event_id", ["", "nonsense"])
def test_a_form_about_no_event_is_refused(events_side: EventSide, event_id: str) -> None:
    answer = events_side.client.post(
        "/api/embed/error-page/",
        params={"dsn": _dsn(events_side), "eventId": event_id},
        data={"comments": "It broke."},
    )

    assert answer.status_code == 400
    assert "event_id" in answer.json()["detail"]
    assert events_side.counted() == {("error", "malformed_user_report"): 1}


def test_what_is_sent_again_is_kept_once(events_side: EventSide) -> None:
    for _ in range(3):
        events_side.client.post(events_side.url, content=envelope(SAID, kind="user_report"))

    assert len(_kept(events_side)) == 1
    assert events_side.counted() == {("feedback", "accepted"): 1, ("feedback", "duplicate"): 2}


def test_one_event_has_a_bounded_number_of_bounded_reports(events_side: EventSide) -> None:
    for number in range(MAX_OF_EVENT + 1):
        said = SAID | {"comments": f"{number} " + "x" * 5_000}
        events_side.put_body(envelope(said, kind="user_report"))

    kept = _kept(events_side)

    assert {len(report.comments) for report in kept} == {MAX_COMMENTS}
    assert events_side.counted() == {
        ("feedback", "accepted"): MAX_OF_EVENT,
        ("feedback", "too_many_user_reports"): 1,
    }


@pytest.mark.parametrize(
    "payload",
    [b"nonsense", b"[]", b"{}", b'{"event_id":"' + ID.encode() + b'"}', b'{"comments":"a"}'],
)
@pytest.mark.parametrize("kind", ["user_report", "feedback"])
def test_an_item_that_says_nothing_is_counted_and_costs_no_event(
    events_side: EventSide, kind: str, payload: bytes
) -> None:
    body = b'{}\n{"type":"%b"}\n%b\n{"type":"event"}\n{"event_id":"%b"}'
    queued = body % (kind.encode(), payload, OWN.encode())

    events_side.put_body(queued)
    events_side.digest()

    assert events_side.stored(OWN).event_id == OWN
    assert events_side.counted() == {
        ("error", "accepted"): 1,
        ("feedback", "malformed_user_report"): 1,
    }


def test_reports_are_saved_with_their_batch_or_not_at_all(events_side: EventSide) -> None:
    events_side.put_body(envelope(SAID, kind="user_report"))
    with events_side.database.write() as connection:
        connection.execute(text("ALTER TABLE user_reports RENAME TO elsewhere"))
    with pytest.raises(DatabaseError):
        events_side.worker.digest_once()
    with events_side.database.write() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO user_reports"))

    assert len(_kept(events_side)) == 1


def test_feedback_over_the_limits_is_refused(events_side: EventSide) -> None:
    huge = envelope({"comments": "x" * 60_000}, kind="user_report", event_id=ID)
    form = {"comments": "x" * MAX_FORM}

    answers = [
        events_side.client.post(events_side.url, content=huge),
        events_side.client.post(
            "/api/embed/error-page/",
            params={"dsn": _dsn(events_side), "eventId": ID},
            data=form,
        ),
        events_side.client.post(
            "/api/embed/error-page/",
            params={"dsn": _dsn(events_side), "eventId": ID},
            content="&".join(f"a{number}=1" for number in range(10_000)),
        ),
    ]

    assert [answer.status_code for answer in answers] == [413, 413, 413]


def test_a_form_of_very_many_fields_is_refused(events_side: EventSide) -> None:
    answer = events_side.client.post(
        "/api/embed/error-page/",
        params={"dsn": _dsn(events_side), "eventId": ID},
        content="a=1&" * 1_000,
    )

    assert answer.status_code == 400
