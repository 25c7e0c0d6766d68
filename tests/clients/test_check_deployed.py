"""A page that a real plugin built and uploaded, deployed and checked; then one that was built again."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli.site import site
from tests.clients.builds import RELEASE, Build, Built, build
from tests.clients.live_server import Project
from tests.clients.toolbox import Toolbox

pytestmark = pytest.mark.clients


def deployed(built: Built) -> Mapping[str, bytes]:
    """The build's files as a web site has them, without its maps."""
    files = {
        f"/{path.relative_to(built.folder)}": path.read_bytes()
        for path in built.folder.rglob("*")
        if path.is_file() and path.suffix != ".map"
    }
    entry = built.script().name
    return {**files, "/": f'<script type="module" src="/{entry}"></script>'.encode()}


def check(project: Project, url: str) -> tuple[int, Any]:
    """The exit code, and what was said of the page."""
    command = [sys.executable, "-m", "headwater", "check", "--json", "--release", RELEASE]
    server = ["--server", project.origin, "--token", project.upload_token, "--url", url]
    done = subprocess.run([*command, *server], check=False, capture_output=True, text=True)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_what_the_plugin_uploaded_would_resolve_and_another_build_would_not(
    tools: Toolbox, project: Project, plain_page: Built, tmp_path: Path
) -> None:
    built = build(tools, Build("vite", "11", "browser"), tmp_path / "app", project)

    with site(deployed(built)) as origin:
        code, same = check(project, origin)
    with site(deployed(plain_page)) as origin:
        other_code, other = check(project, origin)

    assert (code, same["page"]["checked"], same["page"]["resolvable"]) == (0, 1, 1)
    assert same["page"]["scripts"][0]["answer"]["resolvedWith"] == "debug-id"
    assert same["page"]["publicMaps"] == []
    assert other_code == 1
    assert not other["page"]["scripts"][0]["answer"]["isResolvable"]


@pytest.mark.parametrize(
    ("bundler", "plugin"), [("vite", "11"), ("webpack", "11"), ("esbuild", "5")]
)
def test_maps_that_are_hidden_and_deleted_are_uploaded_all_the_same(
    tools: Toolbox, project: Project, tmp_path: Path, bundler: str, plugin: str
) -> None:
    made = Build(bundler, plugin, "browser", is_hidden=True)
    built = build(tools, made, tmp_path / "app", project)

    with site(deployed(built)) as origin:
        code, said = check(project, origin)

    assert list(built.folder.rglob("*.map")) == []
    assert b"sourceMappingURL" not in built.script().read_bytes()
    assert (code, said["page"]["resolvable"]) == (0, said["page"]["checked"])
    assert said["page"]["checked"] > 0
