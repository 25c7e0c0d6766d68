"""What real tools upload after a build went wrong, and what the server says of it."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.clients.builds import RELEASE, Build, Built, build
from tests.clients.command_line import RUST_3, SENTRY, Shell
from tests.clients.deployed import Deployed
from tests.clients.live_server import Project
from tests.clients.toolbox import Toolbox

pytestmark = pytest.mark.clients

SNIPPET = re.compile(r"!function\(\)\{try\{.*?_sentryDebugIds.*?\}catch\(e\)\{\}\}\(\);")

with_sentry_cli = pytest.mark.parametrize("shell", [RUST_3], indirect=True, ids=str)


@pytest.fixture
def deployed(plain_server: Built, tmp_path: Path, tools: Toolbox) -> Deployed:
    return Deployed.copy_of(plain_server, tmp_path, tools)


def found(project: Project) -> dict[str, int]:
    """Errors and warnings in the newest upload, by check."""
    bundle = project.bundles()[0]
    return {
        finding["check"]: bundle["totals"][finding["check"]]
        for finding in bundle["findings"]
        if finding["level"] != "note"
    }


BUILDS = [
    Build("vite", "11", "browser"),
    Build("webpack", "5", "browser"),
    Build("esbuild", "5", "node"),
    *(
        pytest.param(Build(*named), marks=pytest.mark.matrix)
        for named in [
            ("vite", "5", "browser"),
            ("webpack", "11", "browser"),
            ("rollup", "5", "node"),
            ("vite", "11", "node"),
        ]
    ),
]


@pytest.mark.parametrize("made", BUILDS, ids=str)
def test_a_sound_build_is_found_sound(
    made: Build, project: Project, tools: Toolbox, tmp_path: Path
) -> None:
    build(tools, made, tmp_path / "app", project)

    bundles = project.bundles()

    assert [bundle["findings"] for bundle in bundles] == [[]] * len(bundles)
    assert bundles


def test_what_the_bundler_called_a_file_is_known_though_its_plugin_names_it_by_its_id(
    project: Project, tools: Toolbox, tmp_path: Path
) -> None:
    build(tools, Build("vite", "11", "node"), tmp_path / "app", project)

    (files,) = (bundle["files"] for bundle in project.bundles())

    assert {"node.mjs", "node.mjs.map"} < {file["builtAs"] for file in files}


@pytest.mark.parametrize("shell", [RUST_3, SENTRY], indirect=True, ids=str)
def test_a_sound_folder_is_found_sound(shell: Shell, deployed: Deployed) -> None:
    shell.inject(deployed.folder)
    shell.upload(deployed.folder)

    assert found(shell.project) == {}


@with_sentry_cli
def test_a_banner_after_injecting_is_found(shell: Shell, deployed: Deployed) -> None:
    shell.inject(deployed.folder)
    script = deployed.built.script()
    script.write_text("/* (c) the shop */\n" + script.read_text())

    shell.upload(deployed.folder)

    assert found(shell.project) == {"mappings_misfit": 1}


@with_sentry_cli
def test_a_snippet_that_was_taken_out_is_found(shell: Shell, deployed: Deployed) -> None:
    shell.inject(deployed.folder)
    scripts = list(deployed.folder.glob("*js"))
    for script in scripts:
        bare, count = SNIPPET.subn("", script.read_text())
        assert count == 1
        script.write_text(bare)

    shell.upload(deployed.folder)

    assert found(shell.project) == {"snippet_missing": len(scripts)}


@with_sentry_cli
def test_maps_without_source_text_are_found(shell: Shell, deployed: Deployed) -> None:
    _change_maps(deployed, lambda source_map: source_map.pop("sourcesContent"))
    shell.inject(deployed.folder)

    # Else it looks for the sources on the disk, and puts them in.
    shell.upload(deployed.folder, "--no-rewrite")

    assert found(shell.project) == {"no_source_text": len(list(deployed.folder.glob("*.map")))}


@with_sentry_cli
def test_two_builds_with_one_id_are_found(shell: Shell, deployed: Deployed) -> None:
    shell.inject(deployed.folder)
    shell.upload(deployed.folder)
    # The ids of files that have them are kept, whatever becomes of their maps.
    _change_maps(deployed, _comment_the_sources)

    shell.upload(deployed.folder)

    assert found(shell.project) == {"debug_id_reused": len(list(deployed.folder.glob("*.map")))}


@with_sentry_cli
def test_a_service_worker_from_before_injecting_is_found(shell: Shell, deployed: Deployed) -> None:
    script = deployed.built.script()
    digest = hashlib.md5(script.read_bytes(), usedforsecurity=False).hexdigest()
    listed = f'precacheAndRoute([{{url:"{script.name}",revision:"{digest}"}}],{{}});'
    (deployed.folder / "sw.js").write_text(listed)
    shell.inject(deployed.folder)

    shell.upload(deployed.folder)

    assert found(shell.project)["service_worker_stale"] == 1


@with_sentry_cli
def test_a_deployed_build_that_is_not_the_uploaded_one_is_found(
    shell: Shell, deployed: Deployed
) -> None:
    second = Deployed.copy_of(deployed.built, deployed.folder.parent / "second", deployed.tools)
    shell.inject(deployed.folder)
    shell.upload(deployed.folder, "--release", RELEASE)
    for script in second.folder.glob("*js"):
        script.write_text(script.read_text().replace("//# source", ";0\n//# source"))
    shell.inject(second.folder)
    sent = second.act(shell.project, "method", "constructed", "native", "callback", "property")
    for event_id in sent.values():
        shell.project.event(event_id)

    release = shell.project.release(RELEASE)

    (trouble,) = release["findings"]
    assert trouble["trouble"] == "built_twice"
    (twin,) = [each for each in trouble["files"] if each["seen"].endswith("node.mjs")] or [None]
    assert twin is not None
    assert twin["uploaded"] == "node.mjs"
    assert twin["seenDebugId"] != twin["uploadedDebugId"]


def _comment_the_sources(source_map: dict[str, Any]) -> None:
    source_map["sourcesContent"] = [f"{text}// new\n" for text in source_map["sourcesContent"]]


def _change_maps(deployed: Deployed, change: Any) -> None:
    for path in deployed.folder.glob("*.map"):
        source_map = json.loads(path.read_text())
        change(source_map)
        path.write_text(json.dumps(source_map))
