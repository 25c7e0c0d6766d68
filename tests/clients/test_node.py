"""A server app of every bundler: built, uploaded by its own plugin, and made to fail."""

from pathlib import Path
from typing import Any

import pytest

from tests.clients.builds import RELEASE, Build, build
from tests.clients.conftest import SCENARIOS
from tests.clients.live_server import Project
from tests.clients.sent import sent_in
from tests.clients.toolbox import Toolbox
from tests.clients.trace import assert_true
from tests.clients.truth import Truth

pytestmark = pytest.mark.clients

BUILDS = [
    Build("esbuild", "5", "node"),
    Build("rollup", "5", "node"),
    Build("webpack", "11", "node"),
    pytest.param(Build("webpack", "5", "node"), marks=pytest.mark.matrix),
    pytest.param(Build("vite", "11", "node"), marks=pytest.mark.matrix),
    pytest.param(Build("vite", "5", "node"), marks=pytest.mark.matrix),
]


@pytest.mark.parametrize("made", BUILDS, ids=str)
def test_a_minified_server_fails_in_its_own_words(
    made: Build, tools: Toolbox, project: Project, node_truth: Truth, tmp_path: Path
) -> None:
    built = build(tools, made, tmp_path / "app", project)
    environment = {"SENTRY_DSN": project.dsn, "APP_RELEASE": RELEASE}

    acted = tools.run(built.script(), *SCENARIOS, cwd=built.folder, env=environment)
    crashed = tools.run(built.script(), "crash", cwd=built.folder, env=environment)

    assert "Successfully uploaded source maps to Sentry" in built.output
    assert (acted.code, crashed.code) == (0, 1), acted.output + crashed.output
    sent = sent_in((acted.output + crashed.output).splitlines())
    assert set(sent) == {*SCENARIOS, "crash"}
    for scenario, event_id in sent.items():
        assert_true(project.event(event_id), node_truth[scenario])
    assert ("node:internal/timers", "process.processImmediate") in _places(
        project.event(sent["crash"])
    )


@pytest.mark.matrix
@pytest.mark.parametrize("plugin", ["5", "11"])
def test_a_build_that_knows_no_release_uploads_all_the_same(
    plugin: str, tools: Toolbox, project: Project, node_truth: Truth, tmp_path: Path
) -> None:
    made = Build("vite", plugin, "node", release="")

    built = build(tools, made, tmp_path / "app", project)
    acted = tools.run(built.script(), "property", cwd=built.folder, env={"SENTRY_DSN": project.dsn})

    assert "Successfully uploaded source maps to Sentry" in built.output
    event = project.event(sent_in(acted.output.splitlines())["property"])
    assert_true(event, node_truth["property"])
    assert event.get("release") is None


def _places(event: dict[str, Any]) -> list[tuple[str, str]]:
    (thrown,) = event["exception"]["values"]
    return [(frame["filename"], frame["function"]) for frame in thrown["stacktrace"]["frames"]]
