"""What an event says besides its stack traces, in any shape it comes."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.protocol.circumstances import (
    MAX_BREADCRUMBS,
    MAX_FIELDS,
    MAX_VALUE,
    Breadcrumb,
    Circumstances,
    Field,
    Section,
    parse_circumstances,
)


def _parse(**event: Any) -> Circumstances:
    return parse_circumstances(json.dumps(event).encode())


def test_breadcrumbs_are_kept_in_their_order() -> None:
    found = _parse(
        breadcrumbs={
            "values": [
                {"timestamp": 1795344416, "category": "http", "data": {"status_code": 200}},
                {"timestamp": "2026-11-22T10:46:57Z", "type": "user", "message": "clicked"},
            ]
        }
    )

    first = datetime.fromtimestamp(1795344416, UTC)
    assert found.breadcrumbs[0] == Breadcrumb(first, "http", "", "", (Field("status_code", "200"),))
    assert found.breadcrumbs[1].category == "user"
    assert found.breadcrumbs[1].message == "clicked"


def test_of_many_breadcrumbs_the_latest_are_kept_and_the_rest_counted() -> None:
    found = _parse(breadcrumbs=[{"message": str(number)} for number in range(150)])

    assert len(found.breadcrumbs) == MAX_BREADCRUMBS
    assert found.breadcrumbs[-1].message == "149"
    assert found.breadcrumbs_omitted == 50


def test_tags_and_headers_may_be_objects_or_pairs() -> None:
    for tags in ({"a": "1", "b": True}, [["a", "1"], ["b", True]], [{"key": "a", "value": "1"}]):
        assert _parse(tags=tags).tags.fields[0] == Field("a", "1")
    headers = _parse(request={"headers": [["Host", "x"]]}).request
    assert headers.fields == (Field("headers: Host", "x"),)


def test_the_request_begins_with_its_method_and_address() -> None:
    found = _parse(request={"headers": {"A": "b"}, "url": "https://x/y", "method": "GET"})

    assert [field.name for field in found.request.fields] == ["method", "url", "headers: A"]


def test_values_that_are_not_text_are_their_json() -> None:
    found = _parse(extra={"cart": {"items": [1, "ü"]}, "n": None, "zero": 0, "empty": ""})

    assert found.extra.fields == (Field("cart", '{"items": [1, "ü"]}'), Field("zero", "0"))


def test_each_context_is_a_table_without_its_type() -> None:
    found = _parse(contexts={"runtime": {"name": "node", "type": "runtime"}, "odd": [1], "no": {}})

    assert found.contexts == (Section("runtime", (Field("name", "node"),)),)


def test_the_sdk_is_named_with_its_packages() -> None:
    found = _parse(
        sdk={
            "name": "sentry.javascript.node",
            "version": "11.0.0",
            "packages": [{"name": "npm:@sentry/node", "version": "11.0.0"}],
            "integrations": ["Http", None, "Console"],
        }
    )

    assert [field.value for field in found.sdk.fields] == [
        "sentry.javascript.node",
        "11.0.0",
        "npm:@sentry/node 11.0.0",
        "Http, Console",
    ]


def test_local_variables_are_found_by_trace_and_frame() -> None:
    frames = [{"function": "f"}, {"vars": {"cart": {"total": 3}, "self": "<Shop>"}}, {"vars": 7}]

    found = _parse(
        exception={"values": [{"stacktrace": {"frames": frames}}]},
        threads=[{"stacktrace": {"frames": [{"vars": {"a": "1"}}]}}],
    )

    assert found.variables == {
        ("exception", "values", 0, "stacktrace"): {
            1: Section("Local variables", (Field("cart", '{"total": 3}'), Field("self", "<Shop>")))
        },
        ("threads", 0, "stacktrace"): {0: Section("Local variables", (Field("a", "1"),))},
    }


def test_long_values_and_long_tables_are_cut_and_say_so() -> None:
    found = _parse(extra={f"k{number}": "x" * (MAX_VALUE + 5) for number in range(MAX_FIELDS + 7)})

    assert found.extra.fields[0].value.endswith("x… (5 more characters)")
    assert len(found.extra.fields) == MAX_FIELDS
    assert found.extra.omitted == 7


@pytest.mark.parametrize("payload", [b"", b"[]", b"null", b"{", b"\xff", b"7"])
def test_what_is_no_event_has_no_circumstances(payload: bytes) -> None:
    assert parse_circumstances(payload) == Circumstances()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ("breadcrumbs", "tags", "request", "user", "contexts", "extra", "sdk"), JSON
        ),
    )
)
def test_any_shape_gives_tables_of_text(event: dict[str, Any]) -> None:
    found = _parse(**event)

    for section in (found.tags, found.request, found.user, *found.contexts, found.extra, found.sdk):
        assert all(isinstance(field.value, str) for field in section.fields)
