"""What scripts do with releases around an upload, with every command line that can."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clients.builds import assert_fine
from tests.clients.command_line import RUST, SENTRY, Shell
from tests.clients.live_server import ANY_ORG, LiveServer, Project

pytestmark = pytest.mark.clients

VERSION = "shop@2.0.0+build 7 é"
"""A plus, a blank and a letter beyond ASCII: each is encoded on its way."""


@pytest.fixture(scope="module")
def project(new_project: Callable[[], Project]) -> Project:
    """One for all of them: their versions differ."""
    return new_project()


every_rust = pytest.mark.parametrize("shell", RUST, indirect=True, ids=str)


@every_rust
@pytest.mark.parametrize("version", ["shop@1.0.0", VERSION], ids=["plain", "odd"])
def test_a_release_is_made_filled_finalized_deployed_and_listed(
    shell: Shell, tmp_path: Path, version: str
) -> None:
    _commit(tmp_path)

    steps = [
        shell("releases", "new", version, cwd=tmp_path),
        shell("releases", "set-commits", version, "--local", cwd=tmp_path),
        shell("releases", "finalize", version, cwd=tmp_path),
        shell("deploys", "new", "--release", version, "--env", "production", cwd=tmp_path),
    ]
    listed = shell("releases", "list", cwd=tmp_path)

    for step in [*steps, listed]:
        assert_fine(step)
    assert version in listed.output


@every_rust
def test_only_a_token_of_full_scope_deletes_a_release(
    shell: Shell, server: LiveServer, tmp_path: Path
) -> None:
    full = {"SENTRY_AUTH_TOKEN": server.token(shell.project.slug, "full")}
    version = f"{VERSION} of {shell.command}"
    first = shell("releases", "new", version, cwd=tmp_path)
    again = shell("releases", "new", version, cwd=tmp_path)

    refused = shell("releases", "delete", version, cwd=tmp_path)
    kept = shell("releases", "list", cwd=tmp_path)
    deleted = shell("releases", "delete", version, cwd=tmp_path, **full)
    left = shell("releases", "list", cwd=tmp_path)

    for step in (first, again, kept, deleted, left):
        assert_fine(step)
    assert refused.code != 0
    assert "403" in refused.output
    assert version in kept.output
    assert version not in left.output


@pytest.mark.parametrize("shell", [SENTRY], indirect=True, ids=str)
def test_npms_sentry_makes_and_finalizes_a_release(shell: Shell, tmp_path: Path) -> None:
    org_release = f"{ANY_ORG}/{VERSION}/with-a-slash"

    created = shell("release", "create", org_release, cwd=tmp_path)
    finalized = shell("release", "finalize", org_release, cwd=tmp_path)

    assert_fine(created)
    assert_fine(finalized)


def _commit(folder: Path) -> None:
    """A repository with one commit, for the clients that read one."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed, so there are no commits to set")
    author = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    remote = "https://example.com/acme/shop.git"
    for arguments in (
        ("init", "--quiet"),
        ("remote", "add", "origin", remote),
        (*author, "commit", "--quiet", "--allow-empty", "--message", "Open the shop"),
    ):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
