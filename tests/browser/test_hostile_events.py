"""Events are written by strangers: nothing in them runs in the browser of who reads them."""

from typing import Any

import pytest

from tests.browser.conftest import Visitor
from tests.browser.demo import send
from tests.clients.live_server import LiveServer
from tests.clients.patience import until

pytestmark = pytest.mark.browser

STORE_SECONDS = 60
ATTACKS = (
    "<script>window.hacked = 1</script>",
    "\"'><img src=x onerror='window.hacked = 1'>",
    "</pre></code></details></title></textarea><svg onload='window.hacked = 1'>",
    "javascript:window.hacked=1",
    "<iframe srcdoc='<script>parent.hacked=1</script>'>",
)


def _event(text: str) -> dict[str, Any]:
    frame = dict.fromkeys(("filename", "abs_path", "function", "module", "context_line"), text) | {
        "lineno": 1,
        "colno": 1,
        "in_app": True,
        "pre_context": [text],
        "post_context": [text],
    }
    return {
        "platform": "javascript",
        "exception": {
            "values": [
                {
                    "type": text,
                    "value": text,
                    "mechanism": {"type": text},
                    "stacktrace": {"frames": [frame, frame | {"in_app": False}]},
                }
            ]
        },
        "level": text,
        "logger": text,
        "release": text[:200],
        "environment": text[:60],
        "transaction": text,
        "breadcrumbs": [{"category": text, "message": text, "level": text, "data": {text: text}}],
        "tags": {text: text},
        "request": {"url": text, "headers": {text: text}, "data": text},
        "user": {"id": text, "email": text},
        "contexts": {text: {text: text}},
        "extra": {text: [text]},
        "sdk": {"name": text, "version": text},
        "debug_meta": {"images": [{"type": "sourcemap", "code_file": text, "debug_id": text}]},
    }


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_an_event_holds_runs(
    server: LiveServer, visitor: Visitor, attack: str
) -> None:
    project = server.project(f"Attacked {ATTACKS.index(attack)}")
    event = send(server.origin, project.dsn, _event(attack))
    page = visitor.page
    visitor.sign_in(server.origin)
    address = f"{server.origin}/events/{event}"
    until(lambda: page.request.get(address).status == 200, STORE_SECONDS, "the event is stored")

    for path in (address, f"{address}#minified", f"{server.origin}/issues"):
        page.goto(path)
        for summary in page.locator("summary:visible").all():
            summary.click()
        assert page.evaluate("window.hacked") is None

    assert attack in page.locator("main").inner_text() or "\u2026" in attack
    assert visitor.faults == []
    outside = [url for url in visitor.requests if not url.startswith(server.origin)]
    assert outside == []
