"""Events first, uploads later, with the real tools: the stored events heal, and so do their issues."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clients.builds import RELEASE, Build, Built, build
from tests.clients.command_line import RUST_3, Shell
from tests.clients.conftest import SCENARIOS
from tests.clients.deployed import Deployed
from tests.clients.live_server import Project
from tests.clients.patience import until
from tests.clients.sent import sent_in
from tests.clients.toolbox import Toolbox
from tests.clients.trace import assert_true
from tests.clients.truth import Truth

pytestmark = pytest.mark.clients

HEAL_SECONDS = 120
MADE = Build("vite", "11", "node")


def test_an_upload_with_the_wrong_token_heals_when_the_right_one_is_used(
    tools: Toolbox, new_project: Callable[[], Project], node_truth: Truth, tmp_path: Path
) -> None:
    late, wrong, early = new_project(), new_project(), new_project()
    built = build(tools, MADE, tmp_path / "wrong", wrong)
    sent = act(tools, built, late)
    assert {verdict for each in sent.values() for verdict in verdicts(late, each)} == {
        "uploaded_to_other_project"
    }

    build(tools, MADE, tmp_path / "right", late)

    for scenario, event_id in sent.items():
        healed = "resolved"
        until(lambda: verdicts(late, event_id) == {healed}, HEAL_SECONDS, scenario)  # noqa: B023
        assert_true(late.event(event_id), node_truth[scenario])
    act(tools, build(tools, MADE, tmp_path / "early", early), early)
    issues = told(early, len(SCENARIOS))
    assert told(late, len(issues)) == issues


@pytest.mark.parametrize("shell", [RUST_3], indirect=True, ids=str)
def test_events_that_came_before_anything_was_uploaded_heal(
    shell: Shell, plain_server: Built, tools: Toolbox, node_truth: Truth, tmp_path: Path
) -> None:
    # Another test may have uploaded the same build, for a project of its own on this server.
    deployed = Deployed.copy_of(plain_server, tmp_path, tools).unlike_any_other()
    shell.inject(deployed.folder)
    before = deployed.act(shell.project, "property")["property"]
    assert verdicts(shell.project, before) == {"pending_upload"}

    shell.upload(deployed.folder)

    until(lambda: verdicts(shell.project, before) == {"resolved"}, HEAL_SECONDS, "healed")
    assert_true(shell.project.event(before), node_truth["property"])
    after = deployed.act(shell.project, "property")["property"]
    shell.project.event(after)
    ((_, _, count),) = told(shell.project, 1)
    assert count == "2"


def act(tools: Toolbox, built: Built, project: Project) -> dict[str, str]:
    """Let it fail in every way; its events, once they are stored."""
    environment = {"SENTRY_DSN": project.dsn, "APP_RELEASE": RELEASE}
    acted = tools.run(built.script(), *SCENARIOS, cwd=built.folder, env=environment)
    sent = sent_in(acted.output.splitlines())
    assert set(sent) == set(SCENARIOS), acted.output
    for event_id in sent.values():
        project.event(event_id)
    return sent


def told(project: Project, number: int) -> list[tuple[str, str, str]]:
    """What each issue is called, where it was, and how often."""
    listed = project.issues(number)
    return sorted((each["title"], each["culprit"], each["count"]) for each in listed)


def verdicts(project: Project, event_id: str) -> set[str]:
    """What became of the frames of our own files."""
    project.event(event_id)
    frames = [
        frame for trace in project.verdicts(event_id)["stacktraces"] for frame in trace["frames"]
    ]
    return {frame["verdict"] for frame in frames if "/dist/" in frame["raw"]["filename"]}
