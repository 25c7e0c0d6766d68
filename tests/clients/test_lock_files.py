"""The clients' lock files can be installed anywhere."""

import json
from pathlib import Path

import pytest

from tests.clients.toolbox import CLIENTS, DEMO, REACT
from tests.postgresql.server import FOLDER as POSTGRESQL

FOLDERS = [CLIENTS, DEMO, REACT, POSTGRESQL]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_lock_file_names_no_registry(folder: Path) -> None:
    packages = json.loads((folder / "package-lock.json").read_text())["packages"]

    assert [name for name, package in packages.items() if "resolved" in package] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_client_is_pinned(folder: Path) -> None:
    asked = json.loads((folder / "package.json").read_text())
    kinds = ("dependencies", "devDependencies", "optionalDependencies")
    versions = {name: version for kind in kinds for name, version in asked.get(kind, {}).items()}

    assert versions
    assert [name for name, version in versions.items() if not version[-1].isdigit()] == []
    assert [name for name, version in versions.items() if version[0] in "^~*<>"] == []
