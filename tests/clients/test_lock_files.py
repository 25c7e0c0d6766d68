"""The clients' lock files can be installed anywhere."""

import json
from pathlib import Path

import pytest

from tests.clients.toolbox import CLIENTS, DEMO, REACT


@pytest.mark.parametrize("folder", [CLIENTS, DEMO, REACT], ids=lambda folder: folder.name)
def test_a_lock_file_names_no_registry(folder: Path) -> None:
    packages = json.loads((folder / "package-lock.json").read_text())["packages"]

    assert [name for name, package in packages.items() if "resolved" in package] == []


@pytest.mark.parametrize("folder", [CLIENTS, DEMO, REACT], ids=lambda folder: folder.name)
def test_every_client_is_pinned(folder: Path) -> None:
    asked = json.loads((folder / "package.json").read_text())
    versions = {**asked.get("dependencies", {}), **asked["devDependencies"]}

    assert [name for name, version in versions.items() if not version[-1].isdigit()] == []
    assert [name for name, version in versions.items() if version[0] in "^~*<>"] == []
