"""`sentry-cli sourcemaps inject` and `upload`, then the real error of what was uploaded."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clients.builds import RELEASE, Built, assert_fine
from tests.clients.command_line import (
    RUST_2_39,
    RUST_2_58,
    RUST_3,
    SENTRY,
    Shell,
)
from tests.clients.conftest import SCENARIOS
from tests.clients.deployed import DIST, Deployed
from tests.clients.live_server import Project
from tests.clients.toolbox import Toolbox
from tests.clients.trace import assert_true
from tests.clients.truth import Truth

pytestmark = pytest.mark.clients

RELEASED = ("--release", RELEASE)
WITH_DIST = (*RELEASED, "--dist", DIST)

UPLOADS = [
    (RUST_2_39, ()),
    (RUST_2_58, (*WITH_DIST, "--wait")),
    (RUST_3, ("--wait",)),
    (SENTRY, ()),
    *(
        pytest.param(command, flags, marks=pytest.mark.matrix)
        for command, flags in [
            (RUST_2_39, RELEASED),
            (RUST_2_39, (*WITH_DIST, "--wait")),
            (RUST_2_39, (*RELEASED, "--url-prefix", "~/static/js")),
            (RUST_2_58, ()),
            (RUST_2_58, RELEASED),
            (RUST_2_58, ("--url-prefix", "~/static/js", "--wait")),
            (RUST_3, ()),
            (RUST_3, RELEASED),
            (RUST_3, WITH_DIST),
            (RUST_3, ("--dist", "42")),
            (RUST_3, (*WITH_DIST, "--url-prefix", "~/static/js", "--wait")),
            (SENTRY, RELEASED),
            (SENTRY, (*WITH_DIST, "--url-prefix", "~/static/js/")),
        ]
    ),
]


@pytest.mark.parametrize(("shell", "flags"), UPLOADS, indirect=["shell"], ids=str)
def test_an_injected_server_fails_in_its_own_words(
    shell: Shell,
    flags: tuple[str, ...],
    tools: Toolbox,
    plain_server: Built,
    node_truth: Truth,
    tmp_path: Path,
) -> None:
    deployed = Deployed.copy_of(plain_server, tmp_path, tools)

    injected = shell.inject(deployed.folder)
    uploaded = shell.upload(deployed.folder, *flags)

    for done in filter(None, (injected, uploaded)):
        assert_fine(done)
    _assert_true(deployed, shell.project, node_truth)


@pytest.mark.parametrize("shell", [RUST_2_58, RUST_3, SENTRY], indirect=True, ids=str)
def test_uploading_the_same_again_is_harmless(
    shell: Shell,
    tools: Toolbox,
    plain_server: Built,
    node_truth: Truth,
    tmp_path: Path,
) -> None:
    deployed = Deployed.copy_of(plain_server, tmp_path, tools)
    shell.inject(deployed.folder)

    first = shell.upload(deployed.folder)
    second = shell.upload(deployed.folder)
    with_release = shell.upload(deployed.folder, *WITH_DIST)

    for done in (first, second, with_release):
        assert_fine(done)
    _assert_true(deployed, shell.project, node_truth)


@pytest.mark.parametrize("shell", [RUST_3, SENTRY], indirect=True, ids=str)
def test_the_same_bytes_serve_every_project_that_uploads_them(
    shell: Shell,
    tools: Toolbox,
    new_project: Callable[[], Project],
    plain_server: Built,
    node_truth: Truth,
    tmp_path: Path,
) -> None:
    deployed = Deployed.copy_of(plain_server, tmp_path, tools)
    other = Shell(tools, shell.command, new_project())
    shell.inject(deployed.folder)

    first = shell.upload(deployed.folder)
    second = other.upload(deployed.folder)

    assert_fine(first)
    assert_fine(second)
    _assert_true(deployed, shell.project, node_truth)
    _assert_true(deployed, other.project, node_truth)


def _assert_true(deployed: Deployed, project: Project, truth: Truth) -> None:
    for scenario, event_id in deployed.act(project, *SCENARIOS).items():
        assert_true(project.event(event_id), truth[scenario])
