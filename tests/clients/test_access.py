"""Who may do what, in the words of the command lines."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clients.builds import RELEASE, Built, assert_fine
from tests.clients.command_line import RUST, SENTRY, Shell
from tests.clients.live_server import Project

pytestmark = pytest.mark.clients


@pytest.fixture(scope="module")
def project(new_project: Callable[[], Project]) -> Project:
    """One for all of them: they only look."""
    return new_project()


every_rust = pytest.mark.parametrize("shell", RUST, indirect=True, ids=str)


@every_rust
def test_info_knows_the_server_and_the_token(shell: Shell, tmp_path: Path) -> None:
    told = shell("info", cwd=tmp_path)

    assert_fine(told)
    assert shell.project.origin in told.output


@every_rust
def test_what_belongs_to_the_token_is_listed(shell: Shell, tmp_path: Path) -> None:
    organizations = shell("organizations", "list", cwd=tmp_path)
    projects = shell("projects", "list", cwd=tmp_path)

    assert_fine(organizations)
    assert_fine(projects)
    assert shell.project.slug in projects.output


@pytest.mark.parametrize("shell", [*RUST, SENTRY], indirect=True, ids=str)
def test_a_wrong_token_is_refused_with_a_name_for_it(shell: Shell, plain_server: Built) -> None:
    wrong = "deadbeef" * 8
    upload = (shell.command.noun, "upload", "--release", RELEASE, str(plain_server.folder))
    # Only npm's client would write debug ids into the folder, which is everyone's.
    flags = ("--no-rewrite",) if shell.command is SENTRY else ()

    refused = shell(*upload, *flags, cwd=plain_server.folder, SENTRY_AUTH_TOKEN=wrong)

    assert refused.code != 0
    assert "401" in refused.output
    assert wrong[:8] in refused.output
    assert wrong not in refused.output


@every_rust
def test_a_key_of_the_dsn_is_refused_as_a_token(shell: Shell, tmp_path: Path) -> None:
    key = shell.project.dsn.partition("//")[2].partition("@")[0]

    refused = shell("releases", "list", cwd=tmp_path, SENTRY_AUTH_TOKEN=key)

    assert refused.code != 0
    assert "DSN" in refused.output
