"""The manual names everything that there is to name."""

from dataclasses import fields
from pathlib import Path

import pytest

from docs.make_tables import TABLES
from headwater.cli import COMMANDS
from headwater.settings import Settings
from headwater.symbolicate.verdicts import EXPLANATIONS, Verdict

ROOT = Path(__file__).parents[2]
LONGEST_FILE = 400
VAGUE = {"utils", "helpers", "common", "core", "services", "models", "views"}


@pytest.mark.parametrize("knob", fields(Settings), ids=lambda knob: knob.name)
def test_every_setting_is_in_the_manual(knob: object) -> None:
    metadata = getattr(knob, "metadata")  # noqa: B009  # typed as object by parametrize

    manual = (ROOT / "docs/settings.md").read_text()

    assert f"| `{metadata['variable']}` |" in manual
    assert metadata["doc"] in manual


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_is_in_the_manual_with_its_cause_and_remedy(verdict: Verdict) -> None:
    manual = (ROOT / "docs/verdicts.md").read_text()

    assert f"## `{verdict}`" in manual
    assert EXPLANATIONS[verdict].cause in manual
    assert EXPLANATIONS[verdict].remedy in manual


@pytest.mark.parametrize("name", TABLES)
def test_the_tables_are_what_the_code_says_now(name: str) -> None:
    """If this fails: `.venv/bin/python docs/make_tables.py`."""
    assert (ROOT / "docs" / name).read_text() == TABLES[name]()


def test_every_command_is_in_the_manual() -> None:
    manual = (ROOT / "docs/commands.md").read_text()

    assert [name for name in COMMANDS if f"headwater {name}" not in manual] == []


def test_no_file_is_longer_than_a_noun() -> None:
    sources = (ROOT / "src").rglob("*.py")

    long = [str(path) for path in sources if len(path.read_text().splitlines()) > LONGEST_FILE]

    assert long == []


def test_no_package_or_file_has_a_vague_name() -> None:
    names = {path.stem for path in (ROOT / "src").rglob("*")}

    assert names & VAGUE == set()
