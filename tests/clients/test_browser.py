"""A page of every bundler and SDK: built, uploaded by its own plugin, and clicked on."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.clients.builds import RELEASE, Build, build
from tests.clients.conftest import SCENARIOS
from tests.clients.live_server import Project
from tests.clients.page import click_through
from tests.clients.sent import sent_in
from tests.clients.toolbox import Toolbox
from tests.clients.trace import assert_true
from tests.clients.truth import Truth

pytestmark = [pytest.mark.clients, pytest.mark.browser]

BUILDS = [
    Build("vite", "11", "browser", "browser-11"),
    Build("vite", "5", "browser", "browser-8"),
    Build("webpack", "5", "browser", "browser-7"),
    pytest.param(Build("webpack", "11", "browser", "browser-11"), marks=pytest.mark.matrix),
    pytest.param(Build("vite", "11", "browser", "browser-7"), marks=pytest.mark.matrix),
    pytest.param(Build("webpack", "11", "browser", "browser-8"), marks=pytest.mark.matrix),
    pytest.param(Build("esbuild", "5", "browser", "browser-11"), marks=pytest.mark.matrix),
]


@pytest.mark.parametrize("made", BUILDS, ids=str)
def test_a_minified_page_fails_in_its_own_words(
    made: Build,
    tools: Toolbox,
    browser: Browser,
    project: Project,
    browser_truth: Truth,
    tmp_path: Path,
) -> None:
    built = build(tools, made, tmp_path / "app", project)

    console = click_through(
        browser,
        built.folder,
        built.script().name,
        {"dsn": project.dsn, "release": RELEASE},
        sent_in,
    )

    assert "Successfully uploaded source maps to Sentry" in built.output
    sent = sent_in(console)
    for scenario in SCENARIOS:
        assert_true(project.event(sent[scenario]), browser_truth[scenario])
