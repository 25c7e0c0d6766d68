"""Browsers' reports of broken policies (`raw_security`), as the events that they become."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from msgspec import Struct

from headwater.protocol.csp import MAX_FIELD, Violation
from headwater.protocol.envelope import Envelope, Item, envelope_of, item_of
from headwater.protocol.event import Json
from headwater.protocol.event_id import new_event_id
from headwater.protocol.item_type import EVENT, RAW_SECURITY
from headwater.protocol.json_text import MalformedJson, decode_json
from headwater.protocol.json_value import as_number, as_object, as_text

MAX_REPORTS: Final = 100
"""Reports of one request that are read; browsers gather a page's for a minute. Those beyond are
counted."""

MAX_REPORT_AGE: Final = timedelta(days=1)
"""How long a browser may have held a report back and be believed; it gives up far sooner."""

EXTENSION: Final = "csp:extension"
"""Why a report is discarded: a browser's extension broke the policy, not the page."""

OTHER_REPORT: Final = "not_kept:security"
"""Why a report is discarded: it is of no kind that becomes an event."""

MALFORMED: Final = "malformed_report"
"""Why a report is discarded: it can't be read."""

TOO_MANY_REPORTS: Final = "too_many_reports"
"""Why a report is discarded: it is one of more than MAX_REPORTS."""

_OTHER_KINDS: Final = (
    "expect-ct-report",
    "expect-staple-report",
    "known-pins",  # of public key pinning
)
"""Fields by which the reports of policies are known that browsers have given up."""

_EXTENSION: Final = re.compile(
    r"(?:about|chrome|resource|(?:chrome|moz|safari|safari-web|ms-browser)-extension"
    r"|webkit-masked-url|chromeinvokeimmediate|chromenull|mxaddon-pkg|webviewprogressproxy"
    r"|tmtbff|mbinit|symres)(?::|$)",
    re.IGNORECASE,
)
"""Schemes of what a browser and its extensions put into pages: those of Sentry's default list, and
what Firefox and Safari write today. Browsers shorten an address to its scheme."""


class MalformedReport(Exception):
    """What came is no report of a browser's; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class SecurityReports:
    """What became of the reports of one item: events, and counts of the discarded by reason."""

    events: list[Item] = field(default_factory=list)
    discarded: Counter[str] = field(default_factory=Counter)


class Sender(Struct, frozen=True):
    """What the request says about all its reports. Empty: nothing."""

    release: str = ""
    environment: str = ""
    user_agent: str = ""


def envelope_of_report(body: bytes, sender: Sender) -> Envelope:
    """What a browser posts, as an envelope, in the spelling of Sentry's Relay."""
    item = item_of(
        RAW_SECURITY,
        body,
        sentry_release=sender.release[:MAX_FIELD],
        sentry_environment=sender.environment[:MAX_FIELD],
        user_agent=sender.user_agent[:MAX_FIELD],
    )
    return envelope_of(item, new_event_id())


def read_reports(item: Item, event_id: str, received_at: datetime) -> SecurityReports:
    """The events that an item's reports become; the first of them has that event id.

    `{"csp-report": {…}}`, a report of the Reporting API, or a list of those. Raises MalformedReport.
    """
    try:
        value = decode_json(item.payload)
    except MalformedJson as error:
        raise MalformedReport(f"the report is {error}") from None
    sender = _sender(item)
    read = SecurityReports()
    every = value if isinstance(value, list) else [value]
    if len(every) > MAX_REPORTS:
        read.discarded[TOO_MANY_REPORTS] += len(every) - MAX_REPORTS
    for report in map(as_object, every[:MAX_REPORTS]):
        try:
            violation = _violation(report)
        except MalformedReport:
            if len(every) == 1:
                raise
            read.discarded[MALFORMED] += 1
            continue
        if violation is None or _is_of_extension(violation):
            read.discarded[EXTENSION if violation else OTHER_REPORT] += 1
            continue
        own_id = new_event_id() if read.events else event_id
        fields = _event(violation, report, sender, received_at) | {"event_id": own_id}
        read.events.append(item_of(EVENT, msgspec.json.encode(fields)))
    return read


def _sender(item: Item) -> Sender:
    header = as_object(decode_json(item.header))
    return Sender(
        release=as_text(header.get("sentry_release")) or "",
        environment=as_text(header.get("sentry_environment")) or "",
        user_agent=as_text(header.get("user_agent")) or "",
    )


def _violation(report: Mapping[str, Json]) -> Violation | None:
    """None: a report of another kind. Raises MalformedReport."""
    is_reported = isinstance(report.get("type"), str) and "body" in report
    if "csp-report" in report or (is_reported and report["type"] == "csp-violation"):
        violation = Violation.of(as_object(report.get("csp-report") or report.get("body")))
        if violation is None:
            raise MalformedReport("expected an effective or violated directive in the report")
        return violation
    if not is_reported and not any(name in report for name in _OTHER_KINDS):
        raise MalformedReport(
            'expected {"csp-report": {…}} or a list of {"type": …, "body": {…}}, as browsers send them'
        )
    return None


def _is_of_extension(violation: Violation) -> bool:
    places = (violation.fields.get(name, "") for name in ("blocked_uri", "source_file"))
    return any(_EXTENSION.match(place) for place in places)


def _event(
    violation: Violation, report: Mapping[str, Json], sender: Sender, received_at: datetime
) -> dict[str, Any]:
    document = (
        violation.fields.get("document_uri") or (as_text(report.get("url")) or "")[:MAX_FIELD]
    )
    agent = (as_text(report.get("user_agent")) or sender.user_agent)[:MAX_FIELD]
    age = timedelta(milliseconds=as_number(report.get("age")) or 0)
    of_app = {"release": sender.release, "environment": sender.environment}
    return {
        "platform": "javascript",
        "level": "error",
        "logger": "csp",
        "logentry": {"formatted": violation.message},
        "transaction": violation.culprit,
        "fingerprint": violation.fingerprint,
        "tags": {"effective-directive": violation.directive, "blocked-uri": violation.blocked},
        "timestamp": (received_at - min(age, MAX_REPORT_AGE)).timestamp(),
        "request": {
            "url": document,
            "headers": dict(_headers(agent, violation.fields.get("referrer", ""))),
        },
        "contexts": {"csp": violation.fields},
        **{name: said for name, said in of_app.items() if said},
    }


def _headers(agent: str, referrer: str) -> Iterator[tuple[str, str]]:
    if agent:
        yield "User-Agent", agent
    if referrer:
        yield "Referer", referrer
