"""What browsers report of broken policies becomes events."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from headwater.protocol.csp import MAX_FIELD
from headwater.protocol.security_report import MAX_REPORTS
from tests.event_side import MAX_EVENT, EventSide, envelope

AGENT = "Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0.0.0"
SCRIPT = {
    "document-uri": "https://shop.example/cart?step=2",
    "referrer": "https://shop.example/",
    "violated-directive": "script-src-elem",
    "effective-directive": "script-src-elem",
    "original-policy": "script-src 'self'; report-uri /csp",
    "disposition": "enforce",
    "blocked-uri": "https://cdn.evil.example:8443/a.js?x=1",
    "line-number": 7,
    "source-file": "https://shop.example/cart",
    "status-code": 200,
    "script-sample": "",
}
REPORTED = {
    "age": 5_000,
    "type": "csp-violation",
    "url": "https://shop.example/cart",
    "user_agent": AGENT,
    "body": {
        "documentURL": "https://shop.example/cart",
        "blockedURL": "inline",
        "effectiveDirective": "script-src-elem",
        "originalPolicy": "script-src 'self'",
        "sample": "console.log(1)",
        "disposition": "report",
        "statusCode": 200,
    },
}


def _url(side: EventSide, more: str = "") -> str:
    return f"/api/{side.shop.id}/security/?sentry_key={side.shop.public_key}{more}"


def _send(side: EventSide, report: Any, kind: str = "application/csp-report") -> str:
    answer = side.client.post(
        _url(side), content=json.dumps(report), headers={"Content-Type": kind, "User-Agent": AGENT}
    )
    assert answer.status_code == 200, answer.text
    event_id: str = answer.json()["id"]
    return event_id


def _digested(side: EventSide, report: Any) -> dict[str, Any]:
    event_id = _send(side, report)
    side.digest()
    event: dict[str, Any] = json.loads(side.stored(event_id).payload)
    return event


def test_a_report_becomes_an_event_in_sentry_s_words(events_side: EventSide) -> None:
    answer = events_side.client.post(
        _url(events_side, "&sentry_release=shop@1.2&sentry_environment=live"),
        content=json.dumps({"csp-report": SCRIPT}),
        headers={"Content-Type": "application/csp-report", "User-Agent": AGENT},
    )
    events_side.digest()

    stored = events_side.stored(answer.json()["id"])
    assert stored.title == "Blocked 'script' from 'cdn.evil.example:8443'"
    assert (stored.level, stored.release, stored.environment) == ("error", "shop@1.2", "live")
    (issue,) = events_side.issues.list().items
    assert issue.culprit == "script-src-elem"
    event = json.loads(stored.payload)
    assert event["logger"] == "csp"
    assert event["tags"] == {
        "effective-directive": "script-src-elem",
        "blocked-uri": "cdn.evil.example:8443",
    }
    assert event["request"] == {
        "url": "https://shop.example/cart?step=2",
        "headers": {"User-Agent": AGENT, "Referer": "https://shop.example/"},
    }
    assert event["contexts"]["csp"]["blocked_uri"] == SCRIPT["blocked-uri"]
    assert events_side.counted() == {("error", "accepted"): 1}


def test_a_list_of_the_reporting_api_becomes_an_event_for_each_violation(
    events_side: EventSide,
) -> None:
    other = {"type": "deprecation", "url": "https://shop.example/", "body": {"id": "x"}}

    event_id = _send(events_side, [other, REPORTED, REPORTED, {"x": 1}], "application/reports+json")
    events_side.digest()

    assert events_side.stored(event_id).title == "Blocked unsafe inline 'script'"
    (issue,) = events_side.issues.list().items
    assert issue.event_count == 2
    assert events_side.counted() == {
        ("error", "accepted"): 2,
        ("security", "not_kept:security"): 1,
        ("security", "malformed_report"): 1,
    }


def test_reports_are_grouped_by_directive_and_host_and_by_what_would_have_allowed_a_script(
    events_side: EventSide,
) -> None:
    def of(**fields: str) -> dict[str, Any]:
        report = SCRIPT | {name.replace("_", "-"): value for name, value in fields.items()}
        return {"csp-report": report}

    for report in (
        of(),
        of(
            blocked_uri="https://cdn.evil.example:8443/another.js", document_uri="https://b.example"
        ),
        of(blocked_uri="https://cdn.other.example/a.js"),
        of(effective_directive="style-src-elem"),
        of(blocked_uri="inline"),
        of(blocked_uri="eval"),
        of(blocked_uri="", violated_directive="script-src 'unsafe-eval'"),
    ):
        _send(events_side, report)
    events_side.digest()

    counts = {issue.title: issue.event_count for issue in events_side.issues.list().items}
    assert counts == {
        "Blocked 'script' from 'cdn.evil.example:8443'": 2,
        "Blocked 'script' from 'cdn.other.example'": 1,
        "Blocked 'style' from 'cdn.evil.example:8443'": 1,
        "Blocked unsafe inline 'script'": 1,
        "Blocked unsafe eval() 'script'": 2,
    }


@pytest.mark.parametrize(
    ("directive", "blocked", "message"),
    [
        ("img-src", "https://pics.example/a.png", "Blocked 'image' from 'pics.example'"),
        ("img-src", "data", "Blocked 'image' from 'data:'"),
        ("font-src", "blob:https://shop.example/1", "Blocked 'font' from 'blob:'"),
        ("connect-src", "wss://live.example/x", "Blocked 'connect' from 'wss://live.example'"),
        ("form-action", "https://a.example/", "Blocked 'form' action to 'a.example'"),
        ("style-src", "self", "Blocked inline 'style'"),
        ("style-src-attr", "inline", "Blocked inline style attribute"),
        ("script-src", "", "Blocked unsafe (eval() or inline) 'script'"),
        ("script-src", "wasm-eval", "Blocked unsafe eval() 'script'"),
        ("frame-ancestors", "https://a.example", "Blocked 'frame-ancestors' from 'a.example'"),
        ("img-src", "https://[nonsense", "Blocked 'image' from 'https://[nonsense'"),
    ],
)
def test_the_message_says_what_was_blocked(
    events_side: EventSide, directive: str, blocked: str, message: str
) -> None:
    report = {"document-uri": "https://a", "violated-directive": directive, "blocked-uri": blocked}

    assert _digested(events_side, {"csp-report": report})["logentry"] == {"formatted": message}


def test_the_culprit_is_the_violated_directive_with_the_page_s_origin_as_self(
    events_side: EventSide,
) -> None:
    report = SCRIPT | {
        "effective-directive": "img-src",
        "violated-directive": "img-src https://shop.example  https://pics.example 'none'",
    }

    _digested(events_side, {"csp-report": report})

    (issue,) = events_side.issues.list().items
    assert issue.culprit == "img-src 'self' https://pics.example 'none'"


@pytest.mark.parametrize(
    ("field", "place"),
    [
        ("blocked-uri", "chrome-extension://abc/x.js"),
        ("blocked-uri", "chrome-extension"),
        ("blocked-uri", "safari-web-extension://abc"),
        ("blocked-uri", "about"),
        ("blocked-uri", "about:blank"),
        ("source-file", "moz-extension"),
    ],
)
def test_what_an_extension_broke_is_counted_and_no_event(
    events_side: EventSide, field: str, place: str
) -> None:
    _send(events_side, {"csp-report": SCRIPT | {field: place}})

    assert events_side.queued() == []
    assert events_side.counted() == {("security", "csp:extension"): 1}


@pytest.mark.parametrize(
    "report",
    [
        {"expect-ct-report": {"hostname": "a"}},
        {"expect-staple-report": {"hostname": "a"}},
        {"known-pins": [], "hostname": "a", "date-time": "2014-04-06T13:00:50Z"},
        [{"type": "network-error", "url": "https://a", "body": {"phase": "dns"}}],
    ],
)
def test_other_reports_are_counted(events_side: EventSide, report: Any) -> None:
    _send(events_side, report)

    assert events_side.queued() == []
    assert events_side.counted() == {("security", "not_kept:security"): 1}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"5",
        b"{}",
        b'{"csp-report":5}',
        b'{"csp-report":{"violated-directive":"%"}}',
    ],
)
def test_what_is_no_report_is_refused_with_a_sentence(events_side: EventSide, body: bytes) -> None:
    answer = events_side.client.post(_url(events_side), content=body)

    assert answer.status_code == 400
    assert "report" in answer.json()["detail"]
    assert events_side.counted() == {("error", "malformed_report"): 1}


def test_a_report_in_an_envelope_is_read_the_same(events_side: EventSide) -> None:
    body = envelope({"csp-report": SCRIPT}, kind="raw_security")

    answer = events_side.client.post(events_side.url, content=body)
    events_side.digest()

    assert events_side.stored(answer.json()["id"]).title.startswith("Blocked 'script'")


def test_more_reports_than_are_read_are_counted(events_side: EventSide) -> None:
    small = {"type": "csp-violation", "body": {"effectiveDirective": "img-src"}}

    _send(events_side, [small] * (MAX_REPORTS + 3), "application/reports+json")
    events_side.digest()

    assert events_side.counted() == {
        ("error", "accepted"): MAX_REPORTS,
        ("security", "too_many_reports"): 3,
    }


def test_each_event_of_a_list_counts_for_the_project_s_rate(events_side: EventSide) -> None:
    choices = replace(events_side.shop.choices, events_per_minute=5)
    events_side.projects.choose(events_side.shop.id, choices)
    violations = json.dumps([REPORTED] * 6)

    answers = [events_side.client.post(_url(events_side), content=violations) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 429]


def test_values_are_cut_and_say_so(events_side: EventSide) -> None:
    event = _digested(events_side, {"csp-report": SCRIPT | {"script-sample": "x" * 20_000}})

    sample = event["contexts"]["csp"]["script_sample"]
    assert len(sample) <= MAX_FIELD
    assert "…" in sample


@pytest.mark.parametrize(
    "worst",
    [
        dict.fromkeys(map(str, range(11)), "-" * 4_000),
        {"blocked-uri": "https://" + "[" * 40_000, "violated-directive": "img-src " + "a " * 1_000},
        {"violated-directive": "a-" * 20_000},
        {"document-uri": "://" * 8_000, "violated-directive": "img-src " + "x " * 8_000},
    ],
)
def test_hostile_reports_are_answered(events_side: EventSide, worst: dict[str, str]) -> None:
    answer = events_side.client.post(_url(events_side), content=json.dumps({"csp-report": worst}))

    assert answer.status_code in (200, 400)


def test_a_report_over_the_limit_is_refused(events_side: EventSide) -> None:
    answer = events_side.client.post(_url(events_side), content=b" " * (MAX_EVENT + 1))

    assert answer.status_code == 413
