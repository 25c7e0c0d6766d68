"""Browser, operating system and address, as events tell of them."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from headwater.protocol.event import ClientTold
from headwater.protocol.event_json import parse_event, read_event
from headwater.protocol.event_parts import take_apart

MOZILLA = "Mozilla/5.0 "
KHTML = "AppleWebKit/537.36 (KHTML, like Gecko) "


def told(event: dict[str, Any]) -> ClientTold:
    """The same, read as a whole and in parts."""
    payload, now = json.dumps(event).encode(), datetime.now(UTC)
    whole = parse_event(payload, now).client
    assert read_event(take_apart(payload)[0], now).client == whole
    return whole


@pytest.mark.parametrize(
    ("agent", "browser", "system"),
    [
        (
            "(Windows NT 10.0; Win64; x64) " + KHTML + "Chrome/120.0.0.0 Safari/537.36",
            "Chrome 120",
            "Windows",
        ),
        (
            "(Windows NT 10.0) " + KHTML + "Chrome/120.0.0.0 Safari/537.36 Edg/121.0.1",
            "Edge 121",
            "Windows",
        ),
        (
            "(X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0",
            "Firefox 120",
            "Linux",
        ),
        (
            (
                "(iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
                " Version/17.2 Mobile/15E148 Safari/604.1"
            ),
            "Safari 17",
            "iOS 17",
        ),
        (
            (
                "(Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
                " Version/17.1 Safari/605.1.15"
            ),
            "Safari 17",
            "macOS",
        ),
        (
            "(Linux; Android 14; SM-S911B) " + KHTML + "SamsungBrowser/23.0 Chrome/115.0.0.0 Mobile"
            " Safari/537.36",
            "Samsung Internet 23",
            "Android 14",
        ),
        ("(compatible; nobody)", None, None),
    ],
)
def test_browsers_are_known_by_what_they_call_themselves(
    agent: str, browser: str | None, system: str | None
) -> None:
    for headers in ({"User-Agent": MOZILLA + agent}, [["user-agent", MOZILLA + agent]]):
        assert told({"request": {"headers": headers}}) == ClientTold(browser, system, None)


def test_contexts_say_more_than_headers() -> None:
    event = {
        "contexts": {"browser": {"name": "Brave", "version": "1.6"}, "os": {"name": "HarmonyOS"}},
        "request": {
            "url": "https://shop.example/checkout?step=2#pay",
            "headers": {"User-Agent": MOZILLA + "Firefox/120.0"},
        },
    }

    assert told(event) == ClientTold("Brave 1.6", "HarmonyOS", "https://shop.example/checkout")


@pytest.mark.parametrize(
    "odd", [None, 3, "x", [], [1, [2]], {"headers": 4, "url": {}}, {"headers": [[1, 2]]}]
)
def test_what_is_of_an_unexpected_type_is_left_out(odd: object) -> None:
    assert told({"request": odd, "contexts": odd}) == ClientTold()
