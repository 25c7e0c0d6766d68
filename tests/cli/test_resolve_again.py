"""`headwater resolve-again`, beside a server that would do it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from headwater.cli import program
from headwater.storage.events.healings import Kind
from tests.healing_side import HealingSide, healing_side, thrown


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HealingSide]:
    """Two events of one issue."""
    monkeypatch.setenv("HEADWATER_DATA_DIR", str(tmp_path))
    with healing_side(tmp_path) as side:
        side.digest(thrown(1, "a", release="1.0"), thrown(2, "a"))
        yield side


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(program, ["resolve-again", *arguments])
    assert result.exit_code == code, result.output
    return result.output


@pytest.mark.parametrize(
    ("arguments", "kind", "subject", "total"),
    [
        (("--event", f"{1:032x}"), Kind.EVENT, f"{1:032x}", 1),
        (("--issue", "1"), Kind.ISSUE, "1", 2),
        (("--project", "shop"), Kind.PROJECT, "", 2),
        (("--project", "shop", "--release", "1.0"), Kind.RELEASE, "1.0", 2),
    ],
)
def test_it_is_asked_for(
    shop: HealingSide, arguments: tuple[str, ...], kind: Kind, subject: str, total: int
) -> None:
    told = json.loads(run(*arguments, "--json"))

    asked = shop.healings.of(1, kind, subject)
    assert asked is not None
    assert (asked.total, asked.finished_at) == (total, None)
    assert told == {"total": total, "done": 0, "changed": 0, "is_finished": False}


@pytest.mark.usefixtures("shop")
def test_what_is_not_there_has_a_sentence() -> None:
    assert "There is no event" in run("--event", f"{9:032x}", code=1)
    assert "There is no issue 9" in run("--issue", "9", code=1)
    assert "There is no project nowhere" in run("--project", "nowhere", code=1)
    assert "Give one of" in run(code=1)
    assert "Give one of" in run("--issue", "1", "--release", "1.0", code=1)
