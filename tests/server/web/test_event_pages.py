"""The page of an event: from the stored records to what a person sees."""

import html
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headwater.storage.schema import events, issues
from headwater.symbolicate.resolution import (
    Evidence,
    Original,
    Resolution,
    ResolvedFrame,
    ResolvedStacktrace,
)
from headwater.symbolicate.verdicts import EXPLANATIONS, Verdict
from tests.server.web.house import Browser, House, assert_harmless

PATH = ("exception", "values", 0, "stacktrace")
EVENT: dict[str, Any] = {
    "platform": "node",
    "release": "shop@1.0",
    "exception": {
        "values": [
            {
                "type": "Error",
                "value": "Invoice not found",
                "stacktrace": {
                    "frames": [
                        {"filename": "node:internal/process/task_queues", "function": "tick"},
                        {"filename": "app:///a.js", "function": "h", "lineno": 3, "colno": 1039},
                    ]
                },
            }
        ]
    },
}
SOURCE = Original(
    filename="src/lib/actions/invoices.ts",
    abs_path="turbopack:///[project]/src/lib/actions/invoices.ts",
    function="getPostedInvoice",
    lineno=84,
    colno=11,
    in_app=True,
    context_line='    throw new Error("Invoice not found");',
    pre_context=("  if (!invoice) {",),
    post_context=("  }",),
)
RESOLVED = Resolution(
    1,
    (
        ResolvedStacktrace(
            PATH,
            (
                ResolvedFrame(Verdict.BUILT_IN, in_app=False),
                ResolvedFrame(
                    Verdict.RESOLVED, SOURCE, Evidence(resolved_with="debug-id", bundle=3), True
                ),
            ),
        ),
    ),
)
LOST = Resolution(
    1,
    (
        ResolvedStacktrace(
            PATH,
            (
                ResolvedFrame(Verdict.BUILT_IN, in_app=False),
                ResolvedFrame(Verdict.DEBUG_ID_NOT_UPLOADED, in_app=True),
            ),
        ),
    ),
)


def _text(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", page))


def test_the_page_begins_with_what_broke_and_where(house: House, browser: Browser) -> None:
    issue, _ = house.store(house.project(), EVENT, RESOLVED)

    page = browser.get(f"/issues/{issue}")
    text = _text(page.text)

    heading = text.index("Error: Invoice not found")
    where = text.index("getPostedInvoice · src/lib/actions/invoices.ts:84:11", heading)
    source = text.index('    throw new Error("Invoice not found");', where)
    assert heading < where < source
    assert "1 event" in text
    assert "release shop@1.0" in text
    assert_harmless(page)


def test_both_forms_of_the_trace_are_in_the_page(house: House, browser: Browser) -> None:
    issue, _ = house.store(house.project(), EVENT, RESOLVED)

    page = browser.get(f"/issues/{issue}").text

    _, original, minified = re.split(r'<div class="as-(?:original|minified)">', page)
    assert "src/lib/actions/invoices.ts<b>:84:11</b>" in original
    assert "app:///a.js<b>:3:1039</b>" in minified
    assert "app:///a.js" not in original
    assert 'id="show-minified"' in page


def test_a_line_is_lit_and_its_column_marked(house: House, browser: Browser) -> None:
    issue, _ = house.store(house.project(), EVENT, RESOLVED)

    page = browser.get(f"/issues/{issue}").text

    assert '<span class="line lit" data-n="84">' in page
    assert '<span class="line caret" aria-hidden="true">          ^' in page


def test_a_frame_that_is_not_resolved_says_why_and_what_to_do(
    house: House, browser: Browser
) -> None:
    issue, _ = house.store(house.project(), EVENT, LOST)

    text = _text(browser.get(f"/issues/{issue}").text)

    explanation = EXPLANATIONS[Verdict.DEBUG_ID_NOT_UPLOADED]
    assert "1 of 1 frame could not be resolved." in text
    assert explanation.cause in text
    assert explanation.remedy.replace("`", "") in text


def test_without_source_maps_in_play_there_is_no_switch(house: House, browser: Browser) -> None:
    issue, _ = house.store(house.project(), EVENT)

    page = browser.get(f"/issues/{issue}").text

    assert "show-minified" not in page
    assert "could not be resolved" not in page


def test_the_issue_shows_its_latest_event_and_leads_to_the_others(
    house: House, browser: Browser
) -> None:
    project = house.project()
    issue, first = house.store(project, EVENT | {"extra": {"n": "first one"}})
    _, second = house.store(project, EVENT | {"extra": {"n": "second one"}}, issue=issue)
    _, third = house.store(project, EVENT | {"extra": {"n": "third one"}}, issue=issue)

    latest = browser.get(f"/issues/{issue}").text
    middle = browser.get(f"/issues/{issue}/events/{second}").text

    assert "third one" in latest
    assert f'href="/issues/{issue}/events/{second}" data-shortcut="p">Previous' in latest
    assert f'href="/issues/{issue}/events/{first}">Oldest' in latest
    assert "second one" in middle
    assert f'href="/issues/{issue}/events/{third}" data-shortcut="n">Next' in middle
    assert f'href="/issues/{issue}/events/{third}">Newest' in middle


def test_an_event_is_found_by_its_id_alone(house: House, browser: Browser) -> None:
    issue, event = house.store(house.project(), EVENT)

    assert browser.get(f"/events/{event}").headers["location"] == (
        f"/issues/{issue}/events/{event}"
    )
    assert browser.get("/events/" + "0" * 32).status_code == 404


def test_a_merged_issue_leads_to_the_one_it_became(house: House, browser: Browser) -> None:
    project = house.project()
    old, event = house.store(project, EVENT)
    new, _ = house.store(project, EVENT)
    with house.database.write() as connection:
        connection.execute(issues.update().where(issues.c.id == old).values(merged_into=new))
        connection.execute(events.update().where(events.c.issue_id == old).values(issue_id=new))

    assert browser.get(f"/issues/{old}").headers["location"] == f"/issues/{new}"
    assert browser.get(f"/issues/{old}/events/{event}").headers["location"] == (
        f"/issues/{new}/events/{event}"
    )


def test_an_event_of_another_project_is_not_shown_under_this_issue(
    house: House, browser: Browser
) -> None:
    issue, _ = house.store(house.project("One"), EVENT)
    _, event = house.store(house.project("Two"), EVENT)

    assert browser.get(f"/issues/{issue}/events/{event}").status_code == 404


HOSTILE = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "</pre></code></details></template><svg onload=alert(1)>",
    "javascript:alert(1)",
    "{{ 7*7 }}{% raw %}",
    "\u202e\x00\ud800&lt;b&gt;",
)


def _hostile_event(text: str) -> dict[str, Any]:
    frame: dict[str, Any] = dict.fromkeys(
        ("filename", "abs_path", "function", "module", "context_line", "platform"), text
    )
    frames = [frame | {"lineno": 1, "colno": 2, "in_app": own} for own in (True, False, False)]
    for each in frames:
        each |= {"pre_context": [text], "post_context": [text]}
    stack = {"frames": frames}
    return {
        "platform": text,
        "message": text,
        "logger": text,
        "level": text,
        "transaction": text,
        "release": text,
        "environment": text,
        "exception": {
            "values": [
                {"type": text, "value": text, "mechanism": {"type": text}, "stacktrace": stack},
                {"type": text, "value": text, "stacktrace": stack},
            ]
        },
        "threads": {"values": [{"name": text, "stacktrace": stack}]},
        "stacktrace": stack,
        "breadcrumbs": [{"category": text, "message": text, "level": text, "data": {text: text}}],
        "tags": {text: text},
        "request": {"url": text, "method": text, "headers": {text: text}, "data": {text: text}},
        "user": {"id": text, "email": text, text: text},
        "contexts": {text: {text: text}},
        "extra": {text: [text]},
        "sdk": {"name": text, "version": text, "integrations": [text]},
    }


def _hostile_resolution(text: str) -> Resolution:
    # The resolution is our own JSON, so it holds what msgspec can write: no half surrogates.
    text = text.replace("\ud800", "")
    original = Original(text, text, text, 1, 2, text, True, text, (text,), (text,), text)
    seen = Evidence(
        code_file=text,
        debug_id=text,
        minified_file=text,
        source_map=text,
        resolved_with=text,
        mapping=text,
        source=text,
        named_by=text,
        looked_for=(text,),
        detail=text,
    )
    frames = (
        ResolvedFrame(Verdict.RESOLVED, original, seen, True),
        ResolvedFrame(Verdict.ID_CONFLICT, None, seen, False),
        ResolvedFrame(Verdict.RESOLVED, original, seen, False),
    )
    return Resolution(1, (ResolvedStacktrace(PATH, frames),))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_event_is_only_text(house: House, browser: Browser, text: str) -> None:
    payload = _hostile_event(text)
    issue, event = house.store(
        house.project(text.replace("\ud800", "")),
        {"message": "placeholder"},
        _hostile_resolution(text),
        # As the digest leaves it, which writes no NUL into columns.
        title=re.sub("[\x00\ud800]", "\ufffd", text),
    )
    house.replace_payload(event, payload)

    page = browser.get(f"/issues/{issue}")

    assert page.status_code == 200
    assert_harmless(page)
    assert text not in page.text or "<" not in text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "values",
                    "frames",
                    "stacktrace",
                    "filename",
                    "function",
                    "lineno",
                    "colno",
                    "context_line",
                    "pre_context",
                    "type",
                    "value",
                    "data",
                    "mechanism",
                    "in_app",
                    "message",
                    "timestamp",
                ]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)
FIELDS = (
    "exception",
    "threads",
    "stacktrace",
    "breadcrumbs",
    "tags",
    "request",
    "user",
    "contexts",
    "extra",
    "sdk",
    "message",
    "logentry",
    "level",
    "timestamp",
    "debug_meta",
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(payload=st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, JSON)))
def test_an_event_of_any_shape_is_a_page(
    house: House, browser: Browser, payload: dict[str, Any]
) -> None:
    project = house.projects.get("shop") or house.project("Shop")
    issue, event = house.store(project, payload, RESOLVED)

    page = browser.get(f"/issues/{issue}/events/{event}")

    assert page.status_code == 200
    assert_harmless(page)
