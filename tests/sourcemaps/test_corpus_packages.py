"""The corpus of the benches can be built anywhere, and is the same everywhere."""

import json
from pathlib import Path

CORPUS = Path(__file__).parents[2] / "bench/corpus"


def test_the_lock_file_names_no_registry() -> None:
    packages = json.loads((CORPUS / "package-lock.json").read_text())["packages"]

    assert [name for name, package in packages.items() if "resolved" in package] == []


def test_every_package_is_pinned() -> None:
    versions = json.loads((CORPUS / "package.json").read_text())["devDependencies"]

    assert [name for name, version in versions.items() if not version[-1].isdigit()] == []
    assert [name for name, version in versions.items() if version[0] in "^~*<>"] == []


def test_the_lock_file_is_of_these_packages() -> None:
    asked = json.loads((CORPUS / "package.json").read_text())["devDependencies"]
    locked = json.loads((CORPUS / "package-lock.json").read_text())["packages"]

    assert locked[""]["devDependencies"] == asked
    assert {name: locked[f"node_modules/{name}"]["version"] for name in asked} == asked
