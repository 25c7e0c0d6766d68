"""Production builds of a React app, which fails while it renders: more than its frames is shown."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.clients.builds import assert_fine
from tests.clients.live_server import LiveServer, Project
from tests.clients.page import click_through
from tests.clients.sent import sent_in
from tests.clients.toolbox import REACT, Toolbox

pytestmark = [pytest.mark.clients, pytest.mark.browser]

RELEASE = "react-shop@1.0.0"
BUILD = ("build", "--config=vite.config.mjs", "--configLoader=native")


def _sent(
    react: str, tools: Toolbox, browser: Browser, project: Project, out: Path
) -> dict[str, str]:
    """Build with an upload, click every button; event ids by scenario."""
    settings = {"APP_OUT": str(out), "APP_REACT": react, "GIT_DIR": "/nowhere"}
    env = {**settings, **project.settings()}
    done = tools.run("vite/bin/vite.js", *BUILD, cwd=REACT, env=env)
    assert_fine(done)
    query = {"dsn": project.dsn, "release": RELEASE}
    return sent_in(click_through(browser, out, "main.js", query, sent_in))


def _frames(trace: dict[str, Any]) -> list[tuple[str, str]]:
    """Function and file's name of what is the app's own, innermost first. React 18's elements, such
    as `section`, are frames without a place."""
    ours = [each for each in reversed(trace["frames"]) if each["in_app"] and each["raw"]["lineno"]]
    return [
        (each["original"]["function"], each["original"]["filename"].rpartition("/")[2])
        for each in ours
    ]


@pytest.mark.parametrize("react", ["react", pytest.param("react-18", marks=pytest.mark.matrix)])
def test_what_a_production_build_shortened_is_shown_as_it_was_written(
    react: str,
    react_tools: Toolbox,
    browser: Browser,
    server: LiveServer,
    project: Project,
    tmp_path: Path,
) -> None:
    sent = _sent(react, react_tools, browser, project, tmp_path / "dist")

    child = project.event(sent["child"])["exception"]["values"][-1]
    assert child["value"].startswith(
        "Objects are not valid as a React child (found: object with keys {id, lines})."
    )
    assert child["raw_value"].startswith("Minified React error #31; visit https://re")

    payment = project.event(sent["payment"])["exception"]["values"][-1]
    assert payment["type"] == "PaymentError"
    assert payment["value"] == "order 4711 has no card"
    assert len(payment["raw_type"]) < 4
    issues = project.issues(3)
    assert any(each["culprit"].startswith("Summary · ") for each in issues)
    titles = [each["title"] for each in issues]
    assert f"PaymentError: order 4711 has no card (sent as {payment['raw_type']})" in titles

    project.event(sent["receipt"])
    linked, thrown, context = project.verdicts(sent["receipt"])["stacktraces"]
    components = [(name, "shop.jsx") for name in ("Receipt", "Checkout", "Shop")]
    assert _frames(thrown)[0] == ("Receipt", "shop.jsx")
    assert _frames(linked) == _frames(context) == components
    page = server.reader().event(sent["child"])
    assert "Error: Objects are not valid as a React child" in page
    assert "sent as Error: Minified React error #31" in page
    assert "Component stack Summary " in page
