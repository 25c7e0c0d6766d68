"""What users forget, done with the real tools; the server says what it was."""

from pathlib import Path

import pytest

from tests.clients.builds import RELEASE, Built
from tests.clients.command_line import RUST_3, SENTRY, Shell
from tests.clients.deployed import DIST, Deployed
from tests.clients.toolbox import Toolbox
from tests.clients.trace import assert_true
from tests.clients.truth import Truth

pytestmark = pytest.mark.clients

with_sentry_cli = pytest.mark.parametrize("shell", [RUST_3], indirect=True, ids=str)

NOT_UPLOADED = ({"pending_upload"}, {"uploaded_to_other_project"})
"""The second if another test has uploaded the same build to its own project: same content, same ids."""


@pytest.fixture
def deployed(plain_server: Built, tmp_path: Path, tools: Toolbox) -> Deployed:
    return Deployed.copy_of(plain_server, tmp_path, tools)


@with_sentry_cli
def test_an_upload_that_never_came_is_named_until_it_comes(
    shell: Shell, deployed: Deployed, node_truth: Truth
) -> None:
    shell.inject(deployed.folder)

    before = deployed.act(shell.project, "property")["property"]
    verdicts = _verdicts(shell, before)
    shell.upload(deployed.folder)
    after = deployed.act(shell.project, "property")["property"]

    assert verdicts in NOT_UPLOADED
    assert_true(shell.project.event(after), node_truth["property"])


@with_sentry_cli
def test_a_build_without_debug_ids_is_named(shell: Shell, deployed: Deployed) -> None:
    nameless = deployed.act(shell.project, "property", release="")["property"]
    released = deployed.act(shell.project, "method")["method"]

    assert _verdicts(shell, nameless) == {"no_image_for_frame"}
    assert _verdicts(shell, released) == {"pending_upload"}


@with_sentry_cli
def test_an_upload_for_other_addresses_is_named(shell: Shell, deployed: Deployed) -> None:
    release = ("--release", RELEASE, "--dist", DIST)
    shell.upload(deployed.folder, *release, "--url-prefix", "~/elsewhere")

    sent = deployed.act(shell.project, "property")["property"]

    assert _verdicts(shell, sent) == {"url_not_uploaded"}


@with_sentry_cli
def test_an_upload_for_another_dist_is_named(shell: Shell, deployed: Deployed) -> None:
    shell.upload(deployed.folder, "--release", RELEASE, "--dist", "41")

    sent = deployed.act(shell.project, "property")["property"]

    assert _verdicts(shell, sent) == {"release_not_uploaded"}


@pytest.mark.parametrize("shell", [RUST_3, SENTRY], indirect=True, ids=str)
def test_an_upload_without_maps_fails_and_says_so(shell: Shell, deployed: Deployed) -> None:
    shell(shell.command.noun, "inject", str(deployed.folder), cwd=deployed.folder)
    for path in deployed.folder.glob("*.map"):
        path.unlink()

    uploaded = shell.upload(deployed.folder)
    sent = deployed.act(shell.project, "property")["property"]

    assert uploaded.code != 0
    assert "devtool" in uploaded.output
    assert _verdicts(shell, sent) in NOT_UPLOADED


def _verdicts(shell: Shell, event_id: str) -> set[str]:
    """What became of the frames of our own files."""
    shell.project.event(event_id)
    frames = [
        frame
        for trace in shell.project.verdicts(event_id)["stacktraces"]
        for frame in trace["frames"]
    ]
    return {frame["verdict"] for frame in frames if "/dist/" in frame["raw"]["filename"]}
