"""Plugins of version 11 remember where an organization's uploads go, by its name alone."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.clients.builds import Build, build
from tests.clients.live_server import Project
from tests.clients.toolbox import Toolbox

pytestmark = pytest.mark.clients

VITE = Build("vite", "11", "node")


def test_a_build_uploads_to_the_server_that_it_names_now(
    tools: Toolbox, new_project: Callable[[], Project], tmp_path: Path
) -> None:
    project = new_project()
    somebody = replace(tools, home=tmp_path / "home")
    build(somebody, VITE, tmp_path / "here", project)

    with pytest.raises(AssertionError, match=r"(?i)fetch failed|network error|ECONNREFUSED"):
        build(somebody, VITE, tmp_path / "there", replace(project, origin="http://127.0.0.1:9"))
