"""`sentry-cli sourcemaps inject` and `upload`, then the real error of what was uploaded."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clients.builds import RELEASE, Built, assert_fine
from tests.clients.command_line import (
    RUST,
    RUST_2_39,
    RUST_2_58,
    RUST_3,
    SENTRY,
    Shell,
)
from tests.clients.conftest import SCENARIOS
from tests.clients.live_server import Project
from tests.clients.sent import sent_in
from tests.clients.toolbox import Toolbox
from tests.clients.trace import assert_true
from tests.clients.truth import Truth

pytestmark = pytest.mark.clients

RELEASED = ("--release", RELEASE)
WITH_DIST = (*RELEASED, "--dist", "42")

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
    dist = _copy(plain_server, tmp_path, tools)

    injected = shell.inject(dist.folder)
    uploaded = shell.upload(dist.folder, *flags)

    for done in filter(None, (injected, uploaded)):
        assert_fine(done)
    _assert_server_true(dist, tools, shell.project, node_truth)


@pytest.mark.parametrize("shell", [RUST_2_58, RUST_3, SENTRY], indirect=True, ids=str)
def test_uploading_the_same_again_is_harmless(
    shell: Shell,
    tools: Toolbox,
    plain_server: Built,
    node_truth: Truth,
    tmp_path: Path,
) -> None:
    dist = _copy(plain_server, tmp_path, tools)
    shell.inject(dist.folder)

    first = shell.upload(dist.folder)
    second = shell.upload(dist.folder)
    with_release = shell.upload(dist.folder, *WITH_DIST)

    for done in (first, second, with_release):
        assert_fine(done)
    _assert_server_true(dist, tools, shell.project, node_truth)


@pytest.mark.parametrize("shell", [RUST_3, SENTRY], indirect=True, ids=str)
def test_the_same_bytes_serve_every_project_that_uploads_them(
    shell: Shell,
    tools: Toolbox,
    new_project: Callable[[], Project],
    plain_server: Built,
    node_truth: Truth,
    tmp_path: Path,
) -> None:
    dist = _copy(plain_server, tmp_path, tools)
    other = Shell(tools, shell.command, new_project())
    shell.inject(dist.folder)

    first = shell.upload(dist.folder)
    second = other.upload(dist.folder)

    assert_fine(first)
    assert_fine(second)
    _assert_server_true(dist, tools, shell.project, node_truth)
    _assert_server_true(dist, tools, other.project, node_truth)


@pytest.mark.parametrize("shell", [*RUST, SENTRY], indirect=True, ids=str)
def test_a_wrong_token_is_refused_in_plain_words(
    shell: Shell, tools: Toolbox, plain_server: Built, tmp_path: Path
) -> None:
    dist = _copy(plain_server, tmp_path, tools)
    wrong = "deadbeef" * 8
    flags = (shell.command.noun, "upload", *RELEASED, str(dist.folder))

    refused = shell(*flags, cwd=dist.folder, SENTRY_AUTH_TOKEN=wrong)

    assert refused.code != 0
    assert "401" in refused.output
    assert "token" in refused.output.lower()
    assert wrong not in refused.output


def _copy(built: Built, out: Path, tools: Toolbox) -> Built:
    """A build to write debug ids into, beside the packages it needs."""
    folder = shutil.copytree(built.folder, out / "dist")
    (out / "node_modules").symlink_to(tools.packages)
    return Built(folder, built.output)


def _assert_server_true(dist: Built, tools: Toolbox, project: Project, truth: Truth) -> None:
    environment = {"SENTRY_DSN": project.dsn, "APP_RELEASE": RELEASE, "APP_DIST": "42"}
    acted = tools.run(dist.script(), *SCENARIOS, cwd=dist.folder, env=environment)
    sent = sent_in(acted.output.splitlines())
    assert set(sent) == set(SCENARIOS), acted.output
    for scenario, event_id in sent.items():
        assert_true(project.event(event_id), truth[scenario])
